import assert from "node:assert/strict";
import { test } from "node:test";

import { add } from "../../../src/nnvisu/static/js/data/points.js";
import { curvesOf } from "../../../src/nnvisu/static/js/state/curves.js";
import { setting } from "../support/trainer_line.js";

test("after an edit the curve and the figure agree at the newest epoch", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(600);
  // The last frame of a pause may be of the same epoch as the one before.
  it.trainer.toggle();
  it.trainer.step();
  it.frame(600, "stopped");
  it.store.drawn.value = add(it.store.drawn.value, [{ x: 0.3, y: 0.3, label: 1 }]);
  const { epochs, training } = curvesOf(it.store);
  assert.equal(it.store.live.value?.training?.loss, training.at(-1));
  assert.deepEqual(epochs, [...new Set(epochs)]);
});
