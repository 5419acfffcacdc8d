// Splits the points into a training and a test part. The choice follows from the test share and the
// points' coordinates alone, so drawing or erasing points hardly changes the part of the others.

/** @typedef {import("./points.js").Points & { test: Uint8Array }} Parted `test`: 1 for a test point */

/**
 * Earlier results: the same points and share always give the same object.
 * @type {WeakMap<import("./points.js").Points, Map<number, Parted>>}
 */
const cache = new WeakMap();

/**
 * Takes the share of every class, rounded to whole points (a stratified split).
 * @param {import("./points.js").Points} points
 * @param {number} share of test points, 0 to 1
 * @returns {Parted}
 */
export function split(points, share) {
  const found = cache.get(points) ?? new Map();
  cache.set(points, found);
  if (!found.has(share)) found.set(share, divide(points, share));
  return found.get(share);
}

/** @param {import("./points.js").Points} points @param {number} share @returns {Parted} */
function divide(points, share) {
  const test = new Uint8Array(points.x.length);
  /** @type {number[][]} */
  const classes = [];
  // Points with values form one class.
  points.x.forEach((_, index) => (classes[points.label[index] ?? 0] ??= []).push(index));
  const hashes = hash(points);
  for (const members of classes) {
    if (!members) continue;
    members.sort((a, b) => hashes[a] - hashes[b] || a - b);
    for (const index of members.slice(0, Math.round(share * members.length))) test[index] = 1;
  }
  return { ...points, test };
}

/**
 * @param {Parted} points
 * @param {0 | 1} test which part
 * @returns {import("../net/protocol.js").Points}
 */
export function part({ x, y, label, value, test: tests }, test) {
  /** @param {number} _ @param {number} index */
  const belongs = (_, index) => tests[index] === test;
  return {
    ...{ x: x.filter(belongs), y: y.filter(belongs) },
    ...{ label: label.filter(belongs), value: value.filter(belongs) },
  };
}

/**
 * A hash of each point's coordinates, by the finaliser of MurmurHash3.
 * @param {import("./points.js").Points} points
 * @returns {Uint32Array}
 */
function hash({ x, y }) {
  const xBits = new Uint32Array(x.slice().buffer);
  const yBits = new Uint32Array(y.slice().buffer);
  return xBits.map((bits, index) => mix(mix(bits) + yBits[index]));
}

/** @param {number} bits */
function mix(bits) {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
