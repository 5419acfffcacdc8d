import assert from "node:assert/strict";
import { test } from "node:test";

import {
  MOST_EDGES,
  edgesOf,
  strength,
  strongestEdges,
} from "../../../src/nnvisu/static/js/draw/edges.js";
import { layout, unitAt, unitPosition } from "../../../src/nnvisu/static/js/draw/layout.js";
import { samplePositions, tileSamples } from "../../../src/nnvisu/static/js/draw/tiles.js";
import { layers, parameterCount } from "../../../src/nnvisu/static/js/model/layout.js";
import { PLAIN } from "../support/networks.js";

const WIDE = Array.from({ length: 10 }, () => 100);
/** Units that an edge may lead to. */
const UNITS = WIDE.reduce((sum, units) => sum + units, 10);
const TEN = Array.from({ length: 10 }, (_, label) => label);
const ARCHITECTURES = [[], [1], [10, 5], [20], [30, 1, 7], [100, 100, 100], WIDE];
const SIZES = [
  { width: 510, height: 290 },
  { width: 310, height: 240 },
  { width: 1200, height: 500 },
];

/** @param {number[]} hidden_layers @param {number[]} classes */
function network(hidden_layers, classes) {
  return { hidden_layers, classes, activation: "tanh", ...PLAIN };
}

/**
 * @param {number[]} hidden_layers
 * @param {number[]} classes
 * @param {(k: number) => number} parameter
 */
function checkpoint(hidden_layers, classes, parameter) {
  const shape = network(hidden_layers, classes);
  return {
    network: shape,
    parameters: Float32Array.from({ length: parameterCount(shape) }, (_, k) => parameter(k)),
    optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    step: 0,
    epoch: 0,
    seed: 0,
    position: 0,
  };
}

for (const hidden of ARCHITECTURES) {
  for (const size of SIZES) {
    const name = `${hidden.join("-") || "linear"} on ${size.width} x ${size.height}`;
    test(`${name}: all tiles lie inside the canvas and do not overlap`, () => {
      const columns = layout(network(hidden, TEN), size);
      assert.equal(columns.length, hidden.length + 2);
      let right = 0;
      for (const column of columns) {
        const places = Array.from({ length: column.units }, (_, k) => unitPosition(column, k));
        const half = column.tile / 2;
        assert.ok(column.tile > 1.5 && column.tile <= 56, `tile ${column.tile}`);
        for (const { x, y } of places) {
          assert.ok(x - half > 0 && x + half < size.width);
          assert.ok(y - half >= 0 && y + half < size.height);
          assert.ok(y - half >= column.top - 1e-6 && y + half <= column.bottom + 1e-6);
          assert.ok(x - half > right, "columns are apart");
        }
        for (const [k, a] of places.entries()) {
          for (const b of places.slice(0, k)) {
            assert.ok(Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y)) > column.tile);
          }
        }
        right = Math.max(...places.map(({ x }) => x + half));
      }
    });

    test(`${name}: hit testing finds every unit, and none between columns`, () => {
      const columns = layout(network(hidden, [0, 1]), size);
      for (const [l, column] of columns.entries()) {
        for (let unit = 0; unit < column.units; unit += 1) {
          const at = unitPosition(column, unit);
          assert.equal(unitAt(column, at), unit);
          const corner = { x: at.x + 0.49 * column.tile, y: at.y - 0.49 * column.tile };
          assert.equal(unitAt(column, corner), unit);
        }
        const next = columns[l + 1];
        if (next !== undefined) {
          const between = { x: (column.x + next.x) / 2, y: column.top + column.tile / 2 };
          assert.equal(unitAt(column, between), -1);
          assert.equal(unitAt(next, between), -1);
        }
      }
    });
  }
}

test("columns have the kind of their layer and are evenly spaced", () => {
  const columns = layout(network([4, 4], [0, 1, 2]), SIZES[0]);
  assert.deepEqual(
    columns.map(({ kind, units }) => [kind, units]),
    [
      ["input", 2],
      ["hidden", 4],
      ["hidden", 4],
      ["output", 3],
    ],
  );
  const steps = columns.slice(1).map(({ x }, k) => x - columns[k].x);
  for (const step of steps) assert.ok(Math.abs(step - steps[0]) < 1e-9);
});

