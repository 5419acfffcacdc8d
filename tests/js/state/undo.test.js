import assert from "node:assert/strict";
import { test } from "node:test";

import { EMPTY } from "../../../src/nnvisu/static/js/state/history.js";
import { editing, moment } from "../support/editing.js";

test("a changed setting is undone and redone; an unchanged one adds no step", () => {
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

test("undo reverts only its own settings", () => {
  const { store, commands } = editing();
  commands.set({ learning_rate: 0.5 });
  store.config.value = { ...store.config.value, pace: 600 };
  commands.undo();
  assert.equal(store.config.value.pace, 600);
});

test("undoing an edit of the points keeps the training done after it", () => {
  const { store, commands } = editing();
  store.live.value = moment(1);
  commands.draw([{ x: 0, y: 0 }], {});
  store.live.value = moment(40);
  commands.undo();
  assert.equal(store.points.value.label.length, 0);
  assert.equal(store.live.value.checkpoint.step, 40);
});

test("undoing an edit of the points reverts weights that it changed without training", () => {
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

test("undoing a change of architecture restores the weights and pauses", () => {
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

test("Reset model is undone and redone, and earlier steps remain", () => {
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

test("the memory of weights in undo is bounded, and the newest step is kept", () => {
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
  let redone = 0;
  for (; commands.redoName.value; redone += 1) commands.redo();
  assert.equal(redone, 3);
});

test("a change of task is undone and redone with all its state", () => {
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

test("undoing a deletion is offered once, whatever becomes of it", () => {
  let brought = 0;
  const experiments = {
    ...{ remove() {}, undoRemove: () => (brought += 1), forgetRedo() {} },
    ...{ undoable: ["Two moons"], redoable: false },
  };
  const { commands } = editing(experiments);
  assert.equal(commands.undoName.value, "Delete “Two moons”");
  commands.undo();
  assert.deepEqual([brought, commands.undoName.value, commands.redoName.value], [1, "", ""]);
});
