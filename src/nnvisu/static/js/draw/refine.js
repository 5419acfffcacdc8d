// Work that waits for quiet, and then goes on in short slices, so that a click is never kept
// waiting by it.

/**
 * Time, as the refinement sees it.
 * @typedef {object} Clock
 * @property {() => number} now in ms
 * @property {(delay_ms: number, callback: () => void) => () => void} after returns how to cancel
 */

/**
 * Something that takes many short steps.
 * @typedef {{ readonly done: boolean, advance: () => void }} Work
 */

/** How long nothing new has to come before the work begins. */
export const QUIET_MS = 150;
/** How long it goes on at a time. */
export const SLICE_MS = 8;

/** @type {Clock} */
export const CLOCK = {
  now: () => performance.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, delay_ms);
    return () => clearTimeout(timer);
  },
};

/** @param {Clock} clock */
export function createRefinement(clock) {
  let cancel = () => {};

  return {
    /**
     * Drops the present work and, after a quiet time, does the new, one piece after the other.
     * @template {Work} W
     * @param {(() => W)[]} pieces
     * @param {(piece: W) => void} finished
     */
    begin(pieces, finished) {
      cancel();
      const waiting = [...pieces];
      /** @type {W | null} */
      let piece = null;
      const slice = () => {
        const until = clock.now() + SLICE_MS;
        do {
          piece ??= waiting.shift()?.() ?? null;
          if (piece === null) return;
          while (!piece.done && clock.now() < until) piece.advance();
          if (piece.done) {
            finished(piece);
            piece = null;
          }
        } while (clock.now() < until);
        cancel = clock.after(0, slice);
      };
      cancel = clock.after(QUIET_MS, slice);
    },

    /** Drops the present work. */
    cancel() {
      cancel();
    },
  };
}
