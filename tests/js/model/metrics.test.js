import assert from "node:assert/strict";
import { test } from "node:test";

import { evaluate } from "../../../src/nnvisu/static/js/model/metrics.js";
import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { PLAIN } from "../support/networks.js";

/** Two classes, 2 and 5, separated by x: logits 3x and -3x. */
const checkpoint = {
  network: { hidden_layers: [], classes: [2, 5], activation: "tanh", ...PLAIN },
  parameters: Float32Array.of(3, 0, -3, 0, 0, 0),
  optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
  ...{ step: 0, epoch: 0, seed: 0, position: 0 },
};

test("loss is the mean cross-entropy, accuracy the fraction classified correctly", () => {
  const points = add(NONE, [
    { x: 0.5, y: 0, label: 2 },
    { x: -0.5, y: 1, label: 5 },
    { x: 0.5, y: -1, label: 5 },
  ]);
  const metrics = evaluate(checkpoint, points);
  const right = Math.log(1 + Math.exp(-3));
  const wrong = Math.log(1 + Math.exp(3));
  assert.ok(metrics?.loss && Math.abs(metrics.loss - (2 * right + wrong) / 3) < 1e-6);
  assert.equal(metrics.accuracy, 2 / 3);
  assert.deepEqual(metrics.confusion, Uint16Array.of(1, 0, 1, 1));
});

/** The plane 2x - y + 0.5. */
const surface = {
  ...checkpoint,
  network: { ...checkpoint.network, classes: [] },
  parameters: Float32Array.of(2, -1, 0.5),
};

test("for regression loss is the mean squared error, R² the explained fraction of the variance", () => {
  const points = add(NONE, [
    { x: 0, y: 0, value: 0.5 },
    { x: 0.5, y: 0, value: 1 },
    { x: 0, y: 0.5, value: -0.75 },
  ]);
  const loss = (0.5 ** 2 + 0.75 ** 2) / 3;
  const variance = (0.25 ** 2 + 0.75 ** 2 + 1 ** 2) / 3;
  assert.deepEqual(evaluate(surface, points), {
    ...{ loss, accuracy: null, confusion: new Uint16Array(0), r2: 1 - loss / variance },
  });
});

test("R² is null if the values have no variance", () => {
  const same = [0, 0.5].map((x) => ({ x, y: 0, value: 0.25 }));
  assert.equal(evaluate(surface, add(NONE, same))?.r2, null);
});

test("metrics that are not finite are null", () => {
  const beyond = { ...surface, parameters: Float32Array.of(3e38, 3e38, 0) };
  const points = [0.5, 1].map((x) => ({ x, y: 1, value: x }));
  const { loss, r2 } = evaluate(beyond, add(NONE, points)) ?? {};
  assert.deepEqual([loss, r2], [null, null]);
});

test("there are no metrics without points, or for points with labels unknown to the network", () => {
  assert.equal(evaluate(checkpoint, NONE), null);
  assert.equal(evaluate(checkpoint, add(NONE, [{ x: 0, y: 0, label: 0 }])), null);
  assert.equal(evaluate(checkpoint, add(NONE, [{ x: 0, y: 0, value: 0 }])), null);
  assert.equal(evaluate(surface, add(NONE, [{ x: 0, y: 0, label: 2 }])), null);
  assert.equal(evaluate(surface, NONE), null);
});
