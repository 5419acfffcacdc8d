// The vertical axes of the chart: linear from zero, logarithmic, and of shares up to 1.

const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];
/** A loss beyond so many times the usual ones has diverged: the axis does not reach up to it. */
const FAR = 20;
/** The share of the losses that are usual. */
const USUAL = 0.9;
/** The most powers of ten that get a number each, and the most that the axis spans. */
const NUMBERS = 5;
const POWERS = 12;

/**
 * What the chart draws for a value, and its numbers: `place` maps a value to the axis, null if it is not
 * on it; `splits` are places with numbers.
 * @typedef {{
 *   low: number, high: number, splits: number[],
 *   place: (value: number | null) => number | null, text: (place: number) => string
 * }} Axis
 */

/** @param {readonly number[]} values finite losses @returns {Axis} from zero; a diverged end is cut off */
export function linearAxis(values) {
  const ascending = [...values].sort((a, b) => a - b);
  const usual = ascending[Math.floor(USUAL * (ascending.length - 1))] ?? 0;
  const most = ascending.at(-1) ?? null;
  const high = niceTop(most !== null && usual > 0 ? Math.min(most, FAR * usual) : most);
  return { low: 0, high, splits: [0, high / 2, high], place: (value) => value, text: short };
}

/** @param {readonly number[]} values finite losses @returns {Axis} by powers of ten */
export function logarithmicAxis(values) {
  const positive = values.filter((value) => value > 0);
  // Not -0.
  const high = Math.ceil(Math.log10(Math.max(...positive, 1e-30))) + 0;
  const least = Math.floor(Math.log10(Math.min(...positive, 10 ** high)));
  const top = positive.length > 0 ? high : 0;
  const low = Math.max(Math.min(least, top - 1), top - POWERS);
  const step = Math.ceil((top - low) / NUMBERS);
  const count = Math.floor((top - low) / step) + 1;
  return {
    ...{ low, high: top, splits: Array.from({ length: count }, (_, k) => low + k * step) },
    place: (value) => (value !== null && value > 0 ? Math.log10(value) : null),
    text: (power) => short(10 ** power),
  };
}

/** @param {readonly number[]} values such as accuracies @returns {Axis} up to 1, from 0 or from below */
export function shareAxis(values) {
  const low = Math.max(-1, Math.floor(Math.min(0, ...values)));
  return { low, high: 1, splits: [low, (low + 1) / 2, 1], place: (value) => value, text: short };
}

/** @param {number} value @returns {string} */
function short(value) {
  const rounded = Number(value.toPrecision(3));
  if (rounded !== 0 && (Math.abs(rounded) < 1e-4 || Math.abs(rounded) >= 1e6)) {
    return rounded.toExponential().replace("e+", "e").replace("e-", "e−");
  }
  return String(rounded).replace("-", "−");
}

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
