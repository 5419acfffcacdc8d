// All colours are defined here: those of the classes (with names and markers), the map and the
// weights.

/** @typedef {readonly [number, number, number]} Rgb Red, green, blue, 0 to 255 in sRGB. */

/**
 * @typedef {object} ClassStyle
 * @property {string} name the colour's name
 * @property {string} colour a CSS colour
 * @property {string} marker the marker's name
 */

/** Labels 0 to 9. @type {readonly ClassStyle[]} */
export const CLASSES = Object.freeze([
  { name: "blue", colour: "#4e79a7", marker: "circle" },
  { name: "orange", colour: "#f28e2b", marker: "square" },
  { name: "red", colour: "#e15759", marker: "triangle" },
  { name: "teal", colour: "#76b7b2", marker: "diamond" },
  { name: "green", colour: "#59a14f", marker: "inverted triangle" },
  { name: "yellow", colour: "#edc948", marker: "cross" },
  { name: "purple", colour: "#b07aa1", marker: "plus" },
  { name: "pink", colour: "#ff9da7", marker: "star" },
  { name: "brown", colour: "#9c755f", marker: "hourglass" },
  { name: "grey", colour: "#7f7f7f", marker: "hexagon" },
]);

/** How the map shows the classes' probabilities. @typedef {"confidence" | "mix" | "discrete"} Colouring */
/** @type {readonly Colouring[]} */
export const COLOURINGS = Object.freeze(["confidence", "mix", "discrete"]);

/** The map's background in the light and in the dark theme. */
const PAPER = { light: rgb("#ffffff"), dark: rgb("#1c1f26") };
/** What doubt looks like on the map. */
const DOUBT = { light: rgb("#eef0f3"), dark: rgb("#1c1f26") };
/** The share of a class's colour on the map; the rest is background, so that points stand out. */
const SHARE = { light: 0.72, dark: 0.62 };

const NEGATIVE = rgb("#f28e2b");
const ZERO = { light: rgb("#eef0f4"), dark: rgb("#2a2e37") };
const POSITIVE = rgb("#4e79a7");
/** In the dark theme, a line must be lighter than the map's blue to be visible. */
const POSITIVE_LINE = { light: POSITIVE, dark: rgb("#6f9fd8") };

