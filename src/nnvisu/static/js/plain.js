// The experiment as plain objects of numbers and text: what is stored, and what
// `window.nnvisu.experiment()` shows. Arrays are base64 of their little-endian bytes, which keeps
// every bit.

import { fromBase64, float32sOf, toBase64, uint16sOf } from "./bytes.js";
import { parameterCount } from "./network.js";

/** @typedef {import("./protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("./points.js").Points} Points */
/** @typedef {import("./protocol.js").Metrics} Metrics */
/** @typedef {import("./protocol.js").Network} Network */
/** @typedef {import("./history.js").Moment} Moment */

/**
 * @typedef {{ x: string, y: string, label: string, origin: import("./points.js").Origin | null }} PlainPoints
 * @typedef {Omit<Metrics, "confusion"> & { confusion: string }} PlainMetrics
 * @typedef {{
 *   network: Network, parameters: string, step: number, epoch: number, seed: number,
 *   training: PlainMetrics | null, test: PlainMetrics | null
 * }} PlainWeights
 * @typedef {{ name: string, slots: string, steps: number, step: number }} PlainOptimiser
 *   `step` is that of the weights it belongs to
 */

/**
 * @param {Points} points
 * @returns {PlainPoints}
 */
export function plainPoints({ x, y, label, origin }) {
  return { x: toBase64(x), y: toBase64(y), label: toBase64(label), origin: origin ?? null };
}

/**
 * @param {Moment} moment
 * @returns {PlainWeights}
 */
export function plainWeights({ checkpoint, training, test }) {
  const { network, parameters, step, epoch, seed } = checkpoint;
  return {
    ...{ network, parameters: toBase64(parameters), step, epoch, seed },
    ...{ training: plainMetrics(training), test: plainMetrics(test) },
  };
}

/** @param {Metrics | null} of @returns {PlainMetrics | null} */
function plainMetrics(of) {
  return of && { ...of, confusion: toBase64(of.confusion) };
}

/** @param {PlainMetrics | null} plain @returns {Metrics | null} */
function metrics(plain) {
  return (
    plain && {
      ...{ loss: plain.loss, accuracy: plain.accuracy ?? null, r2: plain.r2 ?? null },
      confusion: uint16sOf(fromBase64(plain.confusion ?? "")),
    }
  );
}

/**
 * @param {Checkpoint} checkpoint
 * @returns {PlainOptimiser}
 */
export function plainOptimiser({ optimiser: { name, slots, steps }, step }) {
  return { name, slots: toBase64(slots), steps, step };
}

/**
 * @param {PlainPoints} plain
 * @returns {Points}
 * @throws {Error} if the arrays don't belong together
 */
export function points(plain) {
  const x = float32s(plain.x);
  const y = float32s(plain.y);
  const label = fromBase64(plain.label);
  if (x.length !== label.length || y.length !== label.length) {
    throw new Error("there are not as many labels as points");
  }
  if ([...x, ...y].some((coordinate) => !(Math.abs(coordinate) <= 1))) {
    throw new Error("a point lies outside the square");
  }
  return { x, y, label, origin: plain.origin ?? undefined };
}

/**
 * @param {PlainWeights} plain
 * @param {PlainOptimiser | null} optimiser null if it is lost: its memory then begins anew
 * @returns {Moment}
 * @throws {Error} if the numbers don't fit the network
 */
export function moment(plain, optimiser) {
  const { network, step, epoch, seed, training, test } = plain;
  const parameters = float32s(plain.parameters);
  if (parameters.length !== parameterCount(network) || !parameters.every(Number.isFinite)) {
    throw new Error("the weights do not fit the network");
  }
  const slots = optimiser ? float32s(optimiser.slots) : new Float32Array(0);
  if (slots.length % parameters.length !== 0 || !slots.every(Number.isFinite)) {
    throw new Error("the optimiser's memory does not fit the network");
  }
  // Plain SGD remembers nothing; the server gives another optimiser fresh memory.
  const { name, steps } = optimiser ?? { name: "sgd", steps: 0 };
  const checkpoint = { network, parameters, optimiser: { name, slots, steps }, step, epoch, seed };
  return { checkpoint, training: metrics(training), test: metrics(test) };
}

/**
 * @param {string} text
 * @returns {Float32Array}
 */
function float32s(text) {
  const bytes = fromBase64(text);
  if (bytes.length % 4 !== 0) throw new Error("a number is cut off");
  return float32sOf(bytes);
}
