// Which of a network's weights are drawn as edges, and how strongly.

import { layers } from "../model/layout.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */

/**
 * The weight from unit `from` of a layer to unit `to` of the next one.
 * @typedef {{ layer: number, from: number, to: number, weight: number }} Edge
 */

/** The most edges that are drawn: more cannot be told apart, and take too long. */
export const MOST_EDGES = 600;
const BINS = 256;
const ROUNDS = 2;

/**
 * All edges if there are few enough; otherwise the strongest, an equal share for each layer.
 * @param {Checkpoint} checkpoint
 * @param {number} [most]
 * @returns {Edge[]}
 */
export function strongestEdges({ network, parameters }, most = MOST_EDGES) {
  const shapes = layers(network);
  const total = shapes.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  const share = total <= most ? total : Math.floor(most / shapes.length);
  return shapes.flatMap(({ inputs, outputs, weights }, layer) => {
    const end = weights + inputs * outputs;
    const least = threshold(parameters.subarray(weights, end), share);
    /** @type {Edge[]} */
    const edges = [];
    for (let at = weights; at < end && edges.length < share; at += 1) {
      const weight = parameters[at];
      if (Math.abs(weight) < least) continue;
      const from = (at - weights) % inputs;
      edges.push({ layer, from, to: (at - weights - from) / inputs, weight });
    }
    return total <= most ? edges : [...edges, ...lonely(parameters, edges, layer, shapes[layer])];
  });
}

/**
 * The strongest weight into each unit that has none among the edges, such as one that was just added.
 * @param {Float32Array} parameters
 * @param {readonly Edge[]} edges
 * @param {number} layer
 * @param {import("../model/layout.js").Layer} shape
 * @returns {Edge[]}
 */
function lonely(parameters, edges, layer, { inputs, outputs, weights }) {
  const reached = new Set(edges.map(({ to }) => to));
  /** @type {Edge[]} */
  const more = [];
  for (let to = 0; to < outputs; to += 1) {
    if (reached.has(to)) continue;
    const row = parameters.subarray(weights + to * inputs, weights + (to + 1) * inputs);
    let from = 0;
    for (let k = 1; k < inputs; k += 1) if (Math.abs(row[k]) > Math.abs(row[from])) from = k;
    more.push({ layer, from, to, weight: row[from] });
  }
  return more;
}

/**
 * Every edge into and out of one unit.
 * @param {Checkpoint} checkpoint
 * @param {number} layer
 * @param {number} unit
 * @returns {Edge[]}
 */
export function edgesOf({ network, parameters }, layer, unit) {
  const shapes = layers(network);
  /** @type {Edge[]} */
  const edges = [];
  if (layer > 0) {
    const { inputs, weights } = shapes[layer - 1];
    for (let from = 0; from < inputs; from += 1) {
      const weight = parameters[weights + unit * inputs + from];
      edges.push({ layer: layer - 1, from, to: unit, weight });
    }
  }
  if (layer < shapes.length) {
    const { inputs, outputs, weights } = shapes[layer];
    for (let to = 0; to < outputs; to += 1) {
      edges.push({ layer, from: unit, to, weight: parameters[weights + to * inputs + unit] });
    }
  }
  return edges;
}

/**
 * The magnitude that about `keep` of the weights reach; more only if many are equal. Found by counting
 * in bins, then in finer bins within the one that holds the limit: sorting all weights for every
 * frame would take longer than drawing.
 * @param {Float32Array} weights
 * @param {number} keep
 */
function threshold(weights, keep) {
  if (weights.length <= keep) return 0;
  let high = 0;
  for (const weight of weights) high = Math.max(high, Math.abs(weight));
  let low = 0;
  let room = keep;
  const counts = new Uint32Array(BINS);
  for (let round = 0; round < ROUNDS && high > low; round += 1) {
    const scale = BINS / (high - low);
    counts.fill(0);
    for (const weight of weights) {
      const bin = Math.floor((Math.abs(weight) - low) * scale);
      // The largest magnitude lies on the upper border.
      if (bin >= 0 && bin <= BINS) counts[Math.min(bin, BINS - 1)] += 1;
    }
    let bin = BINS - 1;
    while (bin > 0 && counts[bin] <= room) {
      room -= counts[bin];
      bin -= 1;
    }
    high = low + (bin + 1) / scale;
    low += bin / scale;
  }
  return room > 0 && room === keep ? low : high;
}

/**
 * The strength at which a weight is drawn, 0 to 1: nearly proportional for usual weights, and at most
 * 1 for any.
 * @param {number} weight
 */
export function strength(weight) {
  return Math.tanh(Math.abs(weight) / 3);
}
