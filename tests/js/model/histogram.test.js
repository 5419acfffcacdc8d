import assert from "node:assert/strict";
import { test } from "node:test";

import { NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { activations } from "../../../src/nnvisu/static/js/model/forward.js";
import {
  activationHistograms,
  BINS,
  histogram,
  weightHistograms,
} from "../../../src/nnvisu/static/js/model/histogram.js";
import { checkpoint } from "../support/networks.js";

const total = (/** @type {ArrayLike<number>} */ counts) =>
  Array.from(counts).reduce((sum, count) => sum + count, 0);

/** @param {number} n */
const points = (n) => ({
  ...NONE,
  x: Float32Array.from({ length: n }, (_, k) => Math.sin(k)),
  y: Float32Array.from({ length: n }, (_, k) => Math.cos(3 * k)),
});

test("every value is in its bin, and both ends are within", () => {
  const { counts } = histogram([-1, -1, 0.01, 0.99, 1], -1, 1);
  assert.equal(counts[0], 2);
  assert.equal(counts[BINS / 2], 1);
  assert.equal(counts[BINS - 1], 2);
  assert.equal(total(counts), 5);
});

test("each layer's weights are counted once, symmetrically about zero, without biases", () => {
  const found = weightHistograms(checkpoint([5, 4], [0, 1, 2], "tanh"));
  assert.deepEqual(
    found.map(({ counts }) => total(counts)),
    [10, 20, 12],
  );
  for (const { low, high } of found) assert.equal(low, -high);
});

test("layers whose weights are all zero have a histogram, too", () => {
  const zero = checkpoint([2], [0, 1], "tanh");
  zero.parameters.fill(0);
  assert.deepEqual([weightHistograms(zero)[0].low, weightHistograms(zero)[0].high], [-1, 1]);
});

test("the values are those of every unit at every point", () => {
  const some = checkpoint([5, 4], [0, 1, 2], "relu");
  const of = points(30);
  const { layers, sampled } = activationHistograms(some, of);
  assert.equal(sampled, 30);
  const [, ...all] = activations(some, of.x, of.y);
  for (const [layer, { counts, low, high }] of layers.entries()) {
    assert.equal(total(counts), all[layer].length);
    assert.ok(low <= Math.min(...all[layer]) && high >= Math.max(...all[layer]));
  }
});

test("of many points a wide network takes an even sample", () => {
  const wide = checkpoint([100, 100, 100, 100, 100, 100, 100, 100, 100, 100], [0, 1], "tanh");
  const { sampled, layers } = activationHistograms(wide, points(1000));
  assert.ok(sampled >= 1 && sampled < 100, `${sampled}`);
  assert.equal(total(layers[0].counts), 100 * sampled);
  assert.equal(activationHistograms(wide, points(0)).sampled, 0);
});
