import assert from "node:assert/strict";
import { test } from "node:test";

import { setting } from "../support/trainer_line.js";

test("a single update has a budget of one update and no stop conditions", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_epoch: 1, batch_size: 1 });
  it.trainer.singleUpdate();
  assert.deepEqual(it.last().budget, { epochs: null, updates: 1 });
  assert.equal(it.last().stop_conditions.epoch, null);
  assert.equal(it.last().pace, null);
  it.frame(1, "budget");
  assert.equal(it.store.busy.value, false);
  assert.deepEqual(it.types(), ["train"]);
});

test("single updates that are pressed quickly add up", async () => {
  const it = setting();
  await it.connect();
  for (let press = 0; press < 3; press += 1) it.trainer.singleUpdate();
  assert.deepEqual(it.types(), ["train"]);
  it.frame(1, "budget");
  assert.deepEqual(it.last().budget, { epochs: null, updates: 2 });
  it.frame(3, "budget");
  assert.deepEqual(it.types(), ["train", "train"]);
});
