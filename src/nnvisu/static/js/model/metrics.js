// Figures of weights that no frame brought any for: fresh ones, or old ones on points drawn since.
// During a training they come from the engine.

import { isRegression, predict } from "./forward.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Points} Points */
/** @typedef {import("../net/protocol.js").Metrics} Metrics */

/**
 * @param {Checkpoint} checkpoint
 * @param {Points} points
 * @returns {Metrics | null} null without points, or if they are not for this network: without
 *   values, or of a class that has no output
 */
export function evaluate(checkpoint, points) {
  if (points.x.length === 0) return null;
  return isRegression(checkpoint.network)
    ? ofValues(checkpoint, points)
    : ofClasses(checkpoint, points);
}

/** @param {Checkpoint} checkpoint @param {Points} points @returns {Metrics | null} */
function ofClasses(checkpoint, points) {
  const { classes } = checkpoint.network;
  const n = points.x.length;
  const outputs = Array.from(points.label, (label) => classes.indexOf(label));
  if (outputs.length !== n || outputs.includes(-1)) return null;
  const probabilities = predict(checkpoint, points.x, points.y);
  let loss = 0;
  let right = 0;
  const confusion = new Uint16Array(classes.length ** 2);
  for (let sample = 0; sample < n; sample += 1) {
    const each = classes.map((_, output) => probabilities[output * n + sample]);
    loss -= Math.log(Math.max(each[outputs[sample]], Number.MIN_VALUE));
    // Of equals the first wins, as in the engine.
    const said = each.indexOf(Math.max(...each));
    confusion[outputs[sample] * classes.length + said] += 1;
    if (said === outputs[sample]) right += 1;
  }
  return { loss: ifFinite(loss / n), accuracy: right / n, confusion, r2: null };
}

/** @param {Checkpoint} checkpoint @param {Points} points @returns {Metrics | null} */
function ofValues(checkpoint, { x, y, value }) {
  if (value.length !== x.length) return null;
  const said = predict(checkpoint, x, y);
  const mean = value.reduce((sum, each) => sum + each, 0) / value.length;
  const loss = meanSquare(value.length, (k) => said[k] - value[k]);
  const variance = meanSquare(value.length, (k) => value[k] - mean);
  const r2 = variance > 0 ? ifFinite(1 - loss / variance) : null;
  return { loss: ifFinite(loss), accuracy: null, confusion: new Uint16Array(0), r2 };
}

/** @param {number} number @returns {number | null} as it is on the wire */
function ifFinite(number) {
  return Number.isFinite(number) ? number : null;
}

/** @param {number} n @param {(k: number) => number} difference */
function meanSquare(n, difference) {
  let sum = 0;
  for (let k = 0; k < n; k += 1) sum += difference(k) ** 2;
  return sum / n;
}
