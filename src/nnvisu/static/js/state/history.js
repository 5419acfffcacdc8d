// The recorded history of a run: a line of moments. It holds at most 256; when it is full, every second
// one goes and the interval between two doubles.

/**
 * One state of the weights. A moment is known by its `id`, which no other moment of the experiment has;
 * ids ascend along a line. `parent` is the recorded moment that it was made from, by training or by an
 * edit; it may have been thinned out since. Two moments may be of the same epoch.
 * @typedef {{
 *   id: number, parent: number | null,
 *   checkpoint: import("../net/protocol.js").Checkpoint,
 *   training: import("../net/protocol.js").Metrics | null,
 *   test: import("../net/protocol.js").Metrics | null,
 *   layers?: readonly import("../net/protocol.js").LayerStatistics[]
 * }} Moment `layers`: where a frame brought them
 * @typedef {{ interval: number, moments: readonly Moment[] }} History `interval` is in epochs
 */

export const MAX_MOMENTS = 256;

/** What the moments may take in memory together; large networks are recorded less often. */
export const MAX_BYTES = 64 * 2 ** 20;

/** @type {History} */
export const EMPTY = Object.freeze({ interval: 1, moments: Object.freeze([]) });

/**
 * Gives out moments' ids: each is greater than all that were given out or seen before.
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
 * @param {Moment} moment the newest; it is recorded if the last one is an interval old
 * @returns {History} the same object if nothing was recorded
 */
export function record(history, moment) {
  const last = history.moments.at(-1);
  if (last && moment.checkpoint.epoch < last.checkpoint.epoch + history.interval) return history;
  return append(history, moment);
}

/**
 * Records weights of another network, whatever the interval, and before them those that they were made
 * from.
 * @param {History} history
 * @param {Moment} before
 * @param {Moment} made whose parent is `before`
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
 * @param {Moment} moment that is among them, or was before it was thinned out
 * @returns {number} the place of the last one that is not later
 */
export function placeOf(moments, { id }) {
  return Math.max(
    0,
    moments.findLastIndex((moment) => moment.id <= id),
  );
}

/**
 * @param {History} history
 * @returns {number} what its arrays take in memory
 */
export function bytesIn({ moments }) {
  return moments.reduce((sum, { checkpoint }) => sum + bytesOf(checkpoint), 0);
}

/** @param {import("../net/protocol.js").Checkpoint} checkpoint @returns {number} */
export function bytesOf({ parameters, optimiser }) {
  return parameters.byteLength + optimiser.slots.byteLength;
}
