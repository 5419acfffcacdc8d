import assert from "node:assert/strict";
import { test } from "node:test";

import { batch } from "@preact/signals";

import { Refusal } from "../../../src/nnvisu/static/js/net/client.js";
import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { modelOf, putModel } from "../../../src/nnvisu/static/js/state/store.js";
import { setting } from "../support/trainer_line.js";

test("on connecting the first weights are requested", async () => {
  const it = setting();
  assert.equal(it.asked.length, 0);
  await it.connect();
  assert.equal(it.epoch(), 0);
  assert.equal(it.store.history.value.moments.length, 1);
  assert.deepEqual(it.types(), []);
});

test("a frame is applied, recorded and acknowledged", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  assert.equal(it.last().type, "train");
  it.frame(3);
  assert.equal(it.epoch(), 3);
  assert.deepEqual(it.last(), { type: "ack", id: it.sent[0].id, step: 3 });
});

test("when the budget ends, training resumes from the last frame", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(600, "budget");
  assert.deepEqual(it.types(), ["train", "train"]);
  assert.equal(it.last().checkpoint.epoch, 600);
});

test("a change stops the training, waits for its last frame, and resumes from it", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(10);
  it.store.config.value = { ...it.store.config.value, learning_rate: 0.5 };
  it.store.config.value = { ...it.store.config.value, learning_rate: 0.25 };
  assert.deepEqual(it.types(), ["train", "ack", "stop"]);
  it.frame(12, "stopped");
  assert.equal(it.last().type, "train");
  assert.equal(it.last().checkpoint.epoch, 12);
  assert.equal(it.last().hyperparameters.learning_rate, 0.25);
});

test("settings that the server does not use do not restart training", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.config.value = { ...it.store.config.value, noise: 0.5, samples: 10, seed: 9 };
  assert.deepEqual(it.types(), ["train"]);
});

test("pause keeps the frame in view; later frames are ignored", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(5);
  it.trainer.toggle();
  assert.equal(it.last().type, "stop");
  it.frame(7, "stopped");
  assert.equal(it.epoch(), 5);
  it.trainer.toggle();
  assert.equal(it.last().checkpoint.epoch, 5);
});

test("Step trains one epoch per press", async () => {
  const it = setting();
  await it.connect();
  it.trainer.step();
  it.trainer.step();
  it.trainer.step();
  assert.deepEqual(
    it.sent.map(({ budget }) => budget.epochs),
    [1],
  );
  it.frame(1, "budget");
  assert.equal(it.last().budget.epochs, 2);
  it.frame(3, "budget");
  assert.equal(it.sent.filter(({ type }) => type === "train").length, 2);
});

test("a new class requests weights that keep the old ones", async () => {
  const it = setting();
  await it.connect();
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 4 }]);
  it.store.drawn.value = more;
  const { request } = it.asked[0];
  assert.deepEqual(request.network.classes, [0, 1, 4]);
  assert.deepEqual(request.keep.network.classes, [0, 1]);
  await it.initialised();
  assert.deepEqual(it.store.live.value?.checkpoint.network.classes, [0, 1, 4]);
});

test("another optimiser requests its slots", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, optimiser: "sgd" };
  assert.equal(it.asked[0].request.optimiser, "sgd");
  await it.initialised();
  assert.equal(it.asked.length, 0);
});

test("without sufficient data Train says what is missing", async () => {
  const it = setting();
  await it.connect();
  it.store.drawn.value = NONE;
  it.trainer.toggle();
  assert.match(it.store.errors.transport.value, /nothing to learn/);
  it.store.drawn.value = add(NONE, [{ x: 0, y: 0, label: 6 }]);
  it.trainer.step();
  assert.match(it.store.errors.transport.value, /All points are of class 7/);
  assert.deepEqual(it.types(), []);
  assert.equal(it.store.training.value, false);
});

test("clearing the data while it trains stops it", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.drawn.value = NONE;
  assert.equal(it.store.training.value, false);
  assert.equal(it.last().type, "stop");
});

test("a lost connection resumes from the newest frame", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(8);
  it.trainer.lost();
  it.store.connection.value = { kind: "waiting", seconds: 1 };
  it.frame(9);
  assert.equal(it.epoch(), 8);
  it.store.connection.value = { kind: "open" };
  assert.equal(it.last().type, "train");
  assert.equal(it.last().checkpoint.epoch, 8);
});

