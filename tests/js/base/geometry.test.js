import assert from "node:assert/strict";
import { test } from "node:test";

import {
  createTrail,
  curveDistance,
  insideSquare,
  nearestPoint,
  pointsAlong,
  segmentDistance,
  toData,
  toPixels,
} from "../../../src/nnvisu/static/js/base/geometry.js";

const SIZE = { width: 400, height: 200 };
const POINTS = {
  x: Float32Array.of(0, 0.5, 0, -1),
  y: Float32Array.of(0, 0.5, 0, -1),
  label: Uint8Array.of(0, 1, 2, 0),
};

/** @param {number} value @param {number} expected */
function close(value, expected) {
  assert.ok(Math.abs(value - expected) < 1e-9, `${value} instead of ${expected}`);
}

test("the square's y points up, the pixels' down", () => {
  assert.deepEqual(toPixels(SIZE, -1, 1), { x: 0, y: 0 });
  assert.deepEqual(toPixels(SIZE, 1, -1), { x: 400, y: 200 });
  assert.deepEqual(toPixels(SIZE, 0, 0.5), { x: 200, y: 50 });
});

test("converting to pixels and back gives the same point", () => {
  for (const [x, y] of [
    [0.25, -0.75],
    [-1, 1],
    [1.5, 0],
  ]) {
    const at = toPixels(SIZE, x, y);
    const back = toData(SIZE, at.x, at.y);
    close(back.x, x);
    close(back.y, y);
  }
  assert.ok(insideSquare(1, -1) && !insideSquare(1.001, 0) && !insideSquare(0, -1.001));
});

test("the distance from a segment includes its ends", () => {
  const from = { x: 0, y: 0 };
  const to = { x: 10, y: 0 };
  close(segmentDistance({ x: 5, y: 3 }, from, to), 3);
  close(segmentDistance({ x: -3, y: 4 }, from, to), 5);
  close(segmentDistance({ x: 13, y: 4 }, from, to), 5);
  close(segmentDistance({ x: 3, y: 4 }, from, from), 5);
});

test("finds the nearest point within reach; of equally near ones, the topmost", () => {
  assert.equal(nearestPoint(POINTS, { x: 0.05, y: 0 }, 0.1), 2);
  assert.equal(nearestPoint(POINTS, { x: 0.4, y: 0.5 }, 0.11), 1);
  assert.equal(nearestPoint(POINTS, { x: 0.4, y: 0.5 }, 0.09), -1);
});

test("a fast eraser skips no point on its path", () => {
  assert.deepEqual(pointsAlong(POINTS, { x: -1, y: -1 }, { x: 1, y: 1 }, 0.01), [0, 1, 2, 3]);
  assert.deepEqual(pointsAlong(POINTS, { x: -1, y: 0.05 }, { x: 1, y: 0.05 }, 0.1), [0, 2]);
  assert.deepEqual(pointsAlong(POINTS, { x: 0.5, y: 0.5 }, { x: 0.5, y: 0.5 }, 0.1), [1]);
});

test("a trail's spacing does not depend on the times of pointer events", () => {
  const once = createTrail({ x: 0, y: 0 }, 10)({ x: 95, y: 0 });
  const trail = createTrail({ x: 0, y: 0 }, 10);
  const often = [3, 9, 9, 11, 40.5, 69, 95].flatMap((x) => trail({ x, y: 0 }));
  assert.equal(once.length, 9);
  assert.equal(often.length, 9);
  for (const [k, { x }] of often.entries()) {
    close(x, 10 * (k + 1));
    close(once[k].x, x);
  }
});

test("a trail measures distance along its path", () => {
  const trail = createTrail({ x: 0, y: 0 }, 10);
  assert.deepEqual(trail({ x: 6, y: 0 }), []);
  assert.deepEqual(trail({ x: 6, y: 8 }), [{ x: 6, y: 4 }]);
});

test("an edge's curve is hit along its whole length", () => {
  const from = { x: 0, y: 0 };
  const to = { x: 100, y: 60 };
  close(curveDistance({ x: 50, y: 30 }, from, to), 0);
  close(curveDistance(from, from, to), 0);
  close(curveDistance(to, from, to), 0);
  // The curve starts horizontally: near its start it lies well above the straight line.
  assert.ok(curveDistance({ x: 15, y: 1 }, from, to) < 1.5);
  assert.ok(curveDistance({ x: 15, y: 9 }, from, to) > 5);
});
