import assert from "node:assert/strict";
import { test } from "node:test";

import {
  add,
  classesInUse,
  filter,
  NONE,
  place,
} from "../../../src/nnvisu/static/js/data/points.js";
import { beginGesture } from "../../../src/nnvisu/static/js/state/gestures.js";
import { editing, FIRST, MAX_SAMPLES } from "../support/editing.js";

test("points are immutable: an edit returns new ones", () => {
  const one = add(NONE, [{ x: 0.5, y: -0.5, label: 3 }]);
  assert.equal(NONE.label.length, 0);
  const moved = place(one, [0], () => ({ x: 0.25, y: 0 }));
  assert.deepEqual([one.x[0], moved.x[0], moved.y[0], moved.label[0]], [0.5, 0.25, 0, 3]);
  assert.equal(
    filter(one, () => true),
    one,
  );
  assert.equal(filter(one, () => false).label.length, 0);
});

test("an edit clears the origin of generated points", () => {
  const generated = {
    ...add(NONE, [{ x: 0, y: 0, label: 0 }]),
    origin: { distribution: "moons", seed: 1 },
  };
  assert.equal(place(generated, [0], () => ({ x: 0.1, y: 0 })).origin, undefined);
  assert.equal(add(generated, [{ x: 0, y: 0.5, label: 1 }]).origin, undefined);
});

