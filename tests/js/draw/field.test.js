import assert from "node:assert/strict";
import { test } from "node:test";

import { createRaster, guessPixel_ms } from "../../../src/nnvisu/static/js/draw/raster.js";
import { QUIET_MS, SLICE_MS, createRefinement } from "../../../src/nnvisu/static/js/draw/refine.js";
import {
  createResolution,
  grid,
  refinements,
} from "../../../src/nnvisu/static/js/draw/resolution.js";
import {
  TEXTURE_WIDTH,
  fragmentShader,
  packParameters,
  textureHeight,
} from "../../../src/nnvisu/static/js/draw/shader.js";
import { ACTIVATIONS } from "../../../src/nnvisu/static/js/model/activations.js";
import { activations, predict } from "../../../src/nnvisu/static/js/model/forward.js";
import { parameterCount } from "../../../src/nnvisu/static/js/model/layout.js";
import {
  COLOURINGS,
  mapColour,
  mapValueColour,
  mix,
  paper,
  valueColour,
} from "../../../src/nnvisu/static/js/base/palette.js";
import { checkpoint, PLAIN } from "../support/networks.js";

const MIXED = Object.freeze({
  dark: false,
  colouring: /** @type {const} */ ("mix"),
  boundary: false,
});

/** @param {ReturnType<typeof createRaster>} raster */
function finish(raster) {
  while (!raster.done) raster.advance();
  return raster.bytes;
}

/** The positions of the pixels' middles. @param {number} columns @param {number} rows */
function middles(columns, rows) {
  const xs = new Float32Array(columns * rows);
  const ys = new Float32Array(columns * rows);
  for (let k = 0; k < xs.length; k += 1) {
    xs[k] = -1 + (2 * ((k % columns) + 0.5)) / columns;
    ys[k] = 1 - (2 * (Math.floor(k / columns) + 0.5)) / rows;
  }
  return { xs, ys };
}

/**
 * @param {Uint8ClampedArray} bytes
 * @param {number} pixel
 * @param {readonly number[]} expected
 */
function assertColour(bytes, pixel, expected) {
  for (const [channel, value] of expected.entries()) {
    const shown = bytes[4 * pixel + channel];
    assert.ok(Math.abs(shown - value) <= 1.01, `pixel ${pixel}: ${shown}, not ${value}`);
  }
  assert.equal(bytes[4 * pixel + 3], 255);
}

/**
 * What INTERFACE asks for, for one pixel.
 * @param {import("../../../src/nnvisu/static/js/base/palette.js").Colouring} colouring
 * @param {number[]} shares
 * @param {readonly (readonly number[])[]} colours
 * @param {boolean} dark
 */
function shouldBe(colouring, shares, colours, dark) {
  const most = Math.max(...shares);
  if (colouring === "discrete") return colours[shares.indexOf(most)];
  const mixed = [0, 1, 2].map((channel) =>
    colours.reduce((sum, colour, j) => sum + shares[j] * colour[channel], 0),
  );
  if (colouring === "mix") return mixed;
  const even = 1 / shares.length;
  const doubt = 1 - (most - even) / (1 - even);
  const neutral = dark ? [0x1c, 0x1f, 0x26] : [0xee, 0xf0, 0xf3];
  return mixed.map((value, channel) => value + doubt * (neutral[channel] - value));
}

for (const colouring of COLOURINGS) {
  for (const dark of [false, true]) {
    test(`a pixel of the map: ${colouring}, ${dark ? "dark" : "light"}`, () => {
      const some = checkpoint([6, 4], [0, 3, 9], "tanh");
      some.parameters.set(some.parameters.map((parameter) => 3 * parameter));
      const [columns, rows] = [23, 17];
      const picture = { checkpoint: some, dark, colouring, boundary: false };
      const bytes = finish(createRaster(picture, { columns, rows }));
      const { xs, ys } = middles(columns, rows);
      const n = xs.length;
      const probabilities = predict(some, xs, ys);
      const colours = some.network.classes.map((label) => mapColour(label, dark));
      for (let k = 0; k < n; k += 1) {
        const shares = colours.map((_, j) => probabilities[j * n + k]);
        assertColour(bytes, k, shouldBe(colouring, shares, colours, dark));
      }
    });
  }
}

test("an undecided network shows the arithmetic mean of its classes", () => {
  const undecided = checkpoint([], [1, 2], "tanh");
  undecided.parameters.fill(0);
  const picture = { ...MIXED, checkpoint: undecided };
  const bytes = finish(createRaster(picture, { columns: 16, rows: 16 }));
  assertColour(bytes, 77, mix(mapColour(1, false), mapColour(2, false), 0.5));
});

