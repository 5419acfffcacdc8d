import assert from "node:assert/strict";
import { test } from "node:test";

import {
  EMPTY_STACK,
  MAX_STEPS,
  push,
  redo,
  replaceLast,
  undo,
} from "../../../src/nnvisu/static/js/data/undo.js";

/** A value that steps change: each step holds the value that it puts back. */
function counting() {
  let present = 0;
  let stack =
    /** @type {import("../../../src/nnvisu/static/js/data/undo.js").UndoStack<number>} */ (
      EMPTY_STACK
    );
  /** @param {number} value */
  function invert(value) {
    const before = present;
    present = value;
    return before;
  }
  return {
    present: () => present,
    stack: () => stack,
    /** @param {number} value */
    set(value) {
      stack = push(stack, present);
      present = value;
    },
    undo() {
      stack = undo(stack, invert);
      return present;
    },
    redo() {
      stack = redo(stack, invert);
      return present;
    },
  };
}

test("undo goes back and redo goes forward", () => {
  const it = counting();
  it.set(1);
  it.set(2);
  assert.deepEqual([it.undo(), it.undo()], [1, 0]);
  assert.deepEqual([it.redo(), it.redo()], [1, 2]);
  assert.deepEqual([it.undo(), it.redo(), it.undo()], [1, 2, 1]);
});

test("undo and redo do nothing at the ends of the stack", () => {
  const never = () => assert.fail("there is nothing to invert");
  assert.equal(undo(EMPTY_STACK, never), EMPTY_STACK);
  assert.equal(redo(EMPTY_STACK, never), EMPTY_STACK);
});

test("a new step discards the undone steps", () => {
  const it = counting();
  it.set(1);
  it.undo();
  it.set(2);
  assert.equal(it.redo(), 2);
  assert.equal(it.undo(), 0);
});

test("replacing the last step keeps the earlier ones", () => {
  const stack = push(push(EMPTY_STACK, "a"), "b");
  assert.deepEqual(replaceLast(stack, "c"), { done: ["a", "c"], undone: [] });
});

test("the number of steps is bounded", () => {
  const it = counting();
  for (let value = 1; value <= MAX_STEPS + 50; value += 1) it.set(value);
  for (let count = 0; count < MAX_STEPS + 50; count += 1) it.undo();
  assert.equal(it.present(), 50);
});
