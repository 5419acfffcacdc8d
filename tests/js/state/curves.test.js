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

test("the chart of the accuracy has the accuracies, in regression R²", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  const test_ = { loss: 0.25, accuracy: 0.75, r2: null };
  it.frame(5, null, { training: { loss: 0.5, accuracy: 0.875, r2: null }, test: test_ });
  const { training, test: tests } = curvesOf(it.store, "accuracy");
  assert.deepEqual([training.at(-1), tests.at(-1)], [0.875, 0.75]);
});

test("exchanged data at epoch 0 replace the value there", async () => {
  const it = setting();
  await it.connect();
  const before = curvesOf(it.store);
  it.store.drawn.value = add(it.store.drawn.value, [{ x: 0.9, y: 0.9, label: 0 }]);
  const after = curvesOf(it.store);
  assert.deepEqual([before.epochs, after.epochs], [[0], [0]]);
  assert.equal(after.training[0], it.store.live.value?.training?.loss);
});
