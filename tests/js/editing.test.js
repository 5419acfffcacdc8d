import assert from "node:assert/strict";
import { test } from "node:test";

import { createEditor } from "../../src/nnvisu/static/js/editor.js";
import { add, classesInUse, filter, move, NONE } from "../../src/nnvisu/static/js/points.js";
import { defaultConfig } from "../../src/nnvisu/static/js/settings.js";
import { createStore } from "../../src/nnvisu/static/js/store.js";
import { beginGesture } from "../../src/nnvisu/static/js/tools.js";
import { schema } from "./schema.js";

const MOST = 20;

/** An editor whose server is not there. */
function editing() {
  const store = createStore({ name: "test", config: defaultConfig(schema) });
  const client = /** @type {any} */ ({ id: () => 1, ask: () => new Promise(() => {}) });
  return { store, editor: createEditor(store, client, { maxSamples: MOST, newSeed: () => 1 }) };
}

test("points are immutable: an edit makes new ones", () => {
  const one = add(NONE, [{ x: 0.5, y: -0.5, label: 3 }]);
  assert.equal(NONE.label.length, 0);
  const moved = move(one, 0, { x: 0.25, y: 0 });
  assert.deepEqual([one.x[0], moved.x[0], moved.y[0], moved.label[0]], [0.5, 0.25, 0, 3]);
  assert.equal(filter(one, () => true), one);
  assert.equal(filter(one, () => false).label.length, 0);
});

test("an edit forgets where generated points came from", () => {
  const generated = { ...add(NONE, [{ x: 0, y: 0, label: 0 }]), origin: { distribution: "moons", seed: 1 } };
  assert.equal(move(generated, 0, { x: 0.1, y: 0 }).origin, undefined);
  assert.equal(add(generated, [{ x: 0, y: 0.5, label: 1 }]).origin, undefined);
});

test("classes in use are ascending, each once", () => {
  const points = add(NONE, [7, 2, 7, 0].map((label) => ({ x: 0, y: 0, label })));
  assert.deepEqual(classesInUse(points), [0, 2, 7]);
});

test("a click adds exactly one point of the chosen class", () => {
  const { store, editor } = editing();
  store.view.value = { ...store.view.value, label: 4 };
  beginGesture("draw", editor, { x: 0.25, y: 0.5 });
  const { x, y, label } = store.points.value;
  assert.deepEqual([[...x], [...y], [...label]], [[0.25], [0.5], [4]]);
});

test("a drag sprays at a steady spacing, and is undone as one", () => {
  const { store, editor } = editing();
  const gesture = beginGesture("draw", editor, { x: -0.5, y: 0 });
  for (let x = -0.5; x <= 0.5; x += 0.01) gesture.to({ x, y: 0 });
  const { x } = store.points.value;
  assert.ok(x.length > 10);
  const gaps = Array.from(x.subarray(1), (right, index) => right - x[index]);
  assert.ok(Math.max(...gaps) - Math.min(...gaps) < 1e-6);
  editor.undo();
  assert.equal(store.points.value.label.length, 0);
  editor.redo();
  assert.equal(store.points.value.label.length, x.length);
});

test("nothing is drawn outside the square", () => {
  const { store, editor } = editing();
  beginGesture("draw", editor, { x: 1.01, y: 0 });
  assert.equal(store.points.value.label.length, 0);
  assert.equal(store.timeline.value.past.length, 0);
});

test("more points than the server takes are refused, in words, and the others stay", () => {
  const { store, editor } = editing();
  const row = Array.from({ length: MOST + 5 }, (_, index) => ({ x: index / 100, y: 0 }));
  editor.draw(row, {});
  assert.equal(store.points.value.label.length, MOST);
  assert.match(store.problem.transport.value, /room for 20 points/);
  editor.undo();
  editor.draw([{ x: 0, y: 0 }], {});
  assert.equal(store.problem.transport.value, "");
});

test("the eraser takes what its circle passes over, however fast it moves", () => {
  const { store, editor } = editing();
  editor.draw([{ x: -0.5, y: 0 }, { x: 0, y: 0.05 }, { x: 0.5, y: 0 }, { x: 0, y: 0.5 }], {});
  const gesture = beginGesture("erase", editor, { x: -0.6, y: 0 });
  gesture.to({ x: 0.6, y: 0 });
  assert.deepEqual([...store.points.value.y], [0.5]);
});

test("a point follows the pointer, and stays at the border", () => {
  const { store, editor } = editing();
  editor.draw([{ x: 0, y: 0 }], {});
  const gesture = beginGesture("move", editor, { x: 0.01, y: 0.01 });
  gesture.to({ x: 0.75, y: 0.5 });
  gesture.to({ x: 1.25, y: 0.5 });
  assert.deepEqual([store.points.value.x[0], store.points.value.y[0]], [0.75, 0.5]);
  beginGesture("move", editor, { x: -0.9, y: -0.9 }).to({ x: 0, y: 0 });
  assert.equal(store.points.value.x[0], 0.75);
});