/** @param {string} hex `#rrggbb` @returns {Rgb} */
export function rgb(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/**
 * @param {Rgb} colour
 * @param {number} [alpha] 0 to 1
 * @returns {string} a CSS colour
 */
export function css([red, green, blue], alpha = 1) {
  return `rgb(${Math.round(red)} ${Math.round(green)} ${Math.round(blue)} / ${alpha})`;
}

/**
 * The linear interpolation between two colours in sRGB.
 * @param {Rgb} a
 * @param {Rgb} b
 * @param {number} share of b, 0 to 1
 * @returns {Rgb}
 */
export function mix(a, b, share) {
  return [a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share];
}

/** The map's background. @param {boolean} dark @returns {Rgb} */
export function paper(dark) {
  return dark ? PAPER.dark : PAPER.light;
}

/** The colour of a place where every class is as probable as another. @param {boolean} dark @returns {Rgb} */
export function doubtColour(dark) {
  return dark ? DOUBT.dark : DOUBT.light;
}

/**
 * A class's colour on the map.
 * @param {number} label
 * @param {boolean} dark
 * @returns {Rgb} not rounded
 */
export function mapColour(label, dark) {
  const share = dark ? SHARE.dark : SHARE.light;
  return mix(paper(dark), rgb(CLASSES[label].colour), share);
}

/**
 * The colour of a neuron's or a point's value: orange at -1, neutral at 0, blue at 1.
 * @param {number} value
 * @param {boolean} dark
 * @returns {Rgb}
 */
export function valueColour(value, dark) {
  const zero = dark ? ZERO.dark : ZERO.light;
  const strength = Math.min(1, Math.abs(value));
  return mix(zero, value < 0 ? NEGATIVE : POSITIVE, strength);
}

/**
 * The colour of a value on the map: paler than a point of that value, so that the point stands out.
 * @param {number} value
 * @param {boolean} dark
 * @returns {Rgb} not rounded
 */
export function mapValueColour(value, dark) {
  return mix(paper(dark), valueColour(value, dark), dark ? SHARE.dark : SHARE.light);
}

/** A line that is visible on every map colour. @param {boolean} dark */
export function mapLine(dark) {
  return dark ? "#f4f6fa" : "#39404c";
}

/**
 * The colour scale of the values -1 to 1, as a CSS gradient.
 * @param {boolean} dark
 * @param {(value: number, dark: boolean) => Rgb} [colour]
 */
export function valueScale(dark, colour = valueColour) {
  return `linear-gradient(to right, ${[-1, 0, 1].map((value) => css(colour(value, dark))).join(", ")})`;
}

/**
 * The colour of a weight's line, by the weight's sign.
 * @param {number} weight
 * @param {boolean} dark
 * @returns {Rgb}
 */
export function signColour(weight, dark) {
  if (weight < 0) return NEGATIVE;
  return dark ? POSITIVE_LINE.dark : POSITIVE_LINE.light;
}

/**
 * The corners of a regular polygon or star around the origin.
 * @param {number} corners
 * @param {number} turn the angle of the first corner, in turns from the positive x axis
 * @param {number[]} radii of the corners, repeated cyclically
 * @returns {number[][]}
 */
function around(corners, turn, radii) {
  return Array.from({ length: corners }, (_, k) => {
    const angle = 2 * Math.PI * (turn + k / corners);
    const radius = radii[k % radii.length];
    return [radius * Math.cos(angle), radius * Math.sin(angle)];
  });
}

/** The marker of a point with a value: a circle. */
export const VALUE_MARKER = 0;
/** The marker of every test point: a diamond. */
export const TEST_MARKER = 3;

/** A plus whose arms are 0.72 of the unit radius wide. */
const PLUS = [
  [-0.36, -1.1],
  [0.36, -1.1],
  [0.36, -0.36],
  [1.1, -0.36],
  [1.1, 0.36],
  [0.36, 0.36],
  [0.36, 1.1],
  [-0.36, 1.1],
  [-0.36, 0.36],
  [-1.1, 0.36],
  [-1.1, -0.36],
  [-0.36, -0.36],
];

/**
 * Corners for the unit radius, y down; scaled by eye so that all markers look about equally large.
 * @type {Record<string, number[][]>}
 */
const POLYGONS = {
  square: [
    [-0.88, -0.88],
    [0.88, -0.88],
    [0.88, 0.88],
    [-0.88, 0.88],
  ],
  triangle: [
    [0, -1.12],
    [1.14, 0.86],
    [-1.14, 0.86],
  ],
  diamond: around(4, 0.25, [1.22]),
  "inverted triangle": [
    [0, 1.12],
    [-1.14, -0.86],
    [1.14, -0.86],
  ],
  cross: PLUS.map(([x, y]) => [(x - y) * Math.SQRT1_2, (x + y) * Math.SQRT1_2]),
  plus: PLUS,
  star: around(10, -0.25, [1.32, 0.58]),
  hourglass: [
    [-1, -1.1],
    [1, -1.1],
    [0.3, 0],
    [1, 1.1],
    [-1, 1.1],
    [-0.3, 0],
  ],
  hexagon: around(6, 0, [1.16]),
};

/**
 * A class's marker around the origin, as an SVG path; a canvas draws it as `new Path2D(path)`.
 * @param {number} label
 * @param {number} radius in the drawing's units
 * @returns {string}
 */
export function markerPath(label, radius) {
  const polygon = POLYGONS[CLASSES[label].marker];
  if (polygon === undefined) {
    const r = round(radius);
    return `M${-r} 0A${r} ${r} 0 1 0 ${r} 0A${r} ${r} 0 1 0 ${-r} 0Z`;
  }
  return `M${polygon.map(([x, y]) => `${round(x * radius)} ${round(y * radius)}`).join("L")}Z`;
}

/** @param {number} value */
function round(value) {
  return Math.round(value * 1000) / 1000;
}
