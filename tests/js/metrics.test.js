import assert from "node:assert/strict";
import { test } from "node:test";

import { evaluate } from "../../src/nnvisu/static/js/metrics.js";
import { add, NONE } from "../../src/nnvisu/static/js/points.js";
import { PLAIN } from "./plain.js";

/** Two classes, 2 and 5, told apart by x: logits 3x and -3x. */
const checkpoint = {
  network: { hidden_layers: [], classes: [2, 5], activation: "tanh", ...PLAIN },
  parameters: Float32Array.of(3, 0, -3, 0, 0, 0),
  optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
  ...{ step: 0, epoch: 0, seed: 0 },
};

test("loss is the mean cross-entropy, accuracy the share that is right", () => {
  const points = add(NONE, [
    { x: 0.5, y: 0, label: 2 },
    { x: -0.5, y: 1, label: 5 },
    { x: 0.5, y: -1, label: 5 },
  ]);
  const metrics = evaluate(checkpoint, points);
  const right = Math.log(1 + Math.exp(-3));
  const wrong = Math.log(1 + Math.exp(3));
  assert.ok(metrics && Math.abs(metrics.loss - (2 * right + wrong) / 3) < 1e-6);
  assert.equal(metrics.accuracy, 2 / 3);
  assert.deepEqual(metrics.confusion, Uint16Array.of(1, 0, 1, 1));
});

test("there are no figures without points, or with points the network has no output for", () => {
  assert.equal(evaluate(checkpoint, NONE), null);
  assert.equal(evaluate(checkpoint, add(NONE, [{ x: 0, y: 0, label: 0 }])), null);
});
