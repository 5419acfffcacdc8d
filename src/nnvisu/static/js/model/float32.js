// The engine's functions in the engine's arithmetic (engine/mathematics.py), so that the page's
// figures have the engine's digits.
//
// Float32 in, float32 out, rounded where the engine rounds. The product of two float32 numbers is
// exact in float64, so rounding the sum a * b + c once more to float32 is the fused multiply-add.

const { fround } = Math;

/** @param {readonly number[]} coefficients @returns {readonly number[]} as the engine has them */
const float32s = (coefficients) => coefficients.map(fround);

const EXP = float32s([
  0.0013814439659389332, 0.008368733884564201, 0.041668391361927834, 0.16666520499730658,
  0.49999993434500567,
]);
const TANH_OVER = float32s([
  1.331801631119068e-8, 2.0582792211144524e-5, 0.0034939964847312947, 0.13379687293623366,
  0.9999999790902437,
]);
const TANH_UNDER = float32s([
  7.761607732774077e-7, 0.0003283027783540542, 0.025870932679716928, 0.467130025807552, 1,
]);
const SIN = float32s([
  2.60576533599121e-6, -0.00019809596584325492, 0.008333066168728228, -0.16666659547788193,
]);
/** π in three parts, the first two short enough for their products with a count to be exact. */
const PI = float32s([3.140625, 0.0009675025939941406, 1.509957990978376e-7]);
/** ln 2 in two parts, the first short enough. */
const LN2 = float32s([0.693359375, -2.1219444e-4]);
const PER_LN2 = fround(Math.LOG2E);
const PER_PI = fround(1 / Math.PI);

/**
 * @param {number} a @param {number} b @param {number} c
 * @returns {number} a * b + c, rounded once
 */
export function fma(a, b, c) {
  return fround(a * b + c);
}

/** @param {readonly number[]} coefficients from the highest power on @param {number} x */
function polynomial(coefficients, x) {
  let sum = coefficients[0];
  for (let k = 1; k < coefficients.length; k += 1) sum = fma(sum, x, coefficients[k]);
  return sum;
}

/** @param {number} x @returns {number} the nearest whole number, halves to the even one */
function nearest(x) {
  const floor = Math.floor(x);
  const above = x - floor;
  if (above === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return above < 0.5 ? floor : floor + 1;
}

/** @param {number} x at most 88 @returns {number} e^x; e^-87 for x below -87 */
export function exponential(x) {
  const z = Math.max(-87, x);
  const n = nearest(fround(z * PER_LN2));
  const r = LN2.reduce((rest, part) => fma(n, -part, rest), z);
  const p = polynomial(EXP, r);
  return fround(fma(fround(p * r), r, fround(r + 1)) * 2 ** n);
}

/** @param {number} z @returns {number} tanh z */
export function hyperbolicTangent(z) {
  const x = Math.max(-9, Math.min(9, z));
  const t = fround(x * x);
  const a = fround(fround(x * polynomial(TANH_OVER, t)) / polynomial(TANH_UNDER, t));
  return Math.max(-1, Math.min(1, a));
}

/** @param {number} z @returns {number} sin z */
export function sine(z) {
  const n = nearest(fround(z * PER_PI));
  const rest = PI.reduce((left, part) => fma(n, -part, left), z);
  const r = Math.max(-2, Math.min(2, rest));
  const t = fround(r * r);
  const s = fma(fround(polynomial(SIN, t) * t), r, r);
  return n % 2 === 0 ? s : -s;
}

/** Where 1 + x is halved: sqrt(2), 2 sqrt(2) and 4 sqrt(2), less 1. */
const BOUNDS = [0.41421356, 1.8284271, 4.656854].map(Math.fround);
const SERIES = [1 / 9, 1 / 7, 0.2, 1 / 3].map(Math.fround);

/** @param {number} x from 0 to 10, a float32 @returns {number} ln(1 + x) */
export function logarithmOfOnePlus(x) {
  const n = BOUNDS.filter((bound) => x > bound).length;
  const scale = 2 ** n;
  const f = fround(fround(x - (scale - 1)) / scale);
  const s = fround(f / fround(2 + f));
  const square = fround(s * s);
  const p = polynomial(SERIES, square);
  const series = fma(fround(p * square), fround(s + s), fround(s + s));
  return fma(n, fround(0.693359375), fma(n, fround(-2.1219444e-4), series));
}
