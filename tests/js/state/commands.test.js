import assert from "node:assert/strict";
import { test } from "node:test";

import { createCommands } from "../../../src/nnvisu/static/js/state/commands.js";
import {
  add,
  classesInUse,
  filter,
  move,
  NONE,
} from "../../../src/nnvisu/static/js/data/points.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { EMPTY } from "../../../src/nnvisu/static/js/state/history.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { beginGesture } from "../../../src/nnvisu/static/js/state/gestures.js";
import { PLAIN } from "../support/networks.js";
import { schema } from "../support/schema.js";

const MOST = 20;
const FIRST = {
  classification: add(NONE, [{ x: 0.5, y: 0, label: 1 }]),
  regression: add(NONE, [{ x: 0.5, y: 0, value: 0.25 }]),
};

const fail = () => assert.fail("no experiment is to be deleted");

/** Commands whose server answers when told to. */
function editing() {
  const store = createStore({ name: "test", config: defaultConfig(schema) });
  /** @type {((reply: unknown) => void)[]} */
  const waiting = [];
  let id = 0;
  const client = /** @type {any} */ ({
    id: () => (id += 1),
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
  });
  const trainer = { reset: () => true };
  const experiments = {
    ...{ remove: fail, undoRemove: fail, redoRemove: fail },
    deletions: { undo: [], redo: [] },
  };
  const commands = createCommands({
    ...{ store, trainer, client, experiments, maxSamples: MOST },
    newSeed: () => 1,
    first: (task) => FIRST[task],
  });

  /** @param {number} which question @param {number} n points */
  async function answer(which, n) {
    const points = add(
      NONE,
      Array.from({ length: n }, () => ({ x: 0, y: 0, label: 1 })),
    );
    waiting[which]({ type: "generated", id: which + 1, points });
    await new Promise(setImmediate);
  }
  return { store, commands, answer, waiting };
}

/** @param {number} step @returns {import("../../../src/nnvisu/static/js/state/history.js").Moment} */
function moment(step) {
  const network = { hidden_layers: [], classes: [0, 1], activation: "tanh", ...PLAIN };
  return {
    ...{ id: step, parent: null, training: null, test: null },
    checkpoint: {
      ...{ network, parameters: new Float32Array(6), step, epoch: step, seed: 0 },
      optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    },
  };
}

test("points are immutable: an edit makes new ones", () => {
  const one = add(NONE, [{ x: 0.5, y: -0.5, label: 3 }]);
  assert.equal(NONE.label.length, 0);
  const moved = move(one, 0, { x: 0.25, y: 0 });
  assert.deepEqual([one.x[0], moved.x[0], moved.y[0], moved.label[0]], [0.5, 0.25, 0, 3]);
  assert.equal(
    filter(one, () => true),
    one,
  );
  assert.equal(filter(one, () => false).label.length, 0);
});

test("an edit forgets where generated points came from", () => {
  const generated = {
    ...add(NONE, [{ x: 0, y: 0, label: 0 }]),
    origin: { distribution: "moons", seed: 1 },
  };
  assert.equal(move(generated, 0, { x: 0.1, y: 0 }).origin, undefined);
  assert.equal(add(generated, [{ x: 0, y: 0.5, label: 1 }]).origin, undefined);
});

test("classes in use are ascending, each once", () => {
  const points = add(
    NONE,
    [7, 2, 7, 0].map((label) => ({ x: 0, y: 0, label })),
  );
  assert.deepEqual(classesInUse(points), [0, 2, 7]);
});

test("a click adds exactly one point of the chosen class", () => {
  const { store, commands } = editing();
  store.view.value = { ...store.view.value, label: 4 };
  beginGesture("draw", commands, { x: 0.25, y: 0.5 });
  const { x, y, label } = store.points.value;
  assert.deepEqual([[...x], [...y], [...label]], [[0.25], [0.5], [4]]);
});

