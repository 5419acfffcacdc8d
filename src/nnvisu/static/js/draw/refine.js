// Work that begins when nothing has changed for a while, and runs in short slices, so that it never
// delays a click.

/**
 * The clock and the timers that the refinement uses.
 * @typedef {object} Clock
 * @property {() => number} now in ms
 * @property {(delay_ms: number, callback: () => void) => () => void} after returns how to cancel
 */

/**
 * Work that is done in many short steps.
 * @typedef {{ readonly done: boolean, advance: () => void }} Work
 */

/** How long nothing must change before the work begins. */
export const QUIET_MS = 150;
/** The length of a slice. */
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
     * Cancels the current work; after the quiet time, does the new pieces one after the other.
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

    /** Cancels the current work. */
    cancel() {
      cancel();
    },
  };
}