test("divergence stops with a sentence and a suggestion", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(4, "diverged", { reason: "the weights left the finite range in epoch 5" });
  assert.equal(it.store.training.value, false);
  assert.equal(it.epoch(), 4);
  assert.equal(
    it.store.errors.transport.value,
    "Training diverged: the weights left the finite range in epoch 5. The last finite weights are kept; try a smaller learning rate, or Reset model.",
  );
  assert.equal(it.types().filter((type) => type === "train").length, 1);
});

test("a refusal is shown, and the request is not repeated until something changes", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, activation: "relu" };
  it.asked.pop()?.reject(new Refusal("activation: no.", false));
  await new Promise(setImmediate);
  assert.equal(it.store.errors.transport.value, "activation: no.");
  assert.equal(it.asked.length, 0);
  it.store.config.value = { ...it.store.config.value, activation: "gelu" };
  assert.equal(it.asked.length, 1);
});

test("Reset model initialises the weights from the seed and stops training", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(40);
  it.store.config.value = { ...it.store.config.value, seed: 77 };
  it.trainer.reset();
  assert.equal(it.store.training.value, false);
  assert.deepEqual([it.asked[0].request.seed, it.asked[0].request.keep], [77, null]);
  await it.initialised();
  assert.equal(it.epoch(), 0);
  assert.equal(it.store.history.value.moments.length, 1);
});

test("metrics follow drawn points while training is stopped", async () => {
  const it = setting();
  await it.connect();
  const before = it.store.live.value?.training;
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 1 }]);
  it.store.drawn.value = more;
  assert.notEqual(it.store.live.value?.training?.accuracy, before?.accuracy);
});

/** Takes up regression with these points. @param {ReturnType<typeof setting>} it @param {number[]} values */
function regress(it, values) {
  const points = add(
    NONE,
    values.map((value) => ({ x: value, y: 0, value })),
  );
  batch(() => {
    it.store.drawn.value = points;
    it.store.config.value = { ...it.store.config.value, task: "regression" };
  });
}

test("another task requests weights that keep fitting parameters", async () => {
  const it = setting();
  await it.connect();
  regress(it, [0.5]);
  assert.deepEqual(
    it.asked.map(({ request }) => request.network.classes),
    [[]],
  );
  assert.deepEqual(it.asked[0].request.keep.network.classes, [0, 1]);
  await it.initialised();
  assert.equal(it.asked.length, 0);
  assert.equal(it.store.live.value?.training?.loss, 0.25);
});

test("in regression points are sent with values and without labels; one point is enough", async () => {
  const it = setting();
  await it.connect();
  regress(it, [0.5]);
  await it.initialised();
  it.trainer.toggle();
  const { training } = it.last().data;
  assert.deepEqual([[...training.value], [...training.label]], [[0.5], []]);
  it.store.drawn.value = NONE;
  assert.match(it.store.errors.transport.value, /nothing to learn yet: draw points on the map/);
  assert.equal(it.store.training.value, false);
});

test("regression also needs at least one training point", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, test_share: 0.5 };
  regress(it, [0.5]);
  await it.initialised();
  it.trainer.step();
  assert.match(it.store.errors.transport.value, /No training points are left/);
  assert.deepEqual(it.types(), []);
});

test("training resumes from weights that a command restores, and the pending request is dropped", async () => {
  const it = setting();
  await it.connect();
  const first = modelOf(it.store);
  it.trainer.toggle();
  it.frame(40);
  batch(() => putModel(it.store, first));
  assert.deepEqual(it.types(), ["train", "ack", "stop", "train"]);
  assert.equal(it.last().checkpoint, first.live?.checkpoint);
  assert.equal(it.epoch(), 0);
});

test("a reply for weights that a command has replaced is ignored", async () => {
  const it = setting();
  await it.connect();
  const before = modelOf(it.store);
  it.trainer.reset();
  const late = it.asked.pop();
  const restored = /** @type {any} */ ({ ...before.live, id: 77 });
  batch(() => putModel(it.store, { ...before, live: restored }));
  late?.resolve({ type: "initialised", id: late.request.id, checkpoint: before.live?.checkpoint });
  await new Promise(setImmediate);
  assert.equal(it.store.live.value?.id, 77);
});

