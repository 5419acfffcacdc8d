// The upper end of an axis that starts at zero.

const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/**
 * The least round number that is not below the largest value, so that a curve that moves a little
 * leaves the axis where it is.
 * @param {number | null} most the largest value; 1 is taken for none
 * @returns {number}
 */
export function niceTop(most) {
  if (most === null || !Number.isFinite(most) || most <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  const step = STEPS.find((n) => n * power >= most) ?? 10;
  return step * power;
}

/**
 * @param {ArrayLike<number | null | undefined>} values
 * @returns {number[]} the indices of values between gaps, which no line makes visible
 */
export function lonePoints(values) {
  const isThere = (/** @type {number} */ index) => (values[index] ?? null) !== null;
  return Array.from(values, (_, index) => index).filter(
    (index) => isThere(index) && !isThere(index - 1) && !isThere(index + 1),
  );
}
