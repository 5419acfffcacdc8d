// The training and the test part. Which points only test follows from the share and from the points
// themselves, so that drawing or erasing some hardly changes what the others are for.

/** @typedef {import("./points.js").Points & { test: Uint8Array }} Parted `test` is 1 for a point that only tests */

/** What was split already: the same points and share always give the same object. @type {WeakMap<import("./points.js").Points, Map<number, Parted>>} */
const known = new WeakMap();

/**
 * Takes the share of every class, as nearly as whole points allow.
 * @param {import("./points.js").Points} points
 * @param {number} share of the points that only tests, 0 to 1
 * @returns {Parted}
 */
export function split(points, share) {
  const found = known.get(points) ?? new Map();
  known.set(points, found);
  if (!found.has(share)) found.set(share, divide(points, share));
  return found.get(share);
}

/** @param {import("./points.js").Points} points @param {number} share @returns {Parted} */
function divide(points, share) {
  const test = new Uint8Array(points.x.length);
  /** @type {number[][]} */
  const classes = [];
  // Points with values are all of one kind.
  points.x.forEach((_, index) => (classes[points.label[index] ?? 0] ??= []).push(index));
  const lots = draw(points);
  for (const members of classes) {
    if (!members) continue;
    members.sort((a, b) => lots[a] - lots[b] || a - b);
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
 * A lot for each point: its coordinates' bits, mixed as MurmurHash3's finaliser mixes them.
 * @param {import("./points.js").Points} points
 * @returns {Uint32Array}
 */
function draw({ x, y }) {
  const across = new Uint32Array(x.slice().buffer);
  const up = new Uint32Array(y.slice().buffer);
  return across.map((bits, index) => mix(mix(bits) + up[index]));
}

/** @param {number} bits */
function mix(bits) {
  let mixed = bits ^ (bits >>> 16);
  mixed = Math.imul(mixed, 0x85ebca6b);
  mixed ^= mixed >>> 13;
  mixed = Math.imul(mixed, 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
