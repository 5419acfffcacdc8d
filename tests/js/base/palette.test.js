import assert from "node:assert/strict";
import { test } from "node:test";

import {
  CLASSES,
  css,
  mapColour,
  mapValueColour,
  markerPath,
  mix,
  rgb,
  signColour,
  valueColour,
  mapLine,
} from "../../../src/nnvisu/static/js/base/palette.js";

test("all ten classes have different colours, names and markers", () => {
  assert.equal(CLASSES.length, 10);
  for (const property of /** @type {const} */ (["colour", "name", "marker"])) {
    assert.equal(new Set(CLASSES.map((style) => style[property])).size, 10);
  }
  assert.deepEqual(
    CLASSES.slice(0, 3).map(({ name }) => name),
    ["blue", "orange", "red"],
  );
  assert.equal(new Set(CLASSES.map((_, label) => markerPath(label, 5))).size, 10);
});

test("a map colour is the class's at 72 % over white, at 62 % over the dark card", () => {
  const [red, green, blue] = mapColour(0, false);
  assert.ok(Math.abs(red - (0.72 * 0x4e + 0.28 * 255)) < 1e-9);
  assert.ok(Math.abs(green - (0.72 * 0x79 + 0.28 * 255)) < 1e-9);
  assert.ok(Math.abs(blue - (0.72 * 0xa7 + 0.28 * 255)) < 1e-9);
  assert.ok(Math.abs(mapColour(1, true)[0] - (0.62 * 0xf2 + 0.38 * 0x1c)) < 1e-9);
});

test("mixing two colours in equal parts gives the arithmetic mean", () => {
  assert.deepEqual(mix([0, 100, 255], [10, 50, 255], 0.5), [5, 75, 255]);
});

test("the colour scale of values runs from orange to blue and is clamped at its ends", () => {
  for (const dark of [false, true]) {
    assert.deepEqual(valueColour(-1, dark), rgb("#f28e2b"));
    assert.deepEqual(valueColour(1, dark), rgb("#4e79a7"));
    assert.deepEqual(valueColour(5, dark), valueColour(1, dark));
    const [red, green, blue] = valueColour(0, dark);
    assert.ok(Math.max(red, green, blue) - Math.min(red, green, blue) < 16);
  }
  assert.deepEqual(signColour(-0.1, true), rgb("#f28e2b"));
  assert.deepEqual(signColour(0.1, false), rgb("#4e79a7"));
});

/** WCAG's relative luminance. @param {readonly number[]} colour */
function luminance(colour) {
  const [red, green, blue] = colour
    .map((channel) => channel / 255)
    .map((share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("the rim of a point with a value has enough contrast on every map colour", () => {
  for (const dark of [false, true]) {
    const rim = luminance(rgb(mapLine(dark)));
    for (let value = -1; value <= 1; value += 0.1) {
      const map = luminance(mapValueColour(value, dark));
      const contrast = (Math.max(rim, map) + 0.05) / (Math.min(rim, map) + 0.05);
      assert.ok(contrast >= 3, `${value.toFixed(1)}, ${dark ? "dark" : "light"}: ${contrast}`);
    }
  }
});

test("colours are written as CSS", () => {
  assert.equal(css(rgb("#f28e2b")), "rgb(242 142 43 / 1)");
  assert.equal(css([0.4, 1.6, 255], 0.5), "rgb(0 2 255 / 0.5)");
});

test("markers surround the origin, scale with their radius, and have about equal areas", () => {
  for (const [label, { marker }] of CLASSES.entries()) {
    const path = markerPath(label, 10);
    assert.match(path, /^M[-0-9.LA ]+Z$/);
    if (marker === "circle") continue;
    const corners = path
      .slice(1, -1)
      .split("L")
      .map((corner) => corner.split(" ").map(Number));
    const small = markerPath(label, 1).slice(1, -1).split("L")[0].split(" ").map(Number);
    assert.ok(Math.abs(corners[0][0] - 10 * small[0]) < 0.01);
    const area = corners.reduce((sum, [x, y], k) => {
      const [u, v] = corners[(k + 1) % corners.length];
      return sum + (x * v - u * y) / 2;
    }, 0);
    const share = Math.abs(area) / (Math.PI * 100);
    assert.ok(share > 0.6 && share < 1.2, `${marker}: ${share} of the circle`);
    for (const [x, y] of corners) assert.ok(Math.hypot(x, y) <= 15, marker);
  }
});
