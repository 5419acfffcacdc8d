import { parameterCount } from "../../../src/nnvisu/static/js/model/layout.js";

/** The fields that most networks of these tests share. */
export const PLAIN = { features: ["x", "y"], initialiser: "glorot_uniform" };

/**
 * @param {number[]} hidden_layers
 * @param {number[]} classes
 * @param {string} activation
 */
export function checkpoint(hidden_layers, classes, activation) {
  const network = { hidden_layers, classes, activation, ...PLAIN };
  return {
    network,
    parameters: Float32Array.from({ length: parameterCount(network) }, (_, k) => Math.sin(3 * k)),
    optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    step: 0,
    epoch: 0,
    seed: 0,
    position: 0,
  };
}

/** The activations' textbook definitions. @type {Record<string, (z: number) => number>} */
export const RULES = {
  tanh: Math.tanh,
  relu: (z) => (z > 0 ? z : 0),
  leaky_relu: (z) => (z > 0 ? z : 0.01 * z),
  gelu: (z) => 0.5 * z * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))),
  sigmoid: (z) => 1 / (1 + Math.exp(-z)),
  silu: (z) => z / (1 + Math.exp(-z)),
  sine: (z) => Math.sin(z),
  linear: (z) => z,
};
