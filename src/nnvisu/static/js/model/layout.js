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
