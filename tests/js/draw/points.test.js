import assert from "node:assert/strict";
import { test } from "node:test";

import { markerRadius } from "../../../src/nnvisu/static/js/draw/points.js";

test("markers shrink on a small map, down to a minimum size", () => {
  assert.equal(markerRadius(480), markerRadius(1000));
  assert.ok(markerRadius(400) < markerRadius(480));
  assert.equal(markerRadius(200), markerRadius(100));
  assert.ok(markerRadius(100) >= 3.5);
});