test("a drag sprays at a steady spacing, and is undone as one", () => {
  const { store, commands } = editing();
  const gesture = beginGesture("draw", commands, { x: -0.5, y: 0 });
  for (let x = -0.5; x <= 0.5; x += 0.01) gesture.to({ x, y: 0 });
  const { x } = store.points.value;
  assert.ok(x.length > 10);
  const gaps = Array.from(x.subarray(1), (right, index) => right - x[index]);
  assert.ok(Math.max(...gaps) - Math.min(...gaps) < 1e-6);
  commands.undo();
  assert.equal(store.points.value.label.length, 0);
  commands.redo();
  assert.equal(store.points.value.label.length, x.length);
});

test("nothing is drawn outside the square", () => {
  const { store, commands } = editing();
  beginGesture("draw", commands, { x: 1.01, y: 0 });
  assert.equal(store.points.value.label.length, 0);
  assert.equal(commands.undoName.value, "");
});

test("more points than the server takes are refused, in words, and the others stay", () => {
  const { store, commands } = editing();
  const row = Array.from({ length: MOST + 5 }, (_, index) => ({ x: index / 100, y: 0 }));
  commands.draw(row, {});
  assert.equal(store.points.value.label.length, MOST);
  assert.match(store.errors.transport.value, /room for 20 points/);
  commands.undo();
  commands.draw([{ x: 0, y: 0 }], {});
  assert.equal(store.errors.transport.value, "");
});

test("the eraser takes what its circle passes over, however fast it moves", () => {
  const { store, commands } = editing();
  commands.draw(
    [
      { x: -0.5, y: 0 },
      { x: 0, y: 0.05 },
      { x: 0.5, y: 0 },
      { x: 0, y: 0.5 },
    ],
    {},
  );
  const gesture = beginGesture("erase", commands, { x: -0.6, y: 0 });
  gesture.to({ x: 0.6, y: 0 });
  assert.deepEqual([...store.points.value.y], [0.5]);
});

test("a point follows the pointer, and stays at the border", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  const gesture = beginGesture("move", commands, { x: 0.01, y: 0.01 });
  gesture.to({ x: 0.75, y: 0.5 });
  gesture.to({ x: 1.25, y: 0.5 });
  assert.deepEqual([store.points.value.x[0], store.points.value.y[0]], [0.75, 0.5]);
  beginGesture("move", commands, { x: -0.9, y: -0.9 }).to({ x: 0, y: 0 });
  assert.equal(store.points.value.x[0], 0.75);
});

test("a point is let go when the points change under it", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  commands.draw([{ x: 0.5, y: 0 }], {});
  const gesture = beginGesture("move", commands, { x: 0.5, y: 0 });
  gesture.to({ x: 0.6, y: 0 });
  commands.undo();
  commands.undo();
  gesture.to({ x: 0.7, y: 0 });
  assert.deepEqual([...store.points.value.x], [0]);
});

test("generated points replace the data, and only the newest asked for do", async () => {
  const { store, commands, answer, waiting } = editing();
  commands.generate("moons");
  commands.generate("xor");
  commands.generate("blobs");
  assert.equal(waiting.length, 1, "one request is under way at a time");
  await answer(0, 3);
  assert.equal(store.points.value.label.length, 0);
  assert.equal(waiting.length, 2, "the one between was never asked for");
  await answer(1, 5);
  assert.equal(store.points.value.label.length, 5);
  assert.equal(store.points.value.origin?.distribution, "blobs");
  commands.undo();
  assert.equal(store.points.value.label.length, 0);
});

test("a slider's drag is one step of undo, with the points that follow it", async () => {
  const { store, commands, answer } = editing();
  commands.generate("moons");
  await answer(0, 3);
  const { noise } = store.config.value;
  const before = store.drawn.value;
  const drag = {};
  commands.adjust({ noise: 0.5 }, drag);
  commands.adjust({ noise: 0.75 }, drag);
  await answer(1, 4);
  await answer(2, 5);
  assert.equal(store.points.value.label.length, 5);
  assert.equal(commands.undoName.value, "Noise");
  commands.undo();
  assert.equal(store.config.value.noise, noise);
  assert.equal(store.drawn.value, before);
  commands.redo();
  assert.deepEqual([store.config.value.noise, store.points.value.label.length], [0.75, 5]);
});

