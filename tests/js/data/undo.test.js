import assert from "node:assert/strict";
import { test } from "node:test";

import { begin, change, MAX_STEPS, redo, undo } from "../../../src/nnvisu/static/js/data/undo.js";

test("undo goes back and redo forth", () => {
  const changed = change(change(begin("a"), "b"), "c");
  assert.equal(undo(changed).present, "b");
  assert.equal(undo(undo(changed)).present, "a");
  assert.equal(redo(redo(undo(undo(changed)))).present, "c");
});

test("at the ends nothing happens", () => {
  const start = begin("a");
  assert.equal(undo(start), start);
  assert.equal(redo(start), start);
});

test("a change forgets what was undone", () => {
  const changed = change(undo(change(begin("a"), "b")), "c");
  assert.equal(redo(changed).present, "c");
  assert.equal(undo(changed).present, "a");
});

test("the changes of one gesture are undone together, those of another apart", () => {
  const [first, second] = [{}, {}];
  let timeline = begin(0);
  for (const [value, gesture] of /** @type {[number, object][]} */ ([
    [1, first],
    [2, first],
    [3, second],
    [4, second],
  ])) {
    timeline = change(timeline, value, gesture);
  }
  assert.equal(undo(timeline).present, 2);
  assert.equal(undo(undo(timeline)).present, 0);
});

test("after an undo a gesture begins anew", () => {
  const gesture = {};
  const timeline = change(undo(change(begin(0), 1, gesture)), 2, gesture);
  assert.equal(undo(timeline).present, 0);
});

test("it remembers a bounded number of steps", () => {
  let timeline = begin(0);
  for (let value = 1; value <= MAX_STEPS + 50; value += 1) timeline = change(timeline, value);
  for (let count = 0; count < MAX_STEPS + 50; count += 1) timeline = undo(timeline);
  assert.equal(timeline.present, 50);
});
