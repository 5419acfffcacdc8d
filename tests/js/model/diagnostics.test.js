import assert from "node:assert/strict";
import { test } from "node:test";

import {
  layerNames,
  percent,
  remarks,
  significant,
} from "../../../src/nnvisu/static/js/model/diagnostics.js";
import { PLAIN } from "../support/networks.js";

/** @param {string} activation */
function network(activation) {
  return { hidden_layers: [4, 3], classes: [0, 1], activation, ...PLAIN };
}

/** Three ordinary layers, with these changes. @param {object[]} odd */
function layers(...odd) {
  const none = { gradients: new Uint16Array(0), gradient_limit: 0 };
  const plain = { weight_norm: 2, gradient_norm: 0.1, dead: 0, saturated: 0, ...none };
  return [0, 1, 2].map((layer) => ({ ...plain, ...odd[layer] }));
}

/** @param {string} activation @param {object[]} odd */
function said(activation, ...odd) {
  return remarks(network(activation), layers(...odd)).map(
    ({ layer, quantity }) => `${layer} ${quantity}`,
  );
}

test("layers are named from the first one to the output", () => {
  assert.deepEqual(layerNames(network("tanh")), ["Hidden 1", "Hidden 2", "Output"]);
  assert.deepEqual(layerNames({ ...network("tanh"), hidden_layers: [] }), ["Output"]);
});

test("ordinary statistics give no diagnosis", () => {
  assert.deepEqual(said("tanh"), []);
  assert.deepEqual(said("relu", { saturated: 0.6 }), []);
  assert.deepEqual(said("tanh", { gradient_norm: 0.001, saturated: 0.4 }), []);
  assert.deepEqual(remarks(network("tanh"), []), []);
  const still = { gradient_norm: 0 };
  assert.deepEqual(said("tanh", still, still, still), []);
});

test("dead neurons, vanishing and exploding gradients, and saturation are diagnosed", () => {
  assert.deepEqual(said("relu", {}, { dead: 1 / 3 }), ["1 dead"]);
  assert.deepEqual(said("tanh", { gradient_norm: 0.00009 }), ["0 gradient_norm"]);
  assert.deepEqual(said("tanh", { gradient_norm: 101 }), ["0 gradient_norm"]);
  assert.deepEqual(said("sigmoid", { saturated: 0.6 }), ["0 saturated"]);
});

test("a gradient that is not finite counts as exploding", () => {
  const beyond = { gradient_norm: null };
  assert.deepEqual(said("tanh", beyond), ["0 gradient_norm"]);
  assert.deepEqual(said("tanh", {}, {}, beyond), ["2 gradient_norm"]);
  const [remark] = remarks(network("tanh"), layers(beyond, beyond, beyond));
  assert.match(remark.text, /explodes/);
});

test("the most serious diagnosis comes first", () => {
  const [first, second] = remarks(
    network("tanh"),
    layers({ gradient_norm: 0 }, { dead: 1 / 3, saturated: 0.4 }),
  );
  assert.equal(first.text, "Hidden 2: 33 % of the neurons are dead and no longer learn.");
  assert.match(second.text, /^Hidden 1: the gradient has all but vanished/);
});

test("numbers are shown briefly at any magnitude", () => {
  assert.deepEqual([0, 0.00123, 0.5, 12.345, 9876, 0.00012345, 1.5e-9, 123456].map(significant), [
    "0",
    "0.00123",
    "0.500",
    "12.3",
    "9876",
    "1.2e−4",
    "1.5e−9",
    "1.2e5",
  ]);
  assert.deepEqual([0, 0.004, 0.01, 0.5, 1].map(percent), ["0 %", "< 1 %", "1 %", "50 %", "100 %"]);
});