test("an edit made while a generator is at work is kept", async () => {
  const { store, commands, answer } = editing();
  commands.generate("moons");
  commands.draw([{ x: 0.25, y: 0 }], {});
  await answer(0, 3);
  assert.deepEqual([...store.points.value.x], [0.25]);
});

test("undo takes back what was said of the state before", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  commands.clear();
  store.errors.transport.value = "There is nothing to learn yet.";
  commands.undo();
  assert.equal(store.errors.transport.value, "");
});

test("points of a task have labels or values, never both", () => {
  const valued = add(NONE, [
    { x: 0, y: 0, value: -0.5 },
    { x: 1, y: 0, value: 0.75 },
  ]);
  assert.deepEqual([[...valued.value], valued.label.length], [[-0.5, 0.75], 0]);
  assert.deepEqual([...move(valued, 0, { x: 0.5, y: 0 }).value], [-0.5, 0.75]);
  assert.deepEqual([...filter(valued, (index) => index === 1).value], [0.75]);
  assert.deepEqual(classesInUse(valued), []);
});

test("in regression a click adds a point of the chosen value", () => {
  const { store, commands } = editing();
  commands.setTask("regression");
  commands.clear();
  store.view.value = { ...store.view.value, target: -0.25 };
  beginGesture("draw", commands, { x: 0.25, y: 0.5 });
  const { x, label, value } = store.points.value;
  assert.deepEqual([[...x], [...label], [...value]], [[0.25], [], [-0.25]]);
});

test("a task begins with an example, and later as it was left", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  commands.set({ hidden_layers: [3], learning_rate: 0.5, noise: 0.25 });
  const labelled = store.drawn.value;
  store.scrubbed.value = /** @type {any} */ ({});
  commands.setTask("regression");
  assert.equal(store.scrubbed.value, null);
  assert.equal(store.drawn.value, FIRST.regression);
  assert.deepEqual(store.wanted.value.classes, []);
  commands.draw([{ x: 0.75, y: 0 }], {});
  commands.set({ hidden_layers: [7], noise: 0.5 });
  const valued = store.drawn.value;
  commands.setTask("classification");
  assert.equal(store.drawn.value, labelled);
  assert.deepEqual(store.wanted.value.classes, [0, 1]);
  const { hidden_layers, learning_rate, noise } = store.config.value;
  assert.deepEqual([hidden_layers, learning_rate], [[3], 0.5]);
  assert.equal(noise, 0.5, "what generators go by is common to both tasks");
  commands.setTask("regression");
  assert.equal(store.drawn.value, valued);
  assert.deepEqual(store.config.value.hidden_layers, [7]);
  commands.setTask("regression");
  assert.equal(store.drawn.value, valued);
});

test("another task is undone and redone with all that belongs to it", () => {
  const { store, commands } = editing();
  const model = { live: moment(3), history: { interval: 1, moments: [moment(3)] } };
  store.live.value = model.live;
  store.history.value = model.history;
  commands.setTask("regression");
  assert.deepEqual([store.live.value, store.history.value], [null, EMPTY]);
  const other = moment(4);
  store.live.value = other;
  commands.undo();
  assert.equal(store.config.value.task, "classification");
  assert.deepEqual([store.live.value, store.history.value], [model.live, model.history]);
  assert.equal(store.aside.value, null);
  commands.redo();
  assert.equal(store.config.value.task, "regression");
  assert.equal(store.live.value, other);
});

test("a cleared task is still empty when it is taken up again", () => {
  const { store, commands } = editing();
  commands.setTask("regression");
  commands.clear();
  commands.setTask("classification");
  commands.setTask("regression");
  assert.equal(store.points.value.x.length, 0);
});