test("a stroke restarts training at a limited rate, not with every point", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.stroke.value = true;
  let epoch = 0;
  for (let k = 0; k < 100; k += 1) {
    it.store.drawn.value = add(it.store.drawn.value, [{ x: k / 100, y: 0, label: 1 }]);
    if (it.last().type === "stop") it.frame((epoch += 1), "stopped");
  }
  assert.deepEqual(
    it.types(),
    ["train"],
    "the stroke is younger than the time between two requests",
  );
  it.store.stroke.value = false;
  assert.equal(it.last().type, "stop");
  it.frame(epoch + 1, "stopped");
  assert.equal(it.last().data.training.label.length, 102);
});

test("settings apply at once, even during a stroke", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.stroke.value = true;
  it.set({ learning_rate: 0.5 });
  assert.equal(it.last().type, "stop");
});

test("moments refer to their parent; a changed network is a moment at the same epoch", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(1);
  it.frame(2);
  it.trainer.toggle();
  it.set({ hidden_layers: [3] });
  await it.initialised();
  const { moments } = it.store.history.value;
  assert.deepEqual(
    moments.map(({ parent, checkpoint }) => [parent, checkpoint.epoch]),
    [
      [null, 0],
      [moments[0].id, 1],
      [moments[1].id, 2],
      [moments[2].id, 2],
    ],
  );
  assert.equal(it.store.live.value, moments[3]);
});

test("metrics of restored points are not computed again", async () => {
  const it = setting();
  await it.connect();
  const before = modelOf(it.store);
  const drawn = it.store.drawn.value;
  it.store.drawn.value = add(drawn, [{ x: 0, y: 0.5, label: 1 }]);
  assert.notEqual(it.store.live.value, before.live);
  batch(() => {
    it.store.drawn.value = drawn;
    putModel(it.store, before);
  });
  assert.equal(it.store.live.value, before.live);
});

test("an answer that arrives after its change was undone is ignored, although the weights are the same", async () => {
  const it = setting();
  await it.connect();
  const before = modelOf(it.store);
  it.set({ hidden_layers: [3] });
  const late = it.asked.pop();
  batch(() => {
    it.set({ hidden_layers: [10, 5] });
    putModel(it.store, before);
  });
  late?.resolve({ type: "initialised", id: late.request.id, checkpoint: before.live?.checkpoint });
  await new Promise(setImmediate);
  assert.equal(it.store.live.value, before.live);
  assert.equal(it.store.history.value, before.history);
  assert.equal(it.asked.length, 0);
});

test("a reset whose answer was lost with the connection is asked for again", async () => {
  const it = setting();
  await it.connect();
  it.trainer.reset();
  it.trainer.lost();
  it.store.connection.value = { kind: "waiting", seconds: 1 };
  it.asked.pop()?.reject(new Refusal("The connection was lost.", true));
  await new Promise(setImmediate);
  it.store.connection.value = { kind: "open" };
  assert.equal(it.asked.length, 1);
  assert.equal(it.asked[0].request.keep, null);
});

test("a request that is rejected at once, as while the socket closes, is not sent again and again", async () => {
  const it = setting();
  await it.connect();
  let asked = 0;
  it.client.ask = () => {
    asked += 1;
    return Promise.reject(new Refusal("The server can't be reached.", true));
  };
  it.set({ hidden_layers: [3] });
  it.layOpen(true);
  await new Promise(setImmediate);
  assert.ok(asked <= 2, `${asked} requests`);
});

test("the progress of stop conditions does not pass to other weights", async () => {
  const it = setting();
  await it.connect();
  it.set({ stop_seconds: 60 });
  it.trainer.toggle();
  it.frame(5, null, { progress: { seconds: 40, best_loss: 0.01, best_epoch: 5 } });
  batch(() => putModel(it.store, modelOf(it.store)));
  assert.deepEqual(it.last().progress, { seconds: 0, best_loss: null, best_epoch: 0 });
});

test("figures that were stored with other points are measured again", async () => {
  const it = setting({ restored: true });
  const stale = it.store.live.value;
  assert.equal(stale?.training?.loss, 123);
  it.store.connection.value = { kind: "open" };
  assert.notEqual(it.store.live.value?.training?.loss, 123);
  assert.equal(it.store.live.value?.id, stale?.id);
});
