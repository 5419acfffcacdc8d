import assert from "node:assert/strict";
import { test } from "node:test";

import {
  linearAxis,
  logarithmicAxis,
  lonePoints,
  niceTop,
  shareAxis,
} from "../../../src/nnvisu/static/js/draw/scale.js";

test("the axis ends at a round number just above the curve's maximum", () => {
  for (let most = 1e-4; most < 1e4; most *= 1.013) {
    const top = niceTop(most);
    assert.ok(top >= most && top <= 1.5 * most, `${most} gives ${top}`);
    assert.ok(Number(top.toPrecision(2)) - top < 1e-9 * top);
  }
  assert.equal(niceTop(0.69), 0.8);
  assert.equal(niceTop(1), 1);
  assert.equal(niceTop(2.6), 3);
});

test("small changes of the curve do not change the axis", () => {
  assert.equal(niceTop(0.61), niceTop(0.79));
});

test("without a curve the axis ends at one", () => {
  for (const most of [null, 0, -1, Number.NaN, Infinity]) assert.equal(niceTop(most), 1);
});

test("values between gaps get a point, because no line shows them", () => {
  assert.deepEqual(lonePoints([0]), [0]);
  assert.deepEqual(lonePoints([1, 2, null, 3, null, 4, 5]), [3]);
  assert.deepEqual(lonePoints([null, null, 6]), [2]);
  assert.deepEqual(lonePoints([1, 2, 3]), []);
});

test("a loss that diverged does not flatten the others", () => {
  const usual = Array.from({ length: 100 }, (_, k) => 0.7 * 0.98 ** k);
  assert.ok(linearAxis([...usual, 1e12]).high < 20);
  assert.equal(linearAxis(usual).high, 0.8);
  // A large loss at the beginning is no divergence.
  assert.equal(linearAxis([6, ...usual]).high, 6);
});

test("the logarithmic axis spans whole powers of ten, at most twelve", () => {
  const axis = logarithmicAxis([0.7, 0.02]);
  assert.deepEqual([axis.low, axis.high], [-2, 0]);
  assert.deepEqual(axis.splits.map(axis.text), ["0.01", "0.1", "1"]);
  assert.equal(axis.place(0.01), -2);
  assert.equal(axis.place(0), null);
  assert.equal(axis.place(null), null);
  const far = logarithmicAxis([1e-30, 1e20]);
  assert.deepEqual([far.low, far.high], [8, 20]);
  assert.ok(far.splits.length <= 6);
});

test("the logarithmic axis of no or only zero losses has two ends", () => {
  for (const values of [[], [0, 0]]) {
    const { low, high } = logarithmicAxis(values);
    assert.ok(low < high && Number.isFinite(low + high));
  }
});

test("shares end at 1; below 0, which R² may be, they end at -1", () => {
  assert.deepEqual([shareAxis([0.5, 0.9]).low, shareAxis([0.5, 0.9]).high], [0, 1]);
  assert.equal(shareAxis([-0.2]).low, -1);
  assert.equal(shareAxis([-50]).low, -1);
});
