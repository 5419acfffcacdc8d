import assert from "node:assert/strict";
import { test } from "node:test";

import { Refusal } from "../../../src/nnvisu/static/js/net/client.js";
import { add } from "../../../src/nnvisu/static/js/data/points.js";
import { LAYERS, setting } from "../support/trainer_line.js";

test("frames include layer statistics as soon as the panel is open", async () => {
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

test("missing layer statistics are requested without training", async () => {
  const it = setting();
  await it.connect();
  const before = it.store.live.value;
  it.layOpen(true);
  const { type, checkpoint, points } = it.asked[0].request;
  assert.equal(type, "inspect");
  assert.equal(checkpoint, before?.checkpoint);
  assert.equal(points.label.length, 2);
  await it.inspected();
  assert.equal(it.store.live.value, before);
  assert.equal(it.store.inspected.value?.moment, before);
  assert.equal(it.store.inspected.value?.layers, LAYERS);
  assert.equal(it.asked.length, 0);
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 1 }]);
  it.store.drawn.value = more;
  assert.equal(it.asked[0].request.points.label.length, 3);
  it.trainer.toggle();
  assert.deepEqual(it.types(), ["train"], "training does not wait for the inspection");
  await it.inspected();
  assert.equal(it.store.training.value, true);
  assert.equal(it.asked.length, 0);
});

test("a refused inspection shows no error and is not requested again", async () => {
  const it = setting();
  await it.connect();
  it.layOpen(true);
  it.asked.pop()?.reject(new Refusal("data.training.label: no.", false));
  await new Promise(setImmediate);
  assert.equal(it.store.errors.transport.value, "");
  assert.deepEqual(it.store.inspected.value?.layers, []);
  assert.equal(it.asked.length, 0);
});

test("an inspection lost with the connection is requested again", async () => {
  const it = setting();
  await it.connect();
  it.layOpen(true);
  it.trainer.lost();
  it.store.connection.value = { kind: "waiting", seconds: 1 };
  it.asked.pop()?.reject(new Refusal("The connection was lost.", true));
  await new Promise(setImmediate);
  assert.equal(it.store.inspected.value, null);
  it.store.connection.value = { kind: "open" };
  assert.equal(it.asked.length, 1);
});

test("a past moment is inspected while training continues", async () => {
  const it = setting();
  await it.connect();
  it.layOpen(true);
  await it.inspected();
  it.trainer.toggle();
  it.frame(3);
  it.frame(4);
  assert.equal(it.asked.length, 0, "frames include their own statistics");
  const past = it.store.history.value.moments[1];
  it.store.scrubbed.value = past;
  assert.equal(it.asked[0].request.checkpoint, past.checkpoint);
  assert.equal(it.store.training.value, true);
  await it.inspected();
  assert.equal(it.store.inspected.value?.moment, past);
});
