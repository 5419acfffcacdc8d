// The forward pass that figures are made from: the engine's, in the engine's float32 arithmetic.
// It is slower than the one that pictures are made from (forward.js).

import { ACTIVATIONS } from "./activations.js";
import { FEATURES } from "./features.js";
import { layers } from "./layout.js";

/**
 * The output units' values: logits, or for regression the value.
 * @param {import("../net/protocol.js").Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array} (outputs, n), row-major
 */
export function logits({ network, parameters }, xs, ys) {
  const n = xs.length;
  const shapes = layers(network);
  const { exact } = ACTIVATIONS[network.activation];
  let values = inputs(network.features, xs, ys);
  for (const [depth, layer] of shapes.entries()) {
    values = multiply(layer, parameters, values, n);
    if (depth + 1 < shapes.length) values = values.map(exact);
  }
  return values;
}

/**
 * @param {readonly string[]} features
 * @param {Float32Array} xs (n,)
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array} (features, n)
 */
function inputs(features, xs, ys) {
  const n = xs.length;
  const values = new Float32Array(features.length * n);
  const row = new Float64Array(n);
  for (const [j, name] of features.entries()) {
    FEATURES[name].fill(row, { xs, ys }, 0, n);
    values.set(row, j * n);
  }
  return values;
}

/**
 * W a + b, the products added to b in the order of the inputs. Storing into a Float32Array rounds
 * each sum once: a fused multiply-add, as in float32.js.
 * @param {import("./layout.js").Layer} layer
 * @param {Float32Array} parameters
 * @param {Float32Array} a (inputs, n)
 * @param {number} n
 * @returns {Float32Array} (outputs, n)
 */
function multiply({ inputs: count, outputs, weights, biases }, parameters, a, n) {
  const sums = new Float32Array(outputs * n);
  for (let j = 0; j < outputs; j += 1) {
    const to = j * n;
    sums.fill(parameters[biases + j], to, to + n);
    for (let i = 0; i < count; i += 1) {
      const weight = parameters[weights + j * count + i];
      const from = i * n;
      for (let k = 0; k < n; k += 1) sums[to + k] += weight * a[from + k];
    }
  }
  return sums;
}
