// The recorded history of a run: a line of at most 256 moments. When it is full, every second moment is
// removed and the recording interval doubles.

/**
 * One state of the weights. Its `id` is unique within the experiment, and ids ascend along a line.
 * `parent` is the recorded moment that it was made from, by training or by an edit; it may have been
 * thinned out since. Two moments may have the same epoch.
 * @typedef {{
 *   id: number, parent: number | null,
 *   checkpoint: import("../net/protocol.js").Checkpoint,
 *   training: import("../net/protocol.js").Metrics | null,
 *   test: import("../net/protocol.js").Metrics | null,
 *   layers?: readonly import("../net/protocol.js").LayerStatistics[]
 * }} Moment `layers`: the statistics, if a frame carried them
 * @typedef {{ interval: number, moments: readonly Moment[] }} History `interval` is in epochs
 */

export const MAX_MOMENTS = 256;

/** The memory limit of all moments; large networks are recorded less often. */
export const MAX_BYTES = 64 * 2 ** 20;

/** @type {History} */
export const EMPTY = Object.freeze({ interval: 1, moments: Object.freeze([]) });

/**
 * Creates ids of moments: each is greater than all ids created or seen before.
 * @returns {{ next: () => number, saw: (id: number) => void }}
 */
export function createIds() {
  let newest = 0;
  return {
    next: () => (newest += 1),
    saw(id) {
      newest = Math.max(newest, id);
    },
  };
}

/**
 * @param {History} history
 * @param {Moment} moment the newest; recorded if at least an interval has passed since the last one
 * @returns {History} the same object if nothing was recorded
 */
export function record(history, moment) {
  const last = history.moments.at(-1);
  if (last && moment.checkpoint.epoch < last.checkpoint.epoch + history.interval) return history;
  return append(history, moment);
}

/**
 * Records weights after a change of the network, whatever the interval, and before them the weights
 * that they were made from.
 * @param {History} history
 * @param {Moment} before
 * @param {Moment} made its parent is `before`
 * @returns {History}
 */
export function recordEdit(history, before, made) {
  const recorded = history.moments.at(-1)?.id === before.id ? history : append(history, before);
  return append(recorded, made);
}

/** @param {History} history @param {Moment} moment */
function append(history, moment) {
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
 * @param {Moment} moment one of them, or one that was thinned out
 * @returns {number} the index of the moment, or of the last one before it
 */
export function placeOf(moments, { id }) {
  return Math.max(
    0,
    moments.findLastIndex((moment) => moment.id <= id),
  );
}

/**
 * @param {History} history
 * @returns {number} the bytes of its arrays
 */
export function bytesIn({ moments }) {
  return moments.reduce((sum, { checkpoint }) => sum + bytesOf(checkpoint), 0);
}

/** @param {import("../net/protocol.js").Checkpoint} checkpoint @returns {number} */
export function bytesOf({ parameters, optimiser }) {
  return parameters.byteLength + optimiser.slots.byteLength;
}
