// The drawn data: an immutable set of labelled points, and what editing makes of it.

/**
 * @typedef {{ distribution: string, seed: number }} Origin
 * @typedef {import("./protocol.js").Points & { origin?: Origin }} Points `origin` says how generated
 *   points can be made again; an edit loses it
 */

/** @type {Points} */
export const NONE = { x: new Float32Array(0), y: new Float32Array(0), label: new Uint8Array(0) };

/**
 * @param {Points} points
 * @param {{ x: number, y: number, label: number }[]} more
 * @returns {Points} the same object if there are none to add
 */
export function add(points, more) {
  if (more.length === 0) return points;
  return {
    x: Float32Array.of(...points.x, ...more.map(({ x }) => x)),
    y: Float32Array.of(...points.y, ...more.map(({ y }) => y)),
    label: Uint8Array.of(...points.label, ...more.map(({ label }) => label)),
  };
}

/**
 * @param {Points} points
 * @param {(index: number) => boolean} keep
 * @returns {Points} the same object if all are kept
 */
export function filter(points, keep) {
  const kept = Array.from(points.label.keys()).filter(keep);
  if (kept.length === points.label.length) return points;
  return {
    x: Float32Array.from(kept, (index) => points.x[index]),
    y: Float32Array.from(kept, (index) => points.y[index]),
    label: Uint8Array.from(kept, (index) => points.label[index]),
  };
}

/**
 * @param {Points} points
 * @param {number} index
 * @param {{ x: number, y: number }} to
 * @returns {Points}
 */
export function move(points, index, to) {
  const { x, y, label } = points;
  return { x: x.with(index, to.x), y: y.with(index, to.y), label };
}

/**
 * @param {import("./protocol.js").Points} points
 * @returns {number[]} the labels in use, ascending
 */
export function classesInUse(points) {
  return [...new Set(points.label)].sort((a, b) => a - b);
}
