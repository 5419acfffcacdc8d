// The experiment as plain objects of numbers and text: what is stored, and what
// `window.nnvisu.experiment()` shows. Arrays are base64 of their little-endian bytes, which keeps
// every bit.

import { fromBase64, float32sOf, toBase64, uint16sOf } from "../base/binary.js";
import { parameterCount } from "../model/layout.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../net/protocol.js").Metrics} Metrics */
/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../state/history.js").Moment} Moment */

/**
 * @typedef {{
 *   x: string, y: string, label: string, value: string,
 *   origin: import("../data/points.js").Origin | null
 * }} PlainPoints
 * @typedef {PlainPoints & { aside: PlainPoints | null }} PlainData the other problem's points aside
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
function plainPoints({ x, y, label, value, origin }) {
  return {
    ...{ x: toBase64(x), y: toBase64(y), label: toBase64(label), value: toBase64(value) },
    origin: origin ?? null,
  };
}

/**
 * @param {import("../state/store.js").Store} store
 * @returns {PlainData}
 */
export function plainData({ timeline, aside }) {
  const other = aside.value && plainPoints(aside.value.present);
  return { ...plainPoints(timeline.value.present), aside: other };
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
function points(plain) {
  const x = float32s(plain.x);
  const y = float32s(plain.y);
  const label = fromBase64(plain.label);
  const value = float32s(plain.value);
  const [owner, other] = value.length > 0 ? [value, label] : [label, value];
  if (x.length !== owner.length || y.length !== owner.length || other.length > 0) {
    throw new Error("there is not one label or one value for each point");
  }
  if (!value.every(Number.isFinite)) throw new Error("a value is not finite");
  if ([...x, ...y].some((coordinate) => !(Math.abs(coordinate) <= 1))) {
    throw new Error("a point lies outside the square");
  }
  return { x, y, label, value, origin: plain.origin ?? undefined };
}

/**
 * The points by the problem that they are of, as they say themselves: points without any, of
 * whichever is left.
 * @param {PlainData} plain
 * @returns {Record<import("../settings/settings.js").Task, Points | null>}
 * @throws {Error} if there are two sets for one problem, or an array does not belong
 */
export function data({ aside, ...present }) {
  const sets = [present, ...(aside ? [aside] : [])].map(points);
  const labelled = sets.find(({ label }) => label.length > 0) ?? null;
  const valued = sets.find(({ value }) => value.length > 0) ?? null;
  const empty = sets.filter(({ x }) => x.length === 0);
  if (empty.length + Number(labelled !== null) + Number(valued !== null) < sets.length) {
    throw new Error("two sets of points are for one problem");
  }
  return {
    classification: labelled ?? empty.pop() ?? null,
    regression: valued ?? empty.pop() ?? null,
  };
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
