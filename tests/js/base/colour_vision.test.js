// How well the map's colours can be told apart, also with a colour vision deficiency.
//
// The deficiencies are those of Machado, Oliveira and Fernandes, "A physiologically-based model for
// simulation of color vision deficiency", IEEE TVCG 15, 2009, at full severity. The difference is CIEDE2000:
// Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula", Color Research and Application 30, 2005.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { CLASSES, mapColour } from "../../../src/nnvisu/static/js/base/palette.js";

/** Below this difference two regions are hard to tell apart. */
const CLEAR = 8;

/** @type {Record<string, number[][]>} */
const VISIONS = {
  "full colour vision": [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

/** @param {number[][]} matrix @param {number[]} vector */
const times = (matrix, vector) =>
  matrix.map((row) => row.reduce((sum, factor, k) => sum + factor * vector[k], 0));

/** @param {readonly number[]} colour in sRGB, 0 to 255 @param {number[][]} vision @returns {number[]} CIELAB, D65 */
function lab(colour, vision) {
  const linear = colour
    .map((channel) => channel / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  const seen = times(vision, linear).map((share) => Math.max(0, Math.min(1, share)));
  const xyz = times(
    [
      [0.4124564, 0.3575761, 0.1804375],
      [0.2126729, 0.7151522, 0.072175],
      [0.0193339, 0.119192, 0.9503041],
    ],
    seen,
  );
  const [x, y, z] = [xyz[0] / 0.95047, xyz[1], xyz[2] / 1.08883].map((t) =>
    t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29,
  );
  return [116 * y - 16, 500 * (x - y), 200 * (y - z)];
}

/** CIEDE2000. @param {number[]} one in CIELAB @param {number[]} other */
function difference([l1, a1, b1], [l2, a2, b2]) {
  const radians = Math.PI / 180;
  const chroma = (Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2;
  const g = 0.5 * (1 - Math.sqrt(chroma ** 7 / (chroma ** 7 + 25 ** 7)));
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const angle = (/** @type {number} */ b, /** @type {number} */ a) =>
    b === 0 && a === 0 ? 0 : (Math.atan2(b, a) / radians + 360) % 360;
  const [h1, h2] = [angle(b1, p1), angle(b2, p2)];
  const turn = c1 * c2 === 0 ? 0 : ((h2 - h1 + 540) % 360) - 180;
  const dh = 2 * Math.sqrt(c1 * c2) * Math.sin((turn / 2) * radians);
  const l = (l1 + l2) / 2;
  const c = (c1 + c2) / 2;
  const h = c1 * c2 === 0 ? h1 + h2 : (h1 + turn / 2 + 360) % 360;
  const cos = (/** @type {number} */ degrees) => Math.cos(degrees * radians);
  const t =
    1 - 0.17 * cos(h - 30) + 0.24 * cos(2 * h) + 0.32 * cos(3 * h + 6) - 0.2 * cos(4 * h - 63);
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
  const sc = 1 + 0.045 * c;
  const sh = 1 + 0.015 * c * t;
  const rotation =
    -2 *
    Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7)) *
    Math.sin(60 * radians * Math.exp(-(((h - 275) / 25) ** 2)));
  const [dl, dc, dhue] = [(l2 - l1) / sl, (c2 - c1) / sc, dh / sh];
  return Math.sqrt(dl ** 2 + dc ** 2 + dhue ** 2 + rotation * dc * dhue);
}

test("the difference of colours is that of its authors' table", () => {
  /** @type {[number[], number[], number][]} */
  const table = [
    [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
    [[50, 2.5, 0], [73, 25, -18], 27.1492],
    [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
    [[22.7233, 20.0904, -46.694], [23.0331, 14.973, -42.5619], 2.0373],
    [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
  ];
  for (const [one, other, expected] of table) {
    assert.ok(Math.abs(difference(one, other) - expected) < 1e-4);
  }
});

/** @returns {string[]} the rows of the document's table */
function hardPairs() {
  const rows = [];
  for (const [vision, matrix] of Object.entries(VISIONS)) {
    for (const dark of [false, true]) {
      const colours = CLASSES.map((_, label) => lab(mapColour(label, dark), matrix));
      const pairs = colours.flatMap((one, a) =>
        colours.flatMap((other, b) => {
          const apart = a < b ? difference(one, other) : Infinity;
          return apart < CLEAR ? [`${a + 1} and ${b + 1} (${apart.toFixed(1)})`] : [];
        }),
      );
      rows.push(`| ${vision} | ${dark ? "dark" : "light"} | ${pairs.join(", ") || "none"} |`);
    }
  }
  return rows;
}

test("the pairs of classes that are hard to tell apart by colour are documented", () => {
  const document = readFileSync(new URL("../../../docs/colours.md", import.meta.url), "utf8");
  for (const row of hardPairs()) assert.ok(document.includes(row), row);
});

test("with full colour vision every pair of classes can be told apart", () => {
  for (const row of hardPairs().slice(0, 2)) assert.match(row, /none \|$/);
});
