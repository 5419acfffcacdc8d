// The input features: every function of a position that the first layer can take.

/** @typedef {{ xs: Float32Array, ys: Float32Array }} Positions In data units. */

/**
 * One feature, for the processor and for a shader.
 * @typedef {object} Feature
 * @property {string} label as the page shows it
 * @property {(row: Float64Array, positions: Positions, start: number, count: number) => void} fill
 *   writes the values at `count` positions from `start` on to the beginning of `row`
 * @property {string} glsl an expression of `vec2 p`
 */

/**
 * By name, in the wire's order, which is the order of a network's inputs.
 * @type {Readonly<Record<string, Feature>>}
 */
export const FEATURES = {
  x: {
    label: "x",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k];
    },
    glsl: "p.x",
  },
  y: {
    label: "y",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = ys[start + k];
    },
    glsl: "p.y",
  },
  x_squared: {
    label: "x²",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k] * xs[start + k];
    },
    glsl: "p.x * p.x",
  },
  y_squared: {
    label: "y²",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = ys[start + k] * ys[start + k];
    },
    glsl: "p.y * p.y",
  },
  x_times_y: {
    label: "xy",
    fill(row, { xs, ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = xs[start + k] * ys[start + k];
    },
    glsl: "p.x * p.y",
  },
  sin_x: {
    label: "sin πx",
    fill(row, { xs }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = Math.sin(Math.PI * xs[start + k]);
    },
    glsl: `sine(vec4(${Math.PI} * p.x)).x`,
  },
  sin_y: {
    label: "sin πy",
    fill(row, { ys }, start, count) {
      for (let k = 0; k < count; k += 1) row[k] = Math.sin(Math.PI * ys[start + k]);
    },
    glsl: `sine(vec4(${Math.PI} * p.y)).x`,
  },
};