test("classes in use are ascending and unique", () => {
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

test("a drag sprays at equal spacing and is one undo step", () => {
  const { store, commands } = editing();
  store.view.value = { ...store.view.value, brush: 0 };
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

test("points outside the square are not drawn", () => {
  const { store, commands } = editing();
  beginGesture("draw", commands, { x: 1.01, y: 0 });
  assert.equal(store.points.value.label.length, 0);
  assert.equal(commands.undoName.value, "");
});

test("points above the server's limit are refused with a message; the others stay", () => {
  const { store, commands } = editing();
  const row = Array.from({ length: MAX_SAMPLES + 5 }, (_, index) => ({ x: index / 100, y: 0 }));
  commands.draw(row, {});
  assert.equal(store.points.value.label.length, MAX_SAMPLES);
  assert.match(store.errors.transport.value, /at most 20 points/);
  commands.undo();
  commands.draw([{ x: 0, y: 0 }], {});
  assert.equal(store.errors.transport.value, "");
});

test("the eraser removes all points that its circle passes over, at any speed", () => {
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

test("a dragged point follows the pointer and stops at the border", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  const gesture = beginGesture("move", commands, { x: 0.01, y: 0.01 });
  gesture.to({ x: 0.75, y: 0.5 });
  gesture.to({ x: 1.25, y: 0.5 });
  assert.deepEqual([store.points.value.x[0], store.points.value.y[0]], [0.75, 0.5]);
  beginGesture("move", commands, { x: -0.9, y: -0.9 }).to({ x: 0, y: 0 });
  assert.equal(store.points.value.x[0], 0.75);
});

test("a drag ends when the points change during it", () => {
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

test("only the points of the newest generator request replace the data", async () => {
  const { store, commands, answer, waiting } = editing();
  commands.generate("moons");
  commands.generate("xor");
  commands.generate("blobs");
  assert.equal(waiting.length, 1, "one request is under way at a time");
  await answer(0, 3);
  assert.equal(store.points.value.label.length, 0);
  assert.equal(waiting.length, 2, "the intermediate request was never sent");
  await answer(1, 5);
  assert.equal(store.points.value.label.length, 5);
  assert.equal(store.points.value.origin?.distribution, "blobs");
  commands.undo();
  assert.equal(store.points.value.label.length, 0);
});

test("a slider's drag is one undo step, together with the regenerated points", async () => {
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

test("an edit during a generator request is kept", async () => {
  const { store, commands, answer } = editing();
  commands.generate("moons");
  commands.draw([{ x: 0.25, y: 0 }], {});
  await answer(0, 3);
  assert.deepEqual([...store.points.value.x], [0.25]);
});

test("undo clears messages about the previous state", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0, y: 0 }], {});
  commands.clear();
  store.errors.transport.value = "There is nothing to learn yet.";
  commands.undo();
  assert.equal(store.errors.transport.value, "");
});

test("points have labels or values, never both", () => {
  const valued = add(NONE, [
    { x: 0, y: 0, value: -0.5 },
    { x: 1, y: 0, value: 0.75 },
  ]);
  assert.deepEqual([[...valued.value], valued.label.length], [[-0.5, 0.75], 0]);
  assert.deepEqual([...place(valued, [0], () => ({ x: 0.5, y: 0 })).value], [-0.5, 0.75]);
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

test("a task starts with an example, and later with its previous state", () => {
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
  assert.equal(noise, 0.5, "both tasks share the generator settings");
  commands.setTask("regression");
  assert.equal(store.drawn.value, valued);
  assert.deepEqual(store.config.value.hidden_layers, [7]);
  commands.setTask("regression");
  assert.equal(store.drawn.value, valued);
});

test("a cleared task is still empty after switching tasks", () => {
  const { store, commands } = editing();
  commands.setTask("regression");
  commands.clear();
  commands.setTask("classification");
  commands.setTask("regression");
  assert.equal(store.points.value.x.length, 0);
});

test("points requested before a change of task are discarded", async () => {
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

test("a stroke lasts from press to release", () => {
  const { store, commands } = editing();
  const gesture = beginGesture("draw", commands, { x: 0, y: 0 });
  assert.equal(store.stroke.value, true);
  gesture.end();
  assert.equal(store.stroke.value, false);
});

test("a drag sprays within the brush, as densely as chosen", () => {
  const { store, commands } = editing();
  store.view.value = { ...store.view.value, brush: 0.2, density: 10 };
  const gesture = beginGesture("draw", commands, { x: -0.5, y: 0 });
  gesture.to({ x: 0.5, y: 0 });
  gesture.end();
  const { x, y } = store.points.value;
  assert.equal(x.length, 11);
  assert.ok(Math.max(...y.map(Math.abs)) <= 0.2 && new Set(y).size > 5);
  assert.deepEqual([x[0], y[0]], [-0.5, 0]);
});

test("the eraser is as large as the brush", () => {
  const { store, commands } = editing();
  commands.draw([{ x: 0.3, y: 0 }], {});
  store.view.value = { ...store.view.value, brush: 0.1 };
  beginGesture("erase", commands, { x: 0, y: 0 }).end();
  assert.equal(store.points.value.x.length, 1);
  store.view.value = { ...store.view.value, brush: 0.32 };
  beginGesture("erase", commands, { x: 0, y: 0 }).end();
  assert.equal(store.points.value.x.length, 0);
});

/** Four points, and the Move tool. */
function square() {
  const it = editing();
  it.store.view.value = { ...it.store.view.value, tool: "move" };
  const corners = [-0.5, 0.5].flatMap((x) => [-0.5, 0.5].map((y) => ({ x, y })));
  it.commands.draw(corners, {});
  return it;
}

test("a frame selects the points in it, which move together and are deleted together", () => {
  const { store, commands } = square();
  const frame = beginGesture("move", commands, { x: -0.9, y: -0.9 });
  frame.to({ x: 0, y: 0.9 });
  assert.deepEqual(store.selectionFrame.value, [
    { x: -0.9, y: -0.9 },
    { x: 0, y: 0.9 },
  ]);
  frame.end();
  assert.equal(store.selectionFrame.value, null);
  assert.deepEqual(store.selection.value, [0, 1]);
  const drag = beginGesture("move", commands, { x: -0.5, y: 0.5 });
  drag.to({ x: -0.25, y: 0.75 });
  drag.to({ x: -0.25, y: 1.25 });
  drag.end();
  assert.deepEqual([...store.points.value.x], [-0.25, -0.25, 0.5, 0.5]);
  assert.deepEqual([...store.points.value.y], [-0.25, 0.75, -0.5, 0.5]);
  commands.deleteSelected();
  assert.deepEqual([...store.points.value.x], [0.5, 0.5]);
  assert.equal(commands.undoName.value, "Delete points");
  commands.undo();
  commands.undo();
  assert.deepEqual([...store.points.value.y], [-0.5, 0.5, -0.5, 0.5]);
});

test("a point that is not selected is taken alone; an edit or another tool ends the selection", () => {
  const { store, commands } = square();
  beginGesture("move", commands, { x: -0.5, y: -0.5 }).end();
  assert.deepEqual(store.selection.value, [0]);
  beginGesture("move", commands, { x: 0.5, y: 0.5 }).end();
  assert.deepEqual(store.selection.value, [3]);
  store.view.value = { ...store.view.value, tool: "draw" };
  assert.deepEqual(store.selection.value, []);
  store.view.value = { ...store.view.value, tool: "move" };
  commands.draw([{ x: 0, y: 0 }], {});
  assert.deepEqual(store.selection.value, []);
  commands.deleteSelected();
  assert.equal(store.points.value.x.length, 5);
});

test("Regenerate asks for the same shape from another seed", async () => {
  const { store, commands, answer, waiting } = editing();
  commands.regenerate();
  assert.equal(waiting.length, 0);
  store.drawn.value = { ...store.drawn.value, origin: { distribution: "moons", seed: 5 } };
  commands.regenerate();
  await answer(0, 3);
  assert.deepEqual(store.drawn.value.origin, { distribution: "moons", seed: 1 });
});

test("a generator's setting that stays the same generates nothing and is no undo step", () => {
  const { store, commands, waiting } = editing();
  store.drawn.value = { ...store.drawn.value, origin: { distribution: "moons", seed: 5 } };
  commands.adjust({ samples: store.config.value.samples });
  assert.equal(waiting.length, 0);
  assert.equal(commands.undoName.value, "");
});
