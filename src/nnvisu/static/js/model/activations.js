// The activations: everything that the page knows of each, in one table.

import { tanh } from "./approximations.js";
import { fma, hyperbolicTangent, sine } from "./float32.js";

/**
 * One activation. `apply` and `glsl` are for pictures, `exact` for figures.
 * @typedef {object} Activation
 * @property {string} label as the page shows it
 * @property {(values: Float64Array, end: number) => void} apply in place, to the first `end` values
 * @property {(z: number) => number} exact float32 to float32, with the engine's bits
 * @property {string} glsl an expression of `vec4 z`
 * @property {boolean} bounded whether its values lie in [-1, 1]
 * @property {boolean} saturates whether it is flat where |z| is large, and nowhere else
 */

const LEAK = 0.01;
const GELU_SCALE = Math.sqrt(2 / Math.PI);
const GELU_CUBIC = 0.044715;

const { fround } = Math;
const LEAK_32 = fround(LEAK);
const GELU_SCALE_32 = fround(GELU_SCALE);
const GELU_CUBIC_32 = fround(GELU_CUBIC);

/** By name, in the wire's order. @type {Readonly<Record<string, Activation>>} */
export const ACTIVATIONS = {
  tanh: {
    label: "Tanh",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = tanh(values[k]);
    },
    exact: hyperbolicTangent,
    glsl: "tanh(clamp(z, -10.0, 10.0))",
    bounded: true,
    saturates: true,
  },
  relu: {
    label: "ReLU",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.max(0, values[k]);
    },
    exact: (z) => Math.max(0, z),
    glsl: "max(z, 0.0)",
    bounded: false,
    saturates: false,
  },
  leaky_relu: {
    label: "Leaky ReLU",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.max(LEAK * values[k], values[k]);
    },
    exact: (z) => Math.max(fround(LEAK_32 * z), z),
    glsl: `max(${LEAK} * z, z)`,
    bounded: false,
    saturates: false,
  },
  gelu: {
    label: "GELU",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) {
        const z = values[k];
        values[k] = 0.5 * z * (1 + tanh(GELU_SCALE * z * (1 + GELU_CUBIC * z * z)));
      }
    },
    exact(z) {
      const inner = fround(GELU_SCALE_32 * fma(fround(GELU_CUBIC_32 * fround(z * z)), z, z));
      return fround(fround(0.5 * z) * fround(1 + hyperbolicTangent(inner)));
    },
    glsl:
      `0.5 * z * (1.0 + tanh(clamp(${GELU_SCALE} * z * (1.0 + ${GELU_CUBIC} * z * z),` +
      ` -10.0, 10.0)))`,
    bounded: false,
    saturates: false,
  },
  sigmoid: {
    label: "Sigmoid",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = 0.5 + 0.5 * tanh(0.5 * values[k]);
    },
    exact: sigmoid,
    glsl: "0.5 + 0.5 * tanh(clamp(0.5 * z, -10.0, 10.0))",
    bounded: true,
    saturates: true,
  },
  silu: {
    label: "SiLU",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) {
        const z = values[k];
        values[k] = z * (0.5 + 0.5 * tanh(0.5 * z));
      }
    },
    exact: (z) => fround(z * sigmoid(z)),
    glsl: "z * (0.5 + 0.5 * tanh(clamp(0.5 * z, -10.0, 10.0)))",
    bounded: false,
    saturates: false,
  },
  sine: {
    label: "Sine",
    apply(values, end) {
      for (let k = 0; k < end; k += 1) values[k] = Math.sin(values[k]);
    },
    exact: sine,
    glsl: "sine(z)",
    bounded: true,
    saturates: false,
  },
  linear: {
    label: "Linear",
    apply() {},
    exact: (z) => z,
    glsl: "z",
    bounded: false,
    saturates: false,
  },
};

/** @param {number} z float32 */
function sigmoid(z) {
  return fma(0.5, hyperbolicTangent(fround(0.5 * z)), 0.5);
}