test("ten units form one column, a hundred form several lanes", () => {
  const [, ten, hundred] = layout(network([10, 100], [0, 1]), SIZES[0]);
  assert.equal(ten.lanes, 1);
  assert.ok(hundred.lanes > 1 && hundred.tile > 5);
});

test("a small network shows every edge with its own weight", () => {
  const some = checkpoint([3], [0, 1], (k) => k - 8);
  const edges = strongestEdges(some);
  assert.equal(edges.length, 12);
  assert.deepEqual(edges[1], { layer: 0, from: 1, to: 0, weight: -7 });
  assert.deepEqual(edges[6 + 4], { layer: 1, from: 1, to: 1, weight: 9 + 4 - 8 });
});

test("a large network shows the strongest edges of every layer", () => {
  const large = checkpoint(WIDE, TEN, (k) => Math.sin(k * k));
  const edges = strongestEdges(large);
  assert.ok(edges.length <= MOST_EDGES + UNITS && edges.length > MOST_EDGES / 2, `${edges.length}`);
  for (const [l, { weights, inputs, outputs }] of layers(large.network).entries()) {
    const shown = edges.filter(({ layer }) => layer === l).map(({ weight }) => Math.abs(weight));
    const all = large.parameters.slice(weights, weights + inputs * outputs);
    const sorted = all.map(Math.abs).sort().reverse();
    assert.ok(shown.length > 0);
    // Beside the strongest, each unit without an edge has one.
    const strongest = shown.sort((a, b) => b - a).slice(0, Math.max(1, shown.length - outputs));
    const least = strongest.at(-1) ?? 0;
    assert.ok(least >= sorted[strongest.length] - 1e-6, `layer ${l} hides a stronger one`);
  }
});

test("edges are chosen even if all weights are equal, zero or not finite", () => {
  for (const value of [1, 0, Number.NaN]) {
    const edges = strongestEdges(checkpoint(WIDE, TEN, () => value));
    assert.ok(edges.length <= MOST_EDGES + UNITS);
  }
});

test("a layer that was just widened shows edges to its new units", () => {
  // The new weights are a hundredth of the trained ones.
  const widened = checkpoint([40, 40], TEN, (k) => (k % 7 === 0 ? 0.01 : 3) * Math.sin(k));
  const edges = strongestEdges(widened, 100);
  for (const [layer, units] of [40, 40, 10].entries()) {
    const reached = new Set(edges.filter((edge) => edge.layer === layer).map(({ to }) => to));
    assert.equal(reached.size, units);
  }
});

test("a unit's edges are all its incoming and outgoing edges", () => {
  const some = checkpoint([3], [0, 1], (k) => k);
  assert.deepEqual(edgesOf(some, 1, 2), [
    { layer: 0, from: 0, to: 2, weight: 4 },
    { layer: 0, from: 1, to: 2, weight: 5 },
    { layer: 1, from: 2, to: 0, weight: 11 },
    { layer: 1, from: 2, to: 1, weight: 14 },
  ]);
  assert.equal(edgesOf(some, 0, 0).length, 3);
  assert.equal(edgesOf(some, 2, 1).length, 3);
});

test("an edge's strength increases with its weight, up to a maximum", () => {
  assert.equal(strength(0), 0);
  for (let w = 0; w < 20; w += 0.1) {
    assert.ok(strength(w + 0.1) >= strength(w) && strength(w) <= 1);
    assert.equal(strength(-w), strength(w));
  }
});

test("tiles sample the whole square, more coarsely for a large network", () => {
  const { xs, ys } = samplePositions(3);
  assert.deepEqual([...xs], [-1, 0, 1, -1, 0, 1, -1, 0, 1]);
  assert.deepEqual([...ys], [1, 1, 1, 0, 0, 0, -1, -1, -1]);
  assert.ok(tileSamples(network(WIDE, TEN)) < tileSamples(network([10, 5], TEN)));
});
