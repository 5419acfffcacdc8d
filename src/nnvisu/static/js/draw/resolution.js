// The resolution at which a picture is ready in time: a whole fraction of the full one, chosen by the
// measured time per pixel, with hysteresis, so that the picture does not flicker.

const DIVISORS = [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40];
/** The weight of a new measurement in the running mean. */
const NEW_SHARE = 0.3;
/** Shares of the budget: a finer picture must stay below the first; above the second it gets coarser. */
const FINER_BELOW = 0.8;
const COARSER_ABOVE = 1.25;
/** Below this many pixels a side a picture no longer shows the boundary. */
const SMALLEST_SIDE = 16;

/** @typedef {{ columns: number, rows: number }} Grid */

/**
 * @param {number} width in device pixels
 * @param {number} height
 * @param {number} divisor
 * @returns {Grid}
 */
export function grid(width, height, divisor) {
  return {
    columns: Math.max(1, Math.min(width, Math.max(SMALLEST_SIDE, Math.round(width / divisor)))),
    rows: Math.max(1, Math.min(height, Math.max(SMALLEST_SIDE, Math.round(height / divisor)))),
  };
}

/**
 * @param {number} budget_ms the time a picture may take
 * @param {number} pixel_ms a first guess at the time for a pixel
 */
export function createResolution(budget_ms, pixel_ms) {
  let cost_ms = pixel_ms;
  let divisor = 0;

  /**
   * @param {number} width in device pixels
   * @param {number} height
   * @param {number} at a divisor
   */
  function predict(width, height, at) {
    const { columns, rows } = grid(width, height, at);
    return columns * rows * cost_ms;
  }

  return {
    /** The estimate of the time for a pixel. */
    get pixel_ms() {
      return cost_ms;
    },

    /**
     * @param {number} pixels
     * @param {number} elapsed_ms
     */
    measured(pixels, elapsed_ms) {
      cost_ms += NEW_SHARE * (elapsed_ms / pixels - cost_ms);
    },

    /**
     * @param {number} width full width in device pixels
     * @param {number} height
     * @returns {number} the divisor for the next picture
     */
    choose(width, height) {
      const present = divisor;
      const fits = (/** @type {number} */ at) => {
        const limit = at < present ? FINER_BELOW : at === present ? COARSER_ABOVE : 1;
        return predict(width, height, at) <= limit * budget_ms;
      };
      divisor = DIVISORS.find(fits) ?? DIVISORS[DIVISORS.length - 1];
      return divisor;
    },
  };
}

/**
 * The steps from a coarse picture to the full one, each about four times the work of the last.
 * @param {number} divisor of the present picture
 * @returns {number[]} divisors, the last of them 1
 */
export function refinements(divisor) {
  const steps = [];
  for (let at = divisor / 2; at > 1.5; at /= 2) steps.push(at);
  if (divisor > 1) steps.push(1);
  return steps;
}
