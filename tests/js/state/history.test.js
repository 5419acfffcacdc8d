import assert from "node:assert/strict";
import { test } from "node:test";

import {
  EMPTY,
  MAX_BYTES,
  MAX_MOMENTS,
  placeOf,
  createIds,
  record,
  recordEdit,
  thin,
} from "../../../src/nnvisu/static/js/state/history.js";
import { PLAIN } from "../support/networks.js";

/** @param {number} epoch @param {number} [parameters] @returns {import("../../../src/nnvisu/static/js/state/history.js").Moment} */
function moment(epoch, parameters = 4) {
  return {
    ...{ id: epoch, parent: null },
    checkpoint: {
      network: { hidden_layers: [], classes: [0, 1], activation: "tanh", ...PLAIN },
      parameters: new Float32Array(parameters),
      optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
      ...{ step: epoch, epoch, seed: 0, position: 0 },
    },
    training: null,
    test: null,
  };
}

/** @param {Iterable<number>} epochs @param {number} [parameters] */
function recorded(epochs, parameters) {
  let history = EMPTY;
  for (const epoch of epochs) history = record(history, moment(epoch, parameters));
  return history;
}

/** @param {import("../../../src/nnvisu/static/js/state/history.js").History} history */
const epochs = ({ moments }) => moments.map(({ checkpoint }) => checkpoint.epoch);

/** @param {number} length @param {number} [step] */
const range = (length, step = 1) => Array.from({ length }, (_, index) => index * step);

test("every moment is recorded until there are 256", () => {
  assert.deepEqual(epochs(recorded(range(MAX_MOMENTS))), range(MAX_MOMENTS));
});

test("a full history drops every second moment and doubles the interval", () => {
  const history = recorded(range(MAX_MOMENTS + 1));
  assert.equal(history.interval, 2);
  assert.deepEqual(epochs(history), range(129, 2));
});

test("the history stays within its bound and covers all epochs up to about the newest", () => {
  const history = recorded(range(100_000));
  assert.ok(history.moments.length <= MAX_MOMENTS);
  assert.ok(history.moments.length >= MAX_MOMENTS / 2);
  assert.equal(epochs(history)[0], 0);
  assert.ok(100_000 - Number(epochs(history).at(-1)) <= history.interval);
});

test("epochs with irregular gaps are recorded", () => {
  const leaps = range(40, 7).map((epoch) => epoch + (epoch % 3));
  const history = recorded([...range(300), ...leaps.map((epoch) => 301 + epoch)]);
  const found = epochs(history).filter((epoch) => epoch > 300);
  assert.equal(found.length, leaps.length);
});

test("recording nothing returns the same object, so nothing is drawn or saved again", () => {
  const history = recorded([0, 1]);
  assert.equal(record(history, moment(1)), history);
});

test("large networks are recorded less often, within the memory bound", () => {
  const parameters = MAX_BYTES / 4 / 10;
  const history = recorded(range(50), parameters);
  assert.ok(history.moments.length <= 10);
  assert.equal(epochs(history)[0], 0);
});

test("thinning keeps the first and the newest moment", () => {
  assert.deepEqual(epochs(thin(recorded(range(6)))), [0, 2, 4, 5]);
});

test("a dropped moment keeps its position between the remaining ones", () => {
  const history = recorded(range(MAX_MOMENTS + 1));
  assert.equal(placeOf(history.moments, moment(20)), 10);
  assert.equal(placeOf(history.moments, moment(21)), 10);
  assert.equal(placeOf(history.moments, moment(999)), history.moments.length - 1);
});

test("initialised weights are recorded after the weights they derive from, at the same epoch", () => {
  const history = { ...recorded([0, 10]), interval: 10 };
  const before = { ...moment(12), id: 21, parent: 10 };
  const made = { ...moment(12), id: 22, parent: 21 };
  const { moments } = recordEdit(history, before, made);
  assert.deepEqual(
    moments.map(({ id, parent }) => [id, parent]),
    [
      [0, null],
      [10, null],
      [21, 10],
      [22, 21],
    ],
  );
  const again = recordEdit({ ...history, moments }, made, { ...moment(12), id: 30, parent: 22 });
  assert.equal(
    again.moments.length,
    5,
    "what is the last of the line already is not recorded twice",
  );
});

test("ids ascend, also after restored ids", () => {
  const ids = createIds();
  assert.deepEqual([ids.next(), ids.next()], [1, 2]);
  ids.saw(40);
  ids.saw(7);
  assert.equal(ids.next(), 41);
});
