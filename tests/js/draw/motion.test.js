import assert from "node:assert/strict";
import { test } from "node:test";

import { createMotion } from "../../../src/nnvisu/static/js/draw/motion.js";
import { layout } from "../../../src/nnvisu/static/js/draw/layout.js";
import { PLAIN } from "../support/networks.js";

/** @param {number[]} hidden_layers */
function columns(hidden_layers) {
  const network = { hidden_layers, classes: [0, 1], activation: "tanh", ...PLAIN };
  return layout(network, { width: 600, height: 300 });
}

/** Frames that are asked for, and a clock, for the duration of a test. @param {import("node:test").TestContext} t */
function screen(t) {
  /** @type {Map<number, () => void>} */
  const frames = new Map();
  let id = 0;
  const clock = { now: 0, frames };
  t.mock.method(performance, "now", () => clock.now);
  Object.assign(globalThis, {
    requestAnimationFrame(/** @type {() => void} */ act) {
      frames.set((id += 1), act);
      return id;
    },
    cancelAnimationFrame: (/** @type {number} */ which) => frames.delete(which),
  });
  return clock;
}

test("columns go to their new places in steps, and arrive", (t) => {
  const clock = screen(t);
  const motion = createMotion();
  const [before, after] = [columns([10, 5]), columns([10, 5, 3])];
  const again = () => {};
  assert.deepEqual(motion.toward(before, false, again), before);
  const first = motion.toward(after, false, again);
  assert.equal(first[1].x, before[1].x);
  assert.equal(clock.frames.size, 1);
  clock.now = 130;
  const middle = motion.toward(after, false, again);
  assert.ok(middle[1].x < before[1].x && middle[1].x > after[1].x);
  assert.equal(clock.frames.size, 1);
  clock.now = 300;
  assert.deepEqual(motion.toward(after, false, again), after);
  assert.equal(clock.frames.size, 0);
});

test("with reduced motion they are there at once", (t) => {
  const clock = screen(t);
  const motion = createMotion();
  motion.toward(columns([10, 5]), true, () => {});
  assert.deepEqual(
    motion.toward(columns([4]), true, () => {}),
    columns([4]),
  );
  assert.equal(clock.frames.size, 0);
});