for (const dark of [false, true]) {
  test(`a pixel of a surface has the colour of its value, clamped to -1 and 1, ${dark ? "dark" : "light"}`, () => {
    const surface = checkpoint([4], [], "tanh");
    surface.parameters.set(surface.parameters.map((parameter) => 2 * parameter));
    surface.parameters[surface.parameters.length - 1] -= 3.8;
    const [columns, rows] = [19, 16];
    const { xs, ys } = middles(columns, rows);
    const values = predict(surface, xs, ys);
    assert.ok(Math.min(...values) < -1.2 && Math.max(...values) > 1.2);
    for (const unit of [undefined, { layer: 2, unit: 0 }]) {
      const bytes = finish(
        createRaster({ ...MIXED, checkpoint: surface, dark, unit }, { columns, rows }),
      );
      for (const [k, value] of values.entries()) {
        assertColour(bytes, k, mapValueColour(value, dark));
      }
    }
  });
}

test("a unit's picture shows its values: an input, a hidden unit, a class's probability", () => {
  const some = checkpoint([5], [2, 4], "tanh");
  const [columns, rows] = [16, 12];
  const { xs, ys } = middles(columns, rows);
  const n = xs.length;
  const all = activations(some, xs, ys);
  for (const [layer, unit] of [
    [0, 0],
    [0, 1],
    [1, 3],
    [2, 1],
  ]) {
    const picture = { ...MIXED, checkpoint: some, unit: { layer, unit } };
    const bytes = finish(createRaster(picture, { columns, rows }));
    for (let k = 0; k < n; k += 1) {
      const value = all[layer][unit * n + k];
      const expected =
        layer === 2 ? mix(paper(false), mapColour(4, false), value) : valueColour(value, false);
      assertColour(bytes, k, expected);
    }
  }
});

test("a unit without bounds is scaled to its largest value on the plane", () => {
  const some = checkpoint([1], [0, 1], "relu");
  some.parameters.set([40, 0, 0]);
  const picture = { ...MIXED, checkpoint: some, unit: { layer: 1, unit: 0 } };
  const bytes = finish(createRaster(picture, { columns: 100, rows: 16 }));
  assertColour(bytes, 0, valueColour(0, false));
  assertColour(bytes, 99, valueColour(0.99, false));
  assertColour(bytes, 75, valueColour(0.51, false));
});

test("the grid is a fraction of the canvas, within limits on its resolution", () => {
  assert.deepEqual(grid(600, 500, 2), { columns: 300, rows: 250 });
  assert.deepEqual(grid(600, 600, 100), { columns: 16, rows: 16 });
  assert.deepEqual(grid(9, 9, 4), { columns: 9, rows: 9 });
});

test("the resolution follows the measured time, down and up", () => {
  const resolution = createResolution(10, 1e-6);
  assert.equal(resolution.choose(600, 600), 1);
  for (let k = 0; k < 30; k += 1) resolution.measured(1000, 1000 * 1e-4);
  const divisor = resolution.choose(600, 600);
  const { columns, rows } = grid(600, 600, divisor);
  assert.ok(columns * rows * 1e-4 <= 10 * 1.25 && divisor <= 3, `divisor ${divisor}`);
  for (let k = 0; k < 60; k += 1) resolution.measured(1000, 1000 * 1e-6);
  assert.equal(resolution.choose(600, 600), 1);
});

test("times that vary around the limit do not change the resolution back and forth", () => {
  const resolution = createResolution(10, 1.1e-4);
  const divisors = new Set();
  for (let k = 0; k < 50; k += 1) {
    divisors.add(resolution.choose(600, 600));
    resolution.measured(90000, 90000 * 1.11e-4 * (k % 2 === 0 ? 0.9 : 1.1));
  }
  assert.equal(divisors.size, 1);
});

test("refinement reaches the full resolution in steps of about four times the work", () => {
  assert.deepEqual(refinements(1), []);
  assert.deepEqual(refinements(2), [1]);
  assert.deepEqual(refinements(16), [8, 4, 2, 1]);
});

test("the estimated time grows with the network's width", () => {
  const small = guessPixel_ms(checkpoint([10, 5], [0, 1, 2], "tanh").network);
  const large = guessPixel_ms(checkpoint([100, 100], [0, 1, 2], "tanh").network);
  assert.ok(large > 10 * small && small > 0);
});

