// Histograms of a network's weights and activations.

import { activations } from "./forward.js";
import { layers } from "./layout.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {{ counts: ArrayLike<number>, low: number, high: number }} Histogram over bins of equal width */

/** As many as the server has for gradients. */
export const BINS = 32;
/** The most multiplications for the activations of one picture. */
const WORK = 2e6;

/**
 * @param {ArrayLike<number>} values
 * @param {number} low
 * @param {number} high above `low`; values beyond either are counted in the outermost bins
 * @returns {Histogram}
 */
export function histogram(values, low, high) {
  const counts = new Uint32Array(BINS);
  const scale = BINS / (high - low);
  for (let k = 0; k < values.length; k += 1) {
    const bin = Math.floor((values[k] - low) * scale);
    counts[Math.max(0, Math.min(BINS - 1, bin))] += 1;
  }
  return { counts, low, high };
}

/** @param {Checkpoint} checkpoint @returns {Histogram[]} of each layer's weights, symmetric about 0 */
export function weightHistograms({ network, parameters }) {
  return layers(network).map(({ weights, biases }) =>
    symmetric(parameters.subarray(weights, biases)),
  );
}

/**
 * @param {Checkpoint} checkpoint
 * @param {import("../net/protocol.js").Points} points of which a large network takes an even sample
 * @returns {{ layers: Histogram[], sampled: number }} of the units' values at the points, from the first
 *   hidden layer to the outputs; and how many points that are
 */
export function activationHistograms(checkpoint, { x, y }) {
  const most = Math.max(1, Math.floor(WORK / checkpoint.parameters.length));
  const every = Math.ceil(x.length / most) || 1;
  const xs = x.filter((_, k) => k % every === 0);
  const ys = y.filter((_, k) => k % every === 0);
  const [, ...values] = activations(checkpoint, xs, ys);
  return { layers: values.map(around), sampled: xs.length };
}

/** @param {Float32Array} values @returns {Histogram} from minus to plus the largest magnitude */
function symmetric(values) {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  return histogram(values, -largest, largest);
}

/** @param {Float32Array} values @returns {Histogram} from the least to the largest, 0 included */
function around(values) {
  const low = values.reduce((least, value) => Math.min(least, value), 0);
  const high = values.reduce((most, value) => Math.max(most, value), 0);
  return histogram(values, low, high > low ? high : low + 1);
}
