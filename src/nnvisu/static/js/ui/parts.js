// The names of a network's parts, and which lies beside which.

import { FEATURES } from "../model/features.js";
import { isRegression, sizes } from "../model/layout.js";

/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../model/layout.js").Part} Part */

/** @param {Network} network @param {number} layer @param {number} unit @returns {string} */
export function unitName(network, layer, unit) {
  if (layer === 0) return `input ${FEATURES[network.features[unit]].label}`;
  if (layer <= network.hidden_layers.length) return `hidden ${layer} · ${unit + 1}`;
  return isRegression(network) ? "output" : `class ${network.classes[unit] + 1}`;
}

/** @param {Network} network @param {Part} part @returns {string} such as "weight hidden 1 · 3 → class 2" */
export function nameOf(network, part) {
  if (part.kind === "edge") {
    const { layer, from, to } = part;
    return `weight ${unitName(network, layer, from)} → ${unitName(network, layer + 1, to)}`;
  }
  const name = unitName(network, part.layer, part.unit);
  return part.kind === "bias" ? `bias of ${name}` : name;
}

/**
 * Up and down lead from unit to unit of a layer, right from a unit to a weight and on to its end, left
 * back. Beside a weight lie those to the other units of the next layer; with Shift, those from the other
 * units of its own.
 * @param {Network} network
 * @param {Part} part
 * @param {string} key
 * @param {boolean} shift
 * @returns {Part | null}
 */
export function beside(network, part, key, shift) {
  const units = sizes(network);
  const along = { ArrowUp: -1, ArrowDown: 1 }[key] ?? 0;
  /** @param {number} unit @param {number} layer */
  const within = (unit, layer) => Math.max(0, Math.min(units[layer] - 1, unit));
  if (part.kind === "edge") {
    const { layer, from, to } = part;
    if (key === "ArrowLeft") return { kind: "unit", layer, unit: from };
    if (key === "ArrowRight") return { kind: "unit", layer: layer + 1, unit: to };
    if (along === 0) return null;
    return shift
      ? { ...part, from: within(from + along, layer) }
      : { ...part, to: within(to + along, layer + 1) };
  }
  const { layer, unit } = part;
  if (key === "ArrowRight" && layer + 1 < units.length) {
    return { kind: "edge", layer, from: unit, to: within(unit, layer + 1) };
  }
  if (key === "ArrowLeft" && layer > 0) {
    return { kind: "edge", layer: layer - 1, from: within(unit, layer - 1), to: unit };
  }
  return along === 0 ? null : { kind: "unit", layer, unit: within(unit + along, layer) };
}