/** A manual clock. */
function fakeClock() {
  let now = 0;
  /** @type {{ at: number, callback: () => void }[]} */
  let timers = [];
  return {
    now: () => now,
    /** @param {number} delay_ms @param {() => void} callback */
    after(delay_ms, callback) {
      const timer = { at: now + delay_ms, callback };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    /** @param {number} ms */
    spend(ms) {
      now += ms;
    },
    /** Runs the next callback due by then; says whether there was one. @param {number} by */
    run(by) {
      const next = timers.find(({ at }) => at <= by);
      if (next === undefined) return false;
      timers = timers.filter((other) => other !== next);
      now = Math.max(now, next.at);
      next.callback();
      return true;
    },
  };
}

test("refinement starts when idle, works in short slices, and shows each finished piece", () => {
  const clock = fakeClock();
  const refinement = createRefinement(clock);
  /** @type {string[]} */
  const finished = [];
  /** @param {string} name @param {number} steps */
  const piece = (name, steps) => () => {
    let left = steps;
    return {
      name,
      get done() {
        return left === 0;
      },
      advance() {
        left -= 1;
        clock.spend(1);
      },
    };
  };
  refinement.begin([piece("coarse", 3), piece("fine", 40)], ({ name }) => finished.push(name));
  assert.equal(clock.run(QUIET_MS - 1), false);
  let slices = 0;
  let began = QUIET_MS;
  while (clock.run(Infinity)) {
    assert.ok(clock.now() - began <= SLICE_MS + 1, "a slice is short");
    began = clock.now();
    slices += 1;
    if (slices === 1) assert.deepEqual(finished, ["coarse"]);
  }
  assert.deepEqual(finished, ["coarse", "fine"]);
  assert.ok(slices >= Math.floor(43 / SLICE_MS));
});

test("a new picture cancels the refinement of the old one", () => {
  const clock = fakeClock();
  const refinement = createRefinement(clock);
  /** @type {string[]} */
  const finished = [];
  /** @param {string} name */
  const endless = (name) => () => ({
    get done() {
      finished.push(name);
      return false;
    },
    advance: () => clock.spend(SLICE_MS),
  });
  refinement.begin([endless("first")], () => {});
  clock.run(Infinity);
  refinement.begin([endless("second")], () => {});
  finished.length = 0;
  clock.run(Infinity);
  assert.ok(!finished.includes("first") && finished.includes("second"));
  refinement.cancel();
  assert.equal(clock.run(Infinity), false);
});

test("the texture holds the biases and the matrix columns of each group of outputs", () => {
  const network = { hidden_layers: [5], classes: [0, 1], activation: "tanh", ...PLAIN };
  const parameters = Float32Array.from({ length: parameterCount(network) }, (_, k) => k + 1);
  assert.equal(textureHeight(network), 1);
  const texels = new Float32Array(TEXTURE_WIDTH * 4);
  packParameters(network, parameters, texels);
  const groups = Array.from({ length: 19 }, (_, k) => [...texels.subarray(4 * k, 4 * k + 4)]);
  const none = [0, 0, 0, 0];
  assert.deepEqual(groups.slice(0, 5), [[11, 12, 13, 14], [1, 3, 5, 7], [2, 4, 6, 8], none, none]);
  assert.deepEqual(groups.slice(5, 8), [
    [15, 0, 0, 0],
    [9, 0, 0, 0],
    [10, 0, 0, 0],
  ]);
  const [biases, ...columns] = groups.slice(10, 19);
  assert.deepEqual(biases.slice(0, 2), [26, 27]);
  assert.ok(biases[2] < -1e29 && biases[3] < -1e29, "a missing class has no share in the softmax");
  assert.deepEqual(
    columns.slice(0, 5).map(([first, second]) => [first, second]),
    [
      [16, 21],
      [17, 22],
      [18, 23],
      [19, 24],
      [20, 25],
    ],
  );
});

test("a shader for regression has no softmax, and zeros for missing outputs", () => {
  const network = { hidden_layers: [3], classes: [], activation: "tanh", ...PLAIN };
  const texels = new Float32Array(TEXTURE_WIDTH * 4).fill(9);
  packParameters(
    network,
    Float32Array.from({ length: 13 }, (_, k) => k + 1),
    texels,
  );
  assert.deepEqual([...texels.subarray(20, 24)], [13, 0, 0, 0]);
  const source = fragmentShader(network, 2);
  assert.ok(source.includes("values = a2;") && !source.includes("exp("));
});

test("shaders are short for every architecture and unroll small layers", () => {
  const wide = Array.from({ length: 10 }, () => 100);
  for (const activation of Object.keys(ACTIVATIONS)) {
    const small = fragmentShader({
      hidden_layers: [10, 5],
      classes: [0, 1, 2],
      activation,
      ...PLAIN,
    });
    assert.ok(!small.includes("i++") && small.includes(ACTIVATIONS[activation].glsl));
    const large = fragmentShader({ hidden_layers: wide, classes: [0, 1], activation, ...PLAIN });
    assert.ok(large.includes("i++") && large.length < 10_000);
  }
});
