import assert from "node:assert/strict";
import { test } from "node:test";

import { lonePoints, niceTop } from "../../../src/nnvisu/static/js/draw/scale.js";

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
