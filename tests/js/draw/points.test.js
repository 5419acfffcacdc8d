import assert from "node:assert/strict";
import { test } from "node:test";

import { markerRadius } from "../../../src/nnvisu/static/js/draw/points.js";

test("markers shrink on a small map and grow on a wide one, within limits", () => {
  assert.equal(markerRadius(480), markerRadius(700));
  assert.ok(markerRadius(1400) > markerRadius(1000) && markerRadius(1000) > markerRadius(700));
  assert.equal(markerRadius(3000), markerRadius(1400));
  assert.ok(markerRadius(400) < markerRadius(480));
  assert.equal(markerRadius(200), markerRadius(100));
  assert.ok(markerRadius(100) >= 3.5);
});
