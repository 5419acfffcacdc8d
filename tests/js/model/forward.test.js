import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { ACTIVATIONS } from "../../../src/nnvisu/static/js/model/activations.js";
import { BLOCK, activations, predict } from "../../../src/nnvisu/static/js/model/forward.js";
import { parameterCount } from "../../../src/nnvisu/static/js/model/layout.js";
import { PLAIN, RULES } from "../support/networks.js";

/** @typedef {import("../../../src/nnvisu/static/js/net/protocol.js").Checkpoint} Checkpoint */

/** Reproducible numbers in [-2, 2). @param {number} n */
function numbers(n) {
  let state = 12345;
  return Float32Array.from({ length: n }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 30 - 2;
  });
}

/**
 * @param {number[]} hidden_layers
 * @param {number[]} classes
 * @param {string} activation
 * @param {Float32Array} [parameters]
 * @returns {Checkpoint}
 */
function checkpoint(hidden_layers, classes, activation, parameters) {
  const network = { hidden_layers, classes, activation, ...PLAIN };
  return {
    network,
    parameters: parameters ?? numbers(parameterCount(network)),
    optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    step: 0,
    epoch: 0,
    seed: 0,
    position: 0,
  };
}

/**
 * One position through the network, one unit at a time.
 * @param {Checkpoint} checkpoint @param {number} x @param {number} y
 * @returns {number[][]}
 */
function slowly({ network, parameters }, x, y) {
  const values = [[x, y]];
  let at = 0;
  const units = [...network.hidden_layers, network.classes.length];
  for (const [l, outputs] of units.entries()) {
    const before = values[l];
    const biases = at + outputs * before.length;
    const sums = Array.from({ length: outputs }, (_, j) =>
      before.reduce(
        (sum, value, i) => sum + value * parameters[at + j * before.length + i],
        parameters[biases + j],
      ),
    );
    at = biases + outputs;
    if (l + 1 < units.length) {
      values.push(sums.map(RULES[network.activation]));
    } else {
      const powers = sums.map((z) => Math.exp(z - Math.max(...sums)));
      const total = powers.reduce((a, b) => a + b);
      values.push(powers.map((p) => p / total));
    }
  }
  return values;
}

test("a network computed by hand", () => {
  const parameters = Float32Array.of(1, 2, -1, 0.5, 0, 1, 1, 0, 0, 1, 0, 0);
  const relu = checkpoint([2], [3, 7], "relu", parameters);
  const [inputs, hidden, outputs] = activations(
    relu,
    Float32Array.of(0.5, -1),
    Float32Array.of(0.25, 1),
  );
  assert.deepEqual([...inputs], [0.5, -1, 0.25, 1]);
  assert.deepEqual([...hidden], [1, 1, 0.625, 2.5]);
  const first = 1 / (1 + Math.exp(0.625 - 1));
  const second = 1 / (1 + Math.exp(2.5 - 1));
  for (const [k, expected] of [first, second, 1 - first, 1 - second].entries()) {
    assert.ok(Math.abs(outputs[k] - expected) < 1e-6);
  }
});

for (const activation of Object.keys(ACTIVATIONS)) {
  for (const hidden of [[], [1], [10, 5], [7, 9, 3, 100]]) {
    test(`${activation} ${hidden.join("-")} agrees with the definition in every unit`, () => {
      const some = checkpoint(hidden, [0, 2, 9], activation);
      const n = 2 * BLOCK + 3;
      const xs = numbers(n).map((v) => v / 2);
      const ys = numbers(n + 1)
        .subarray(1)
        .map((v) => v / 2);
      const all = activations(some, xs, ys);
      for (let k = 0; k < n; k += 1) {
        for (const [l, layer] of slowly(some, xs[k], ys[k]).entries()) {
          for (const [j, expected] of layer.entries()) {
            const value = all[l][j * n + k];
            assert.ok(
              Math.abs(value - expected) <= 1e-5 * Math.max(1, Math.abs(expected)),
              `layer ${l}, unit ${j}, position ${k}: ${value} instead of ${expected}`,
            );
          }
        }
      }
      assert.deepEqual(predict(some, xs, ys), all.at(-1));
    });
  }
}

/**
 * @typedef {object} Golden
 * @property {import("../../../src/nnvisu/static/js/net/protocol.js").Network} network
 * @property {string} parameters float32 in base64
 * @property {number[]} x
 * @property {number[]} y
 * @property {number[][][]} hidden by layer, unit and position
 * @property {number[][]} outputs by class, or of the value, and position
 */

const GOLDEN = new URL("../../fixtures/forward.json", import.meta.url);

for (const golden of /** @type {Golden[]} */ (JSON.parse(readFileSync(GOLDEN, "utf8")))) {
  const { network, hidden, outputs } = golden;
  const name = network.hidden_layers.join("-") || "without hidden layers";
  const problem = network.classes.length > 0 ? "classes" : "values";
  test(`${problem} ${network.activation} ${network.features} ${name} agrees with the engine's golden values`, () => {
    const parameters = new Float32Array(
      Uint8Array.from(Buffer.from(golden.parameters, "base64")).buffer,
    );
    const some = { ...checkpoint([], [0, 1], "tanh"), network, parameters };
    const xs = Float32Array.from(golden.x);
    const all = activations(some, xs, Float32Array.from(golden.y)).slice(1);
    const expected = [...hidden, outputs];
    assert.equal(all.length, expected.length);
    for (const [l, layer] of expected.entries()) {
      for (const [k, value] of layer.flat().entries()) {
        const found = all[l][k];
        const tolerance = 1e-5 * Math.max(1, Math.abs(value));
        assert.ok(Math.abs(found - value) <= tolerance, `layer ${l}: ${found}, not ${value}`);
      }
    }
  });
}

test("tanh and softmax are accurate for large inputs", () => {
  const values = Float64Array.of(0, 1e-4, -0.5, 3, -8.5, 9.5, 1e6, -1e6);
  const expected = values.map(Math.tanh);
  ACTIVATIONS.tanh.apply(values, values.length);
  for (const [k, value] of values.entries()) assert.ok(Math.abs(value - expected[k]) < 3e-8);

  const steep = checkpoint([], [0, 1], "tanh", Float32Array.of(50, 0, -50, 0, 0, 0));
  const [left, middle, right] = predict(steep, Float32Array.of(-1, 0, 1), new Float32Array(3));
  assert.ok(left < 3e-8 && middle === 0.5 && right > 1 - 3e-8);
});

test("a regression network has one output without softmax", () => {
  const surface = checkpoint([2], [], "relu", Float32Array.of(1, 2, -1, 0.5, 0, 1, 3, -2, 0.5));
  const values = predict(surface, Float32Array.of(0.5, -1), Float32Array.of(0.25, 1));
  assert.deepEqual([...values], [3 * 1 - 2 * 0.625 + 0.5, 3 * 1 - 2 * 2.5 + 0.5]);
});

test("no positions give no values", () => {
  const none = new Float32Array(0);
  assert.equal(predict(checkpoint([3], [0, 1], "tanh"), none, none).length, 0);
});