test("points that were asked for before the task changed are not taken for the other", async () => {
  const { store, commands, answer } = editing();
  commands.setTask("regression");
  commands.clear();
  commands.setTask("classification");
  commands.clear();
  commands.generate("moons");
  commands.setTask("regression");
  await answer(0, 3);
  assert.equal(store.points.value.x.length, 0);
});

test("a setting is undone and redone; one that stays as it is leaves no step", () => {
  const { store, commands } = editing();
  const { learning_rate } = store.config.value;
  commands.set({ learning_rate });
  assert.equal(commands.undoName.value, "");
  commands.set({ learning_rate: 0.5 });
  assert.equal(commands.undoName.value, "Learning rate");
  commands.undo();
  assert.equal(store.config.value.learning_rate, learning_rate);
  assert.equal(commands.redoName.value, "Learning rate");
  commands.redo();
  assert.equal(store.config.value.learning_rate, 0.5);
});

test("undo takes back only its own settings", () => {
  const { store, commands } = editing();
  commands.set({ learning_rate: 0.5 });
  store.config.value = { ...store.config.value, pace: 600 };
  commands.undo();
  assert.equal(store.config.value.pace, 600);
});

test("what was trained after an edit of the points stays when the edit is undone", () => {
  const { store, commands } = editing();
  store.live.value = moment(1);
  commands.draw([{ x: 0, y: 0 }], {});
  store.live.value = moment(40);
  commands.undo();
  assert.equal(store.points.value.label.length, 0);
  assert.equal(store.live.value.checkpoint.step, 40);
});

test("weights that an edit of the points led to, without training, go with it", () => {
  const { store, commands } = editing();
  const before = moment(7);
  store.live.value = before;
  commands.draw([{ x: 0, y: 0 }], {});
  const after = { ...moment(7), id: 8 };
  store.live.value = after;
  commands.undo();
  assert.equal(store.live.value, before);
  commands.redo();
  assert.equal(store.live.value, after);
});

test("undo of another architecture brings the weights back, and pauses", () => {
  const { store, commands } = editing();
  const before = moment(300);
  store.live.value = before;
  store.history.value = { interval: 2, moments: [before] };
  const { history } = store;
  const recorded = history.value;
  commands.set({ hidden_layers: [3] });
  store.live.value = moment(350);
  history.value = EMPTY;
  store.training.value = true;
  commands.undo();
  assert.deepEqual([store.live.value, history.value], [before, recorded]);
  assert.deepEqual(store.config.value.hidden_layers, [10, 5]);
  assert.equal(store.training.value, false);
});

test("Reset model is undone and redone, and its undo forgets no step before it", () => {
  const { store, commands } = editing();
  const before = moment(300);
  store.live.value = before;
  commands.set({ learning_rate: 0.5 });
  commands.resetModel();
  const fresh = moment(0);
  store.live.value = fresh;
  commands.undo();
  assert.equal(store.live.value, before);
  commands.redo();
  assert.equal(store.live.value, fresh);
  commands.undo();
  commands.undo();
  assert.notEqual(store.config.value.learning_rate, 0.5);
  assert.equal(store.live.value, before);
});

test("a stroke lasts from pressing to letting go", () => {
  const { store, commands } = editing();
  const gesture = beginGesture("draw", commands, { x: 0, y: 0 });
  assert.equal(store.stroke.value, true);
  gesture.end();
  assert.equal(store.stroke.value, false);
});

test("the weights that undo holds are bounded, and the newest step is kept", () => {
  const { store, commands } = editing();
  const large = 5 * 2 ** 20;
  for (let step = 1; step <= 8; step += 1) {
    const one = moment(step);
    store.live.value = {
      ...one,
      checkpoint: { ...one.checkpoint, parameters: new Float32Array(large) },
    };
    commands.resetModel();
  }
  let undone = 0;
  for (; commands.undoName.value; undone += 1) commands.undo();
  assert.equal(undone, 3, "64 MiB hold three of 20 MiB each");
});
