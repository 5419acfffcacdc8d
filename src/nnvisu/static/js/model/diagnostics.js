// Remarks on the statistics of a network's layers: what is unusual, as a sentence for the page.

import { ACTIVATIONS } from "./activations.js";
import { sizes } from "./layout.js";

/** @typedef {import("../net/protocol.js").LayerStatistics} LayerStatistics */
/** @typedef {"weight_norm" | "gradient_norm" | "dead" | "saturated"} Quantity */
/** @typedef {{ layer: number, quantity: Quantity, text: string }} Remark */

/** A gradient this many times smaller or larger than the output layer's gets a remark. */
const FAR = 1000;
/** The share of saturated units and points above which a layer gets a remark. */
const MANY = 0.5;

/**
 * @param {import("../net/protocol.js").Network} network
 * @returns {string[]} the names of its layers of weights, from the first on
 */
export function layerNames(network) {
  const layers = sizes(network).length - 1;
  return Array.from({ length: layers }, (_, layer) =>
    layer === layers - 1 ? "Output" : `Hidden ${layer + 1}`,
  );
}

/**
 * @param {import("../net/protocol.js").Network} network
 * @param {readonly LayerStatistics[]} layers the statistics of each layer of weights
 * @returns {Remark[]} the most serious quantity first; within a quantity, from the first layer on
 */
export function remarks(network, layers) {
  const names = layerNames(network);
  const norms = layers.map((layer) => layer.gradient_norm ?? Infinity);
  const output = norms.at(-1) ?? 0;
  /** @type {Record<Quantity, Remark[]>} */
  const found = { dead: [], gradient_norm: [], saturated: [], weight_norm: [] };
  layers.forEach(({ dead, saturated }, layer) => {
    const norm = norms[layer];
    /** @param {Quantity} quantity @param {string} text */
    const remark = (quantity, text) =>
      found[quantity].push({ layer, quantity, text: `${names[layer]}: ${text}` });
    if (dead > 0) remark("dead", `${percent(dead)} of the neurons are dead and no longer learn.`);
    if (output > 0 && output < Infinity && norm < output / FAR) {
      remark("gradient_norm", "the gradient has all but vanished, so it hardly learns.");
    }
    if (norm === Infinity || (output > 0 && norm > output * FAR)) {
      remark("gradient_norm", "the gradient explodes; a clip norm would bound it.");
    }
    if (saturated > MANY && ACTIVATIONS[network.activation].saturates) {
      remark("saturated", `flat at ${percent(saturated)} of the points, so it learns slowly.`);
    }
  });
  return Object.values(found).flat();
}

/** @param {number} share @returns {string} in whole percents; "< 1 %" for a positive share below 1 % */
export function percent(share) {
  return share > 0 && share < 0.01 ? "< 1 %" : `${Math.round(100 * share)} %`;
}

/** @param {number} value at least 0 @returns {string} with three significant digits, or with an exponent */
export function significant(value) {
  if (value === 0) return "0";
  if (value >= 100 && value < 100_000) return value.toFixed(0);
  if (value >= 0.001 && value < 100) return value.toPrecision(3);
  return value.toExponential(1).replace("e-", "e−").replace("e+", "e");
}
