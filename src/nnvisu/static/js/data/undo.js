// Undo and redo over immutable values: a list of them and a position in it.

/**
 * @template T
 * @typedef {{ past: readonly T[], present: T, future: readonly T[], gesture: unknown }} Timeline
 */

export const MAX_STEPS = 100;

/**
 * @template T
 * @param {T} present
 * @returns {Timeline<T>}
 */
export function begin(present) {
  return { past: [], present, future: [], gesture: null };
}

/**
 * @template T
 * @param {Timeline<T>} timeline
 * @param {T} present
 * @param {unknown} [gesture] changes of one gesture are undone together
 * @returns {Timeline<T>}
 */
export function change(timeline, present, gesture = null) {
  const continues = gesture !== null && gesture === timeline.gesture;
  const past = continues ? timeline.past : [...timeline.past, timeline.present].slice(-MAX_STEPS);
  return { past, present, future: [], gesture };
}

/**
 * @template T
 * @param {Timeline<T>} timeline
 * @returns {Timeline<T>} the same object if there is nothing to undo
 */
export function undo(timeline) {
  const { past, present, future } = timeline;
  if (past.length === 0) return timeline;
  return {
    past: past.slice(0, -1),
    present: /** @type {T} */ (past.at(-1)),
    future: [present, ...future],
    gesture: null,
  };
}

/**
 * @template T
 * @param {Timeline<T>} timeline
 * @returns {Timeline<T>} the same object if there is nothing to redo
 */
export function redo(timeline) {
  const { past, present, future } = timeline;
  if (future.length === 0) return timeline;
  return { past: [...past, present], present: future[0], future: future.slice(1), gesture: null };
}
