import assert from "node:assert/strict";
import { test } from "node:test";

import { batch } from "@preact/signals";

import { Refusal } from "../../src/nnvisu/static/js/client.js";
import { add, NONE } from "../../src/nnvisu/static/js/points.js";
import { defaultConfig } from "../../src/nnvisu/static/js/settings.js";
import { createStore } from "../../src/nnvisu/static/js/store.js";
import { createTrainer } from "../../src/nnvisu/static/js/trainer.js";
import { begin } from "../../src/nnvisu/static/js/undo.js";
import { schema } from "./schema.js";

/** @typedef {import("../../src/nnvisu/static/js/protocol.js").Network} Network */

/** @param {Network} network @param {number} epoch @param {string} [name] */
function checkpoint(network, epoch, name = "adam") {
  const sizes = [2, ...network.hidden_layers, network.classes.length || 1];
  const count = sizes.slice(1).reduce((sum, units, layer) => sum + units * (sizes[layer] + 1), 0);
  return {
    ...{ network, parameters: new Float32Array(count), step: epoch, epoch, seed: 1 },
    optimiser: { name, slots: new Float32Array(2 * count), steps: epoch },
  };
}

/** A trainer on a line that notes what is sent and answers when told to. */
function setting() {
  const store = createStore({ name: "test", config: defaultConfig(schema) });
  const data = [0, 1].map((label) => ({ x: label - 0.5, y: 0, label }));
  store.timeline.value = begin(add(NONE, data));
  /** @type {any[]} */
  const sent = [];
  /** @type {{ request: any, resolve: (reply: any) => void, reject: (error: Error) => void }[]} */
  const asked = [];
  let id = 0;
  const client = /** @type {any} */ ({
    id: () => (id += 1),
    send: (/** @type {any} */ request) => sent.push(request),
    ask: (/** @type {any} */ request) =>
      new Promise((resolve, reject) => {
        asked.push({ request, resolve, reject });
      }),
  });
  const trainer = createTrainer(store, client);
  trainer.start();

  return {
    ...{ store, sent, asked, trainer },

    /** Answers the open question as the server does. */
    async initialised() {
      const { request, resolve } = /** @type {any} */ (asked.pop());
      const epoch = request.keep?.epoch ?? 0;
      resolve({ type: "initialised", id: request.id, checkpoint: checkpoint(request.network, epoch, request.optimiser) });
      await new Promise(setImmediate);
    },

    async connect() {
      store.connection.value = { kind: "open" };
      await this.initialised();
    },

    /** @param {number} epoch @param {string | null} [ended] of the newest training */
    frame(epoch, ended = null) {
      const train = sent.findLast(({ type }) => type === "train");
      trainer.receive(
        /** @type {any} */ ({
          ...{ type: "frame", id: train.id, ended, reason: null, test: null },
          ...{ checkpoint: checkpoint(train.network, epoch), training: { loss: 0.5, accuracy: 1 } },
        }),
      );
    },

    types: () => sent.map(({ type }) => type),
    last: () => sent.at(-1),
    epoch: () => store.live.value?.checkpoint.epoch,
  };
}

test("on connecting the first weights are asked for", async () => {
  const it = setting();
  assert.equal(it.asked.length, 0);
  await it.connect();
  assert.equal(it.epoch(), 0);
  assert.equal(it.store.history.value.moments.length, 1);
  assert.deepEqual(it.types(), []);
});

test("a frame is taken in, recorded and acknowledged", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  assert.equal(it.last().type, "train");
  it.frame(3);
  assert.equal(it.epoch(), 3);
  assert.deepEqual(it.last(), { type: "ack", id: it.sent[0].id, step: 3 });
});

test("when the budget ends, training goes on from the last frame", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.frame(600, "budget");
  assert.deepEqual(it.types(), ["train", "train"]);
  assert.equal(it.last().checkpoint.epoch, 600);
});

