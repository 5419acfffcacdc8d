// The recorded past of a training: a list of checkpoints with their metrics. It holds at most 256;
// when it is full, every second one goes and the interval between two doubles.

/**
 * @typedef {{
 *   checkpoint: import("../net/protocol.js").Checkpoint,
 *   training: import("../net/protocol.js").Metrics | null,
 *   test: import("../net/protocol.js").Metrics | null,
 *   layers?: readonly import("../net/protocol.js").LayerStatistics[]
 * }} Moment `layers`: where a frame told of them
 * @typedef {{ interval: number, moments: readonly Moment[] }} History `interval` is in epochs
 */

export const MAX_MOMENTS = 256;

/** What the moments may take in memory together; large networks are recorded less often. */
export const MAX_BYTES = 64 * 2 ** 20;

/** @type {History} */
export const EMPTY = Object.freeze({ interval: 1, moments: Object.freeze([]) });

/**
 * @param {History} history
 * @param {Moment} moment the newest; it is recorded if the last one is an interval old
 * @returns {History} the same object if nothing was recorded
 */
export function record(history, moment) {
  const last = history.moments.at(-1);
  if (last && moment.checkpoint.epoch < last.checkpoint.epoch + history.interval) return history;
  const longer = { ...history, moments: [...history.moments, moment] };
  const full = longer.moments.length > MAX_MOMENTS || bytesIn(longer) > MAX_BYTES;
  return full ? thin(longer) : longer;
}

/**
 * @param {History} history
 * @returns {History} with every second moment; the first and the newest stay
 */
export function thin({ interval, moments }) {
  const newest = moments.length - 1;
  return {
    interval: interval * 2,
    moments: moments.filter((_, index) => index % 2 === 0 || index === newest),
  };
}

/**
 * @param {readonly Moment[]} moments
 * @param {Moment} moment that is, or was before some went, among them
 * @returns {number} the place of the last one that is not later
 */
export function placeOf(moments, { checkpoint: { epoch } }) {
  return Math.max(
    0,
    moments.findLastIndex(({ checkpoint }) => checkpoint.epoch <= epoch),
  );
}

/**
 * @param {History} history
 * @returns {number} what its arrays take in memory
 */
export function bytesIn({ moments }) {
  return moments.reduce(
    (sum, { checkpoint }) =>
      sum + checkpoint.parameters.byteLength + checkpoint.optimiser.slots.byteLength,
    0,
  );
}
