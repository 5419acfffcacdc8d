import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusal } from "../../../src/nnvisu/static/js/net/client.js";
import { add } from "../../../src/nnvisu/static/js/data/points.js";
import { begin } from "../../../src/nnvisu/static/js/data/undo.js";
import { LAYERS, setting } from "../support/trainer_line.js";

test("frames tell of the layers while they are laid open, at once", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  assert.equal(it.last().statistics, false);
  it.layOpen(true);
  assert.equal(it.last().type, "stop");
  it.frame(2, "stopped");
  assert.equal(it.last().statistics, true);
  it.frame(3, null, { layers: LAYERS });
  assert.equal(it.store.live.value?.layers, LAYERS);
  it.layOpen(false);
  it.frame(4, "stopped", { layers: LAYERS });
  assert.equal(it.last().statistics, false);
});

test("layers of what no frame told of are asked for without training anything", async () => {
  const it = setting();
  await it.connect();
  const before = it.store.live.value;
  it.layOpen(true);
  const { checkpoint: sent, stop_conditions: conditions, statistics } = it.asked[0].request;
  assert.deepEqual([sent.epoch, conditions.epoch, statistics], [1, 1, true]);
  await it.told();
  assert.equal(it.store.live.value, before);
  assert.equal(it.store.looked.value?.moment, before);
  assert.equal(it.store.looked.value?.layers, LAYERS);
  assert.equal(it.asked.length, 0);
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 1 }]);
  it.store.timeline.value = begin(more);
  assert.equal(it.asked[0].request.data.training.label.length, 3);
  it.trainer.toggle();
  assert.deepEqual(it.types(), ["train"], "training does not wait for it");
  await it.told();
  assert.equal(it.store.training.value, true);
  assert.equal(it.asked.length, 0);
});

test("a look that is refused troubles nobody, and is not taken again", async () => {
  const it = setting();
  await it.connect();
  it.layOpen(true);
  it.asked.pop()?.reject(new Refusal("data.training.label: no.", false));
  await new Promise(setImmediate);
  assert.equal(it.store.errors.transport.value, "");
  assert.deepEqual(it.store.looked.value?.layers, []);
  assert.equal(it.asked.length, 0);
});

test("a look that is lost with the connection is taken again", async () => {
  const it = setting();
  await it.connect();
  it.layOpen(true);
  it.trainer.lost();
  it.store.connection.value = { kind: "waiting", seconds: 1 };
  it.asked.pop()?.reject(new Refusal("The connection was lost.", true));
  await new Promise(setImmediate);
  assert.equal(it.store.looked.value, null);
  it.store.connection.value = { kind: "open" };
  assert.equal(it.asked.length, 1);
});
