// Geometry of the map and the diagram: the square [-1, 1] x [-1, 1] (y up) on a rectangle of pixels
// (y down), distances to points, segments and curves, and even spacing along a pointer's path.

/**
 * @typedef {object} Size
 * @property {number} width in CSS pixels
 * @property {number} height in CSS pixels
 */

/** @typedef {{x: number, y: number}} Position in pixels or in data units, as each function says */

/**
 * Points in data units. The arrays have equal lengths, except that `value` is empty in
 * classification and `label` in regression.
 * @typedef {object} Points
 * @property {Float32Array} x
 * @property {Float32Array} y
 * @property {Uint8Array} label 0 to 9
 * @property {Float32Array} value
 * @property {Uint8Array | undefined} [test] 1 for a test point, 0 for a training point
 */

/**
 * @param {Size} size
 * @param {number} x in data units
 * @param {number} y
 * @returns {Position} in pixels
 */
export function toPixels(size, x, y) {
  return { x: ((x + 1) / 2) * size.width, y: ((1 - y) / 2) * size.height };
}

/**
 * @param {Size} size
 * @param {number} x in pixels
 * @param {number} y
 * @returns {Position} in data units, outside the square when the pixel lies outside the map
 */
export function toData(size, x, y) {
  return { x: (2 * x) / size.width - 1, y: 1 - (2 * y) / size.height };
}

/** @param {number} x in data units @param {number} y */
export function insideSquare(x, y) {
  return Math.abs(x) <= 1 && Math.abs(y) <= 1;
}

/**
 * The distance from a position to the segment between two others.
 * @param {Position} position
 * @param {Position} from
 * @param {Position} to
 */
export function segmentDistance(position, from, to) {
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const length2 = dx * dx + dy * dy;
  const along = (position.x - from.x) * dx + (position.y - from.y) * dy;
  const t = length2 === 0 ? 0 : Math.max(0, Math.min(1, along / length2));
  return Math.hypot(position.x - from.x - t * dx, position.y - from.y - t * dy);
}

/**
 * The index of the point nearest to a position, the topmost (last) of equals; -1 when none is
 * within the radius.
 * @param {{ x: Float32Array, y: Float32Array }} points
 * @param {Position} position in data units
 * @param {number} radius in data units
 */
export function nearestPoint(points, position, radius) {
  let nearest = -1;
  let best = radius * radius;
  for (let k = 0; k < points.x.length; k += 1) {
    const dx = points.x[k] - position.x;
    const dy = points.y[k] - position.y;
    const distance2 = dx * dx + dy * dy;
    if (distance2 <= best) {
      best = distance2;
      nearest = k;
    }
  }
  return nearest;
}

/**
 * The points that a round eraser touches between two positions. It checks the whole segment, so a
 * fast pointer skips none.
 * @param {{ x: Float32Array, y: Float32Array }} points
 * @param {Position} from in data units
 * @param {Position} to
 * @param {number} radius in data units
 * @returns {number[]} indices, ascending
 */
export function pointsAlong(points, from, to, radius) {
  const touched = [];
  for (let k = 0; k < points.x.length; k += 1) {
    if (segmentDistance({ x: points.x[k], y: points.y[k] }, from, to) <= radius) touched.push(k);
  }
  return touched;
}

/**
 * The points in an upright rectangle.
 * @param {{ x: Float32Array, y: Float32Array }} points
 * @param {Position} from a corner
 * @param {Position} to the opposite corner
 * @returns {number[]} indices, ascending
 */
export function pointsWithin({ x, y }, from, to) {
  /** @param {number} value @param {number} a @param {number} b */
  const between = (value, a, b) => value >= Math.min(a, b) && value <= Math.max(a, b);
  return [...x.keys()].filter((k) => between(x[k], from.x, to.x) && between(y[k], from.y, to.y));
}

/**
 * Places positions at an even spacing along a pointer's path, whatever the distance between events.
 * The start is the first position; each further one lies `spacing` along the path from the last.
 * @param {Position} start
 * @param {number} spacing in the same unit
 * @returns {(to: Position) => Position[]} takes the pointer's next position, returns new positions
 */
export function createTrail(start, spacing) {
  let last = start;
  let walked = 0;
  return (to) => {
    const length = Math.hypot(to.x - last.x, to.y - last.y);
    const placed = [];
    for (let at = spacing - walked; at <= length; at += spacing) {
      const t = at / length;
      placed.push({ x: last.x + t * (to.x - last.x), y: last.y + t * (to.y - last.y) });
    }
    walked = walked + length - placed.length * spacing;
    last = to;
    return placed;
  };
}

/**
 * The distance from a position to the S-shaped curve that joins two units of the diagram: a cubic
 * that leaves and arrives horizontally, as `bezierCurveTo(mid, from.y, mid, to.y, to.x, to.y)` draws
 * it.
 * @param {Position} position
 * @param {Position} from
 * @param {Position} to
 */
export function curveDistance(position, from, to) {
  let nearest = Infinity;
  let previous = from;
  const segments = 16;
  for (let k = 1; k <= segments; k += 1) {
    const next = curvePoint(from, to, k / segments);
    nearest = Math.min(nearest, segmentDistance(position, previous, next));
    previous = next;
  }
  return nearest;
}

/**
 * @param {Position} from
 * @param {Position} to
 * @param {number} t 0 to 1
 * @returns {Position}
 */
function curvePoint(from, to, t) {
  const s = 1 - t;
  const middle = 1.5 * s * t;
  return {
    x: from.x * (s * s * s + middle) + to.x * (t * t * t + middle),
    y: from.y + (to.y - from.y) * t * t * (3 - 2 * t),
  };
}
