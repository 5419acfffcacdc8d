// Metrics computed on the page where no frame carried them: of new weights, or after a change of the
// points. Every shown digit equals the engine's (engine/evaluation.py). Also formats the figures.

import { exponential, logarithmOfOnePlus } from "./float32.js";
import { isRegression } from "./layout.js";
import { logits } from "./logits.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Points} Points */
/** @typedef {import("../net/protocol.js").Metrics} Metrics */

const { fround } = Math;

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
  const all = logits(checkpoint, points.x, points.y);
  let loss = 0;
  let right = 0;
  const confusion = new Uint16Array(classes.length ** 2);
  for (const [sample, output] of outputs.entries()) {
    const each = classes.map((_, k) => all[k * n + sample]);
    const most = Math.max(...each);
    // Of equals the first wins, as in the engine.
    const best = each.indexOf(most);
    loss += crossEntropy(each, output, best);
    confusion[output * classes.length + best] += 1;
    if (best === output) right += 1;
  }
  return { loss: ifFinite(loss / n), accuracy: right / n, confusion, r2: null };
}

/**
 * log Σ exp z - z of the class, without overflow, rounded to float32 where the engine rounds. The
 * largest term of the sum, which is 1, is left out of it, so that small losses keep their digits.
 * @param {readonly number[]} each class's logit
 * @param {number} output the unit of the point's class
 * @param {number} best the unit of the largest logit
 * @returns {number} in nats
 */
function crossEntropy(each, output, best) {
  let rest = 0;
  for (const [k, z] of each.entries()) {
    if (k !== best) rest = fround(rest + exponential(fround(z - each[best])));
  }
  return fround(each[best] - each[output]) + logarithmOfOnePlus(rest);
}

/** @param {Checkpoint} checkpoint @param {Points} points @returns {Metrics | null} */
function ofValues(checkpoint, { x, y, value }) {
  if (value.length !== x.length) return null;
  const said = logits(checkpoint, x, y);
  const loss = mean(said, (each, k) => (each - value[k]) * (each - value[k]));
  const middle = mean(value, (each) => each);
  const variance = mean(value, (each) => (each - middle) ** 2);
  const r2 = variance > 0 ? ifFinite(1 - loss / variance) : null;
  return { loss: ifFinite(loss), accuracy: null, confusion: new Uint16Array(0), r2 };
}

/** @param {number} number @returns {number | null} as it is on the wire */
function ifFinite(number) {
  return Number.isFinite(number) ? number : null;
}

/**
 * @param {Float32Array} values
 * @param {(value: number, k: number) => number} term
 * @returns {number} the mean of the terms, summed in float64
 */
function mean(values, term) {
  return values.reduce((sum, value, k) => sum + term(value, k), 0) / values.length;
}

/** @param {Metrics | null} metrics @returns {string} the loss, as it is shown */
export function lossText(metrics) {
  if (!metrics) return "–";
  const { loss } = metrics;
  if (loss === null) return "∞";
  return loss < 100 ? loss.toFixed(4) : loss.toPrecision(5);
}

/** @param {Metrics | null} metrics @returns {string} the accuracy, as it is shown */
export function accuracyText(metrics) {
  const accuracy = metrics?.accuracy ?? null;
  return accuracy === null ? "–" : `${(100 * accuracy).toFixed(1)} %`;
}

/** @param {Metrics | null} metrics @returns {string} R², as it is shown */
export function r2Text(metrics) {
  const r2 = metrics?.r2 ?? null;
  if (r2 === null) return "–";
  return r2 > -100 ? r2.toFixed(3) : r2.toPrecision(3);
}

/**
 * @typedef {{ training: Metrics | null, test: Metrics | null }} Figures
 * @param {Figures} a
 * @param {Figures} b
 * @returns {boolean} whether they are shown with the same digits
 */
export function sameFigures(a, b) {
  return [lossText, accuracyText, r2Text].every(
    (text) => text(a.training) === text(b.training) && text(a.test) === text(b.test),
  );
}
