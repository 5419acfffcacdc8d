import assert from "node:assert/strict";
import { test } from "node:test";

import { layers, parameterCount, sizes } from "../../../src/nnvisu/static/js/model/layout.js";
import { PLAIN } from "../support/networks.js";

test("layers are consecutive, weights before biases", () => {
  const network = { hidden_layers: [10, 5], classes: [0, 1, 4], activation: "tanh", ...PLAIN };
  assert.deepEqual(sizes(network), [2, 10, 5, 3]);
  assert.deepEqual(layers(network), [
    { inputs: 2, outputs: 10, weights: 0, biases: 20 },
    { inputs: 10, outputs: 5, weights: 30, biases: 80 },
    { inputs: 5, outputs: 3, weights: 85, biases: 100 },
  ]);
  assert.equal(parameterCount(network), 103);
});

test("a regression network has one output", () => {
  const surface = { hidden_layers: [2], classes: [], activation: "relu", ...PLAIN };
  assert.deepEqual(sizes(surface), [2, 2, 1]);
  assert.equal(parameterCount(surface), 9);
});
