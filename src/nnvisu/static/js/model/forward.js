// The forward pass that pictures are made from: the engine's network, dropout off, evaluated in
// blocks of positions that stay in cache. Values are unit-major: one row of BLOCK positions for
// each unit, so that the inner loops run over positions. Figures come from logits.js.

import { ACTIVATIONS } from "./activations.js";
import { exp } from "./approximations.js";
import { FEATURES } from "./features.js";
import { isRegression, layers, sizes } from "./layout.js";

/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */

/** @typedef {import("./features.js").Positions} Positions */
/** @typedef {import("./layout.js").Layer} Layer */

/** Positions evaluated together. */
export const BLOCK = 128;

/**
 * The scratch memory and the loops for one network; they serve all of its checkpoints.
 *
 * `run` evaluates `count` positions from `start` on, up to and including layer `depth` (0: the
 * inputs; the last: the class probabilities, or the value). It leaves every layer's values in
 * `values`: those of unit j of layer l begin at `values[l][j * BLOCK]`.
 * @param {Network} network
 */
export function createForward(network) {
  const shapes = layers(network);
  const { apply } = ACTIVATIONS[network.activation];
  const values = sizes(network).map((units) => new Float64Array(units * BLOCK));
  const inputs = network.features.map((name, j) => {
    const row = values[0].subarray(j * BLOCK, (j + 1) * BLOCK);
    return { row, fill: FEATURES[name].fill };
  });

  return {
    values,

    /**
     * @param {Float32Array} parameters
     * @param {Positions} positions
     * @param {number} start
     * @param {number} count at most BLOCK
     * @param {number} [depth]
     */
    run(parameters, positions, start, count, depth = shapes.length) {
      for (const { row, fill } of inputs) fill(row, positions, start, count);
      for (let l = 0; l < depth; l += 1) {
        multiply(shapes[l], parameters, values[l], values[l + 1], count);
        if (l + 1 < shapes.length) apply(values[l + 1], shapes[l].outputs * BLOCK);
        else if (!isRegression(network)) softmax(values[l + 1], shapes[l].outputs, count);
      }
    },
  };
}

/**
 * out = W a + b, two units by four inputs a pass, which saves loads and stores. The weight of a
 * unit or input that the layer does not have is zero.
 * @param {Layer} layer
 * @param {Float32Array} parameters
 * @param {Float64Array} a (inputs, BLOCK)
 * @param {Float64Array} out (outputs, BLOCK)
 * @param {number} count positions
 */
function multiply({ inputs, outputs, weights, biases }, parameters, a, out, count) {
  for (let j = 0; j < outputs; j += 1) {
    out.fill(parameters[biases + j], j * BLOCK, (j + 1) * BLOCK);
  }
  for (let j = 0; j < outputs; j += 2) {
    const paired = j + 1 < outputs;
    const to = j * BLOCK;
    const too = paired ? to + BLOCK : to;
    for (let i = 0; i < inputs; i += 4) {
      const has1 = i + 1 < inputs;
      const has2 = i + 2 < inputs;
      const has3 = i + 3 < inputs;
      const from = i * BLOCK;
      const from1 = has1 ? from + BLOCK : from;
      const from2 = has2 ? from + 2 * BLOCK : from;
      const from3 = has3 ? from + 3 * BLOCK : from;
      const w = weights + j * inputs + i;
      const v = w + inputs;
      const w0 = parameters[w];
      const w1 = has1 ? parameters[w + 1] : 0;
      const w2 = has2 ? parameters[w + 2] : 0;
      const w3 = has3 ? parameters[w + 3] : 0;
      const v0 = paired ? parameters[v] : 0;
      const v1 = paired && has1 ? parameters[v + 1] : 0;
      const v2 = paired && has2 ? parameters[v + 2] : 0;
      const v3 = paired && has3 ? parameters[v + 3] : 0;
      for (let k = 0; k < count; k += 1) {
        const a0 = a[from + k];
        const a1 = a[from1 + k];
        const a2 = a[from2 + k];
        const a3 = a[from3 + k];
        out[to + k] += w0 * a0 + w1 * a1 + (w2 * a2 + w3 * a3);
        out[too + k] += v0 * a0 + v1 * a1 + (v2 * a2 + v3 * a3);
      }
    }
  }
}

/**
 * Logits to probabilities, in place.
 * @param {Float64Array} values (classes, BLOCK)
 * @param {number} classes
 * @param {number} count positions
 */
function softmax(values, classes, count) {
  const end = classes * BLOCK;
  for (let k = 0; k < count; k += 1) {
    let largest = values[k];
    for (let at = k + BLOCK; at < end; at += BLOCK) largest = Math.max(largest, values[at]);
    let sum = 0;
    for (let at = k; at < end; at += BLOCK) {
      const power = exp(values[at] - largest);
      values[at] = power;
      sum += power;
    }
    const share = 1 / sum;
    for (let at = k; at < end; at += BLOCK) values[at] *= share;
  }
}

/**
 * The class probabilities, or the value, at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array} (outputs, n)
 */
export function predict(checkpoint, xs, ys) {
  return /** @type {Float32Array} */ (activations(checkpoint, xs, ys).at(-1));
}

/**
 * Every unit's value at some positions.
 * @param {Checkpoint} checkpoint
 * @param {Float32Array} xs (n,) in data units
 * @param {Float32Array} ys (n,)
 * @returns {Float32Array[]} for each layer, inputs and outputs included, (units, n)
 */
export function activations({ network, parameters }, xs, ys) {
  const n = xs.length;
  const forward = createForward(network);
  const result = sizes(network).map((units) => new Float32Array(units * n));
  for (let start = 0; start < n; start += BLOCK) {
    const count = Math.min(BLOCK, n - start);
    forward.run(parameters, { xs, ys }, start, count);
    for (const [l, layer] of result.entries()) {
      for (let j = 0; j * n < layer.length; j += 1) {
        const row = forward.values[l].subarray(j * BLOCK, j * BLOCK + count);
        layer.set(row, j * n + start);
      }
    }
  }
  return result;
}
