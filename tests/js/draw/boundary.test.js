import assert from "node:assert/strict";
import { test } from "node:test";

import { traceBoundary } from "../../../src/nnvisu/static/js/draw/boundary.js";
import { createRaster } from "../../../src/nnvisu/static/js/draw/raster.js";
import { checkpoint } from "../support/networks.js";

/**
 * @param {ReturnType<typeof checkpoint>} some
 * @param {import("../../../src/nnvisu/static/js/draw/resolution.js").Grid} grid
 */
function decisionsOf(some, grid) {
  const picture = { checkpoint: some, dark: false, colouring: /** @type {const} */ ("mix") };
  const raster = createRaster({ ...picture, boundary: true }, grid);
  while (!raster.done) raster.advance();
  return /** @type {import("../../../src/nnvisu/static/js/draw/boundary.js").Decisions} */ (
    raster.decisions
  );
}

test("the boundary of a network without hidden layers is a straight line, to a fraction of a pixel", () => {
  const some = checkpoint([], [4, 7], "tanh");
  // The logits differ by x + 0.5 y - 0.2.
  some.parameters.set([1, 0.5, 0, 0, -0.2, 0]);
  const [columns, rows] = [60, 50];
  const decisions = decisionsOf(some, { columns, rows });
  let pieces = 0;
  let length = 0;
  traceBoundary(decisions, (fromX, fromY, toX, toY) => {
    pieces += 1;
    length += Math.hypot(toX - fromX, toY - fromY);
    for (const [column, row] of [
      [fromX, fromY],
      [toX, toY],
    ]) {
      const x = (2 * column) / columns - 1;
      const y = 1 - (2 * row) / rows;
      assert.ok(Math.abs(x + 0.5 * y - 0.2) < 1e-3, `${x}, ${y}`);
    }
  });
  assert.ok(pieces > 50);
  // From the middle of the first row to that of the last, one column in two rows and a half.
  assert.ok(Math.abs(length - Math.hypot(49, (0.5 * 49 * columns) / rows)) < 1.5, String(length));
});

test("where three classes meet, the boundary has no gap", () => {
  const some = checkpoint([], [0, 1, 2], "tanh");
  some.parameters.set([2, 0, -1, 2, -1, -2, 0, 0, 0]);
  const [columns, rows] = [41, 41];
  const decisions = decisionsOf(some, { columns, rows });
  const { winners } = decisions;
  /** @type {number[][]} */
  const ends = [];
  traceBoundary(decisions, (...piece) => {
    ends.push(piece.slice(0, 2), piece.slice(2));
  });
  // Every side between two pixels of different classes is crossed.
  for (let k = 0; k < columns * rows; k += 1) {
    const column = k % columns;
    const row = Math.floor(k / columns);
    if (column + 1 < columns && winners[k] !== winners[k + 1]) {
      const found = ends.some(
        ([x, y]) => Math.abs(y - row - 0.5) < 1e-9 && x >= column + 0.5 && x <= column + 1.5,
      );
      assert.ok(found, `${column}, ${row}`);
    }
  }
});
