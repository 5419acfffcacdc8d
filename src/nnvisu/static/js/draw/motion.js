// The diagram's columns on their way from one architecture to the next.

/** @typedef {import("./layout.js").Column} Column */

const DURATION_MS = 260;

/** What is interpolated between two columns. */
const PLACES = /** @type {const} */ (["x", "tile", "pitch", "top", "bottom"]);

export function createMotion() {
  /** @type {Column[]} */
  let from = [];
  /** @type {Column[]} */
  let now = [];
  let target = "";
  let began_ms = 0;
  let frame = 0;

  return {
    /**
     * @param {Column[]} columns the layout to reach
     * @param {boolean} atOnce whether it is reached without a movement
     * @param {() => void} again draws the next picture of a movement
     * @returns {Column[]} the layout to draw now
     */
    toward(columns, atOnce, again) {
      cancelAnimationFrame(frame);
      const key = columns.map(({ units }) => units).join();
      if (key !== target) {
        // A layout of the first drawing, or of another size of the window, has no movement.
        from = target === "" || atOnce ? [] : now;
        began_ms = performance.now();
        target = key;
      }
      const share = (performance.now() - began_ms) / DURATION_MS;
      if (from.length === 0 || share >= 1) {
        from = [];
        now = columns;
      } else {
        now = columns.map((column, layer) => between(before(from, columns, layer), column, share));
        frame = requestAnimationFrame(again);
      }
      return now;
    },
  };
}

/** @param {Column[]} from @param {Column[]} to @param {number} layer @returns {Column | undefined} */
function before(from, to, layer) {
  return layer === to.length - 1 ? from.at(-1) : from.slice(0, -1)[layer];
}

/** @param {Column | undefined} a @param {Column} b @param {number} share @returns {Column} */
function between(a, b, share) {
  if (!a) return b;
  const eased = 1 - (1 - share) ** 3;
  const column = { ...b };
  for (const place of PLACES) column[place] = a[place] + (b[place] - a[place]) * eased;
  return column;
}
