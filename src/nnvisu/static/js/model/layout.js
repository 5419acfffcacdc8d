// The shape of a network, and where its numbers lie in flat arrays.

/** @typedef {import("../net/protocol.js").Network} Network */

/**
 * One layer's place in the flat parameters: W (outputs, inputs) row-major, then b (outputs).
 * @typedef {{ inputs: number, outputs: number, weights: number, biases: number }} Layer
 */

/** @param {Network} network @returns {boolean} whether it has one output, a value, and no classes */
export function isRegression({ classes }) {
  return classes.length === 0;
}

/**
 * @param {Network} network
 * @returns {number[]} units in each layer, inputs and outputs included
 */
export function sizes(network) {
  const outputs = isRegression(network) ? 1 : network.classes.length;
  return [network.features.length, ...network.hidden_layers, outputs];
}

/**
 * @param {Network} network
 * @returns {Layer[]}
 */
export function layers(network) {
  const units = sizes(network);
  let offset = 0;
  return units.slice(1).map((outputs, k) => {
    const inputs = units[k];
    const weights = offset;
    const biases = weights + inputs * outputs;
    offset = biases + outputs;
    return { inputs, outputs, weights, biases };
  });
}

/**
 * @param {Network} network
 * @returns {number}
 */
export function parameterCount(network) {
  return layers(network).reduce((sum, { inputs, outputs }) => sum + (inputs + 1) * outputs, 0);
}

/**
 * What the diagram shows of a network. A bias belongs to its unit; an edge leads from a unit of `layer` to
 * one of the next.
 * @typedef {{ kind: "unit", layer: number, unit: number }
 *   | { kind: "bias", layer: number, unit: number }
 *   | { kind: "edge", layer: number, from: number, to: number }} Part
 */

/**
 * @param {Network} network
 * @param {Part} part
 * @returns {boolean} whether it has such a part
 */
export function hasPart(network, part) {
  const units = sizes(network);
  if (part.kind === "edge") {
    return part.from < (units[part.layer] ?? 0) && part.to < (units[part.layer + 1] ?? 0);
  }
  return part.unit < (units[part.layer] ?? 0) && (part.kind === "unit" || part.layer > 0);
}

/**
 * @param {Network} network
 * @param {Part} part that it has; a weight or a bias
 * @returns {number} its place among the parameters; -1 for a unit
 */
export function parameterIndex(network, part) {
  if (part.kind === "unit") return -1;
  const shapes = layers(network);
  if (part.kind === "bias") return shapes[part.layer - 1].biases + part.unit;
  const { inputs, weights } = shapes[part.layer];
  return weights + part.to * inputs + part.from;
}
