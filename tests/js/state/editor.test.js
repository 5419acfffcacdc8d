import assert from "node:assert/strict";
import { test } from "node:test";

import { createEditor } from "../../../src/nnvisu/static/js/state/editor.js";
import {
  add,
  classesInUse,
  filter,
  move,
  NONE,
} from "../../../src/nnvisu/static/js/data/points.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { beginGesture } from "../../../src/nnvisu/static/js/state/gestures.js";
import { schema } from "../support/schema.js";

const MOST = 20;
const FIRST = {
  classification: add(NONE, [{ x: 0.5, y: 0, label: 1 }]),
  regression: add(NONE, [{ x: 0.5, y: 0, value: 0.25 }]),
};

/** An editor whose server answers when told to. */
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
  const editor = createEditor(store, client, {
    maxSamples: MOST,
    newSeed: () => 1,
    first: (problem) => FIRST[problem],
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
  return { store, editor, answer };
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
  assert.match(store.errors.transport.value, /room for 20 points/);
  editor.undo();
  editor.draw([{ x: 0, y: 0 }], {});
  assert.equal(store.errors.transport.value, "");
});

test("the eraser takes what its circle passes over, however fast it moves", () => {
  const { store, editor } = editing();
  editor.draw(
    [
      { x: -0.5, y: 0 },
      { x: 0, y: 0.05 },
      { x: 0.5, y: 0 },
      { x: 0, y: 0.5 },
    ],
    {},
  );
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

test("a point is let go when the points change under it", () => {
  const { store, editor } = editing();
  editor.draw([{ x: 0, y: 0 }], {});
  editor.draw([{ x: 0.5, y: 0 }], {});
  const gesture = beginGesture("move", editor, { x: 0.5, y: 0 });
  gesture.to({ x: 0.6, y: 0 });
  editor.undo();
  editor.undo();
  gesture.to({ x: 0.7, y: 0 });
  assert.deepEqual([...store.points.value.x], [0]);
});

test("generated points replace the data, and only the newest asked for do", async () => {
  const { store, editor, answer } = editing();
  editor.generate("moons");
  editor.generate("blobs");
  await answer(0, 3);
  assert.equal(store.points.value.label.length, 0);
  await answer(1, 5);
  assert.equal(store.points.value.label.length, 5);
  assert.equal(store.points.value.origin?.distribution, "blobs");
  editor.undo();
  assert.equal(store.points.value.label.length, 0);
});

test("an edit made while a generator is at work is kept", async () => {
  const { store, editor, answer } = editing();
  editor.generate("moons");
  editor.draw([{ x: 0.25, y: 0 }], {});
  await answer(0, 3);
  assert.deepEqual([...store.points.value.x], [0.25]);
});

test("undo takes back what was said of the state before", () => {
  const { store, editor } = editing();
  editor.draw([{ x: 0, y: 0 }], {});
  editor.clear();
  store.errors.transport.value = "There is nothing to learn yet.";
  editor.undo();
  assert.equal(store.errors.transport.value, "");
});

test("points of a problem have labels or values, never both", () => {
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
  const { store, editor } = editing();
  editor.pose("regression");
  editor.clear();
  store.view.value = { ...store.view.value, target: -0.25 };
  beginGesture("draw", editor, { x: 0.25, y: 0.5 });
  const { x, label, value } = store.points.value;
  assert.deepEqual([[...x], [...label], [...value]], [[0.25], [], [-0.25]]);
});

test("a problem begins with an example, and later with the points and the undo that it had", () => {
  const { store, editor } = editing();
  editor.draw([{ x: 0, y: 0 }], {});
  editor.draw([{ x: -0.5, y: 0 }], {});
  const labelled = store.timeline.value;
  store.scrubbed.value = /** @type {any} */ ({});
  editor.pose("regression");
  assert.equal(store.scrubbed.value, null);
  assert.equal(store.timeline.value.present, FIRST.regression);
  assert.equal(store.timeline.value.past.length, 0);
  assert.deepEqual(store.wanted.value.classes, []);
  editor.draw([{ x: 0.75, y: 0 }], {});
  const valued = store.timeline.value;
  editor.pose("classification");
  assert.equal(store.timeline.value, labelled);
  assert.deepEqual(store.wanted.value.classes, [0, 1]);
  editor.undo();
  assert.equal(store.points.value.x.length, 1);
  editor.pose("regression");
  assert.equal(store.timeline.value, valued);
  editor.pose("regression");
  assert.equal(store.timeline.value, valued);
});

test("a cleared problem is still empty when it is taken up again", () => {
  const { store, editor } = editing();
  editor.pose("regression");
  editor.clear();
  editor.pose("classification");
  editor.pose("regression");
  assert.equal(store.points.value.x.length, 0);
});

test("points that were asked for before the problem changed are not taken for the other", async () => {
  const { store, editor, answer } = editing();
  editor.pose("regression");
  editor.clear();
  editor.pose("classification");
  editor.clear();
  editor.generate("moons");
  editor.pose("regression");
  await answer(0, 3);
  assert.equal(store.points.value.x.length, 0);
});
