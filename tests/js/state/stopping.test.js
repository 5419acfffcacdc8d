import assert from "node:assert/strict";
import { test } from "node:test";

import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { setting } from "../support/trainer_line.js";

const FAR = { seconds: 9.5, best_loss: 0.25, best_epoch: 7 };
const BEGINNING = { seconds: 0, best_loss: null, best_epoch: 0 };

test("stop conditions are sent with Train, by the wire's names, and not with Step", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_epoch: 300, stop_loss: 0.01, stop_seconds: 60 });
  it.trainer.step();
  const none = { epoch: null, loss: null, seconds: null, patience: null };
  assert.deepEqual(it.last().stop_conditions, none);
  it.frame(1, "budget");
  it.trainer.toggle();
  const wanted = { epoch: 300, loss: 0.01, seconds: 60, patience: null };
  assert.deepEqual(it.last().stop_conditions, wanted);
});

test("a met condition stops training and shows the reason until another moment is in view", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_epoch: 300 });
  it.trainer.toggle();
  it.frame(300, "target", { reason: "epoch 300 has been reached" });
  assert.equal(it.store.training.value, false);
  assert.equal(it.outcome(), "Stopped: epoch 300 has been reached.");
  assert.equal(it.store.outcome.value?.moment, it.store.shown.value);
  assert.equal(it.store.errors.transport.value, "");
  assert.deepEqual(it.types(), ["train"]);
});

test("a changed condition applies to the running training", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(10);
  it.set({ stop_epoch: 30 });
  assert.equal(it.last().type, "stop");
  it.frame(12, "stopped");
  assert.equal(it.last().stop_conditions.epoch, 30);
  assert.equal(it.last().checkpoint.epoch, 12);
});

test("a condition met while it is being raised does not stop training", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_epoch: 30 });
  it.trainer.toggle();
  it.set({ stop_epoch: 60 });
  it.frame(30, "target", { reason: "epoch 30 has been reached" });
  assert.equal(it.store.training.value, true);
  assert.equal(it.outcome(), undefined);
  assert.equal(it.last().stop_conditions.epoch, 60);
  assert.equal(it.last().checkpoint.epoch, 30);
});

test("progress continues over budgets, edits and lost connections", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_seconds: 60 });
  it.trainer.toggle();
  assert.deepEqual(it.last().progress, BEGINNING);
  it.frame(600, "budget", { progress: FAR });
  assert.deepEqual(it.last().progress, FAR);
  it.set({ learning_rate: 0.5 });
  it.frame(700, "stopped", { progress: { ...FAR, seconds: 11 } });
  assert.equal(it.last().progress.seconds, 11);
  it.frame(710, null, { progress: { ...FAR, seconds: 12 } });
  it.trainer.lost();
  it.store.connection.value = { kind: "waiting", seconds: 1 };
  it.store.connection.value = { kind: "open" };
  assert.equal(it.last().progress.seconds, 12);
});

test("progress restarts with Train, with Reset model, and without conditions", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_seconds: 60 });
  it.trainer.toggle();
  it.frame(600, null, { progress: FAR });
  it.trainer.toggle();
  it.trainer.toggle();
  assert.deepEqual(it.last().progress, BEGINNING);
  it.frame(620, null, { progress: FAR });
  it.frame(640, "budget");
  assert.deepEqual(it.last().progress, BEGINNING);
});

test("patience is refused without test points, and training stops when they are removed", async () => {
  const it = setting();
  await it.connect();
  const sentence = /^Early stopping \(patience\) needs test points: raise the test share/;
  it.set({ stop_patience: 5 });
  it.trainer.toggle();
  assert.equal(it.store.training.value, false);
  assert.match(it.store.errors.transport.value, sentence);
  it.trainer.step();
  assert.deepEqual(it.types(), ["train"]);
  it.frame(1, "budget");
  const more = [0, 1, 2].flatMap((k) => [0, 1].map((label) => ({ x: 0.1 * k, y: label, label })));
  it.store.drawn.value = add(NONE, more);
  it.set({ test_share: 0.5 });
  it.trainer.toggle();
  assert.equal(it.store.training.value, true);
  assert.equal(it.last().stop_conditions.patience, 5);
  it.set({ test_share: 0 });
  assert.equal(it.store.training.value, false);
  assert.match(it.store.errors.transport.value, sentence);
});

/** @type {Record<string, (it: any) => void>} */
const INCOMPARABLE = {
  "the points": (it) => {
    it.store.drawn.value = add(it.store.drawn.value, [{ x: 0.3, y: 0.3, label: 1 }]);
  },
  "the test share": (it) => it.set({ test_share: 0.5 }),
  "the network": (it) => it.set({ hidden_layers: [3] }),
};

for (const [what, edit] of Object.entries(INCOMPARABLE)) {
  test(`an edit of ${what} makes early stopping begin anew, and the seconds continue`, async () => {
    const it = setting();
    const more = [0, 1, 2].flatMap((k) => [0, 1].map((label) => ({ x: 0.1 * k, y: label, label })));
    it.store.drawn.value = add(NONE, more);
    await it.connect();
    it.set({ stop_seconds: 60 });
    it.trainer.toggle();
    it.frame(600, null, { progress: FAR });
    edit(it);
    it.frame(601, "stopped", { progress: FAR });
    assert.deepEqual(it.last().progress, { ...FAR, best_loss: null, best_epoch: 601 });
    // The next edit that changes nothing of this keeps the new best loss.
    const better = { seconds: 11, best_loss: 0.75, best_epoch: 605 };
    it.frame(605, null, { progress: better });
    it.set({ learning_rate: 0.5 });
    it.frame(606, "stopped", { progress: better });
    assert.deepEqual(it.last().progress, better);
  });
}
