// The data: an immutable set of points, each with a label (classification) or a value (regression),
// and the functions that edit it.

/**
 * @typedef {{ distribution: string, seed: number }} Origin
 * @typedef {import("../net/protocol.js").Points & { origin?: Origin }} Points `origin`: generator and
 *   seed of generated points, which an edit removes
 */

/** @type {Points} */
export const NONE = {
  x: new Float32Array(0),
  y: new Float32Array(0),
  label: new Uint8Array(0),
  value: new Float32Array(0),
};

/**
 * @param {Points} points
 * @param {{ x: number, y: number, label?: number, value?: number }[]} more each with a label or a
 *   value, as the points have
 * @returns {Points} the same object if there are none to add
 */
export function add(points, more) {
  if (more.length === 0) return points;
  return {
    x: Float32Array.of(...points.x, ...more.map(({ x }) => x)),
    y: Float32Array.of(...points.y, ...more.map(({ y }) => y)),
    label: Uint8Array.of(...points.label, ...more.flatMap(({ label }) => label ?? [])),
    value: Float32Array.of(...points.value, ...more.flatMap(({ value }) => value ?? [])),
  };
}

/**
 * @param {Points} points
 * @param {(index: number) => boolean} keep
 * @returns {Points} the same object if all are kept
 */
export function filter(points, keep) {
  /** @param {number} _ @param {number} index */
  const kept = (_, index) => keep(index);
  const { x, y, label, value } = points;
  const fewer = { x: x.filter(kept), y: y.filter(kept) };
  if (fewer.x.length === x.length) return points;
  return { ...fewer, label: label.filter(kept), value: value.filter(kept) };
}

/**
 * @param {Points} points
 * @param {readonly number[]} indices
 * @param {(index: number) => { x: number, y: number }} to
 * @returns {Points} with these points in other places
 */
export function place({ x, y, label, value }, indices, to) {
  const moved = { x: x.slice(), y: y.slice() };
  for (const index of indices) ({ x: moved.x[index], y: moved.y[index] } = to(index));
  return { ...moved, label, value };
}

/**
 * @param {import("../net/protocol.js").Points} points
 * @returns {number[]} the labels in use, ascending
 */
export function classesInUse(points) {
  return [...new Set(points.label)].sort((a, b) => a - b);
}