test("a change stops the training, waits for its last frame, and goes on from there", async () => {
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

test("what the server does not need to know changes nothing", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.config.value = { ...it.store.config.value, noise: 0.5, samples: 10, seed: 9 };
  assert.deepEqual(it.types(), ["train"]);
});

test("pause keeps what is shown; later frames are not taken", async () => {
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

test("Step trains one epoch, and as many as it is pressed", async () => {
  const it = setting();
  await it.connect();
  it.trainer.step();
  it.trainer.step();
  it.trainer.step();
  assert.deepEqual(it.sent.map(({ budget }) => budget.epochs), [1]);
  it.frame(1, "budget");
  assert.equal(it.last().budget.epochs, 2);
  it.frame(3, "budget");
  assert.equal(it.sent.filter(({ type }) => type === "train").length, 2);
});

test("a new class asks for weights that keep the old ones", async () => {
  const it = setting();
  await it.connect();
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 4 }]);
  it.store.timeline.value = begin(more);
  const { request } = it.asked[0];
  assert.deepEqual(request.network.classes, [0, 1, 4]);
  assert.deepEqual(request.keep.network.classes, [0, 1]);
  await it.initialised();
  assert.deepEqual(it.store.live.value?.checkpoint.network.classes, [0, 1, 4]);
});

test("another optimiser asks for its slots", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, optimiser: "sgd" };
  assert.equal(it.asked[0].request.optimiser, "sgd");
  await it.initialised();
  assert.equal(it.asked.length, 0);
});

test("nothing to learn: Train says what is missing", async () => {
  const it = setting();
  await it.connect();
  it.store.timeline.value = begin(NONE);
  it.trainer.toggle();
  assert.match(it.store.problem.transport.value, /nothing to learn/);
  it.store.timeline.value = begin(add(NONE, [{ x: 0, y: 0, label: 6 }]));
  it.trainer.step();
  assert.match(it.store.problem.transport.value, /All points are of class 7/);
  assert.deepEqual(it.types(), []);
  assert.equal(it.store.training.value, false);
});

test("clearing the data while it trains stops it", async () => {
  const it = setting();
  await it.connect();
  it.trainer.toggle();
  it.store.timeline.value = begin(NONE);
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
  it.frame(4, "diverged");
  assert.equal(it.store.training.value, false);
  assert.match(it.store.problem.transport.value, /smaller learning rate/);
  assert.equal(it.types().filter((type) => type === "train").length, 1);
});

test("a refusal is shown, and not asked for again until something changes", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, activation: "relu" };
  it.asked.pop()?.reject(new Refusal("activation: no.", false));
  await new Promise(setImmediate);
  assert.equal(it.store.problem.transport.value, "activation: no.");
  assert.equal(it.asked.length, 0);
  it.store.config.value = { ...it.store.config.value, activation: "gelu" };
  assert.equal(it.asked.length, 1);
});

test("Reset model takes new weights from the seed, and stops", async () => {
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

test("figures follow points that are drawn while nothing trains", async () => {
  const it = setting();
  await it.connect();
  const before = it.store.live.value?.training;
  const more = add(it.store.points.value, [{ x: 0, y: 0.5, label: 1 }]);
  it.store.timeline.value = begin(more);
  assert.notEqual(it.store.live.value?.training?.accuracy, before?.accuracy);
});

/** Takes up regression with these points. @param {ReturnType<typeof setting>} it @param {number[]} values */
function regress(it, values) {
  const points = add(NONE, values.map((value) => ({ x: value, y: 0, value })));
  batch(() => {
    it.store.timeline.value = begin(points);
    it.store.config.value = { ...it.store.config.value, problem: "regression" };
  });
}

test("another problem asks for weights that keep what fits", async () => {
  const it = setting();
  await it.connect();
  regress(it, [0.5]);
  assert.deepEqual(it.asked.map(({ request }) => request.network.classes), [[]]);
  assert.deepEqual(it.asked[0].request.keep.network.classes, [0, 1]);
  await it.initialised();
  assert.equal(it.asked.length, 0);
  assert.equal(it.store.live.value?.training?.loss, 0.25);
});

test("in regression points are sent with values and without labels; one is enough", async () => {
  const it = setting();
  await it.connect();
  regress(it, [0.5]);
  await it.initialised();
  it.trainer.toggle();
  const { training } = it.last().data;
  assert.deepEqual([[...training.value], [...training.label]], [[0.5], []]);
  it.store.timeline.value = begin(NONE);
  assert.match(it.store.problem.transport.value, /nothing to learn yet: draw points on the map/);
  assert.equal(it.store.training.value, false);
});

test("in regression, too, there must be a point to train with", async () => {
  const it = setting();
  await it.connect();
  it.store.config.value = { ...it.store.config.value, test_share: 0.5 };
  regress(it, [0.5]);
  await it.initialised();
  it.trainer.step();
  assert.match(it.store.problem.transport.value, /no point left to train with/);
  assert.deepEqual(it.types(), []);
});
