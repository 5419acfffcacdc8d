// Commands on a test store; the test answers the requests to the server.

import assert from "node:assert/strict";

import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { createCommands } from "../../../src/nnvisu/static/js/state/commands.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { PLAIN } from "./networks.js";
import { schema } from "./schema.js";

export const MAX_SAMPLES = 20;
export const FIRST = {
  classification: add(NONE, [{ x: 0.5, y: 0, label: 1 }]),
  regression: add(NONE, [{ x: 0.5, y: 0, value: 0.25 }]),
};

const fail = () => assert.fail("no experiment may be deleted");

/** @type {import("../../../src/nnvisu/static/js/state/commands.js").Experiments} */
const NO_EXPERIMENTS = {
  ...{ remove: fail, undoRemove: fail, forgetRedo() {}, undoable: [], redoable: false },
};

/** Commands on a test store. */
export function editing(experiments = NO_EXPERIMENTS) {
  const store = createStore({ name: "test", config: { ...defaultConfig(schema), test_share: 0 } });
  /** @type {((reply: unknown) => void)[]} */
  const waiting = [];
  let id = 0;
  const client = /** @type {any} */ ({
    id: () => (id += 1),
    ask: () =>
      new Promise((resolve) => {
        waiting.push(resolve);
      }),
  });
  const trainer = { reset: (/** @type {() => void} */ prepare) => prepare() };
  const commands = createCommands({
    ...{ store, trainer, client, experiments, maxSamples: MAX_SAMPLES },
    newSeed: () => 1,
    first: (task) => FIRST[task],
  });

  /** @param {number} which question @param {number} n points */
  async function answer(which, n) {
    const points = add(
      NONE,
      Array.from({ length: n }, () => ({ x: 0, y: 0, label: 1 })),
    );
    waiting[which]({ type: "generated", id: which + 1, points });
    await new Promise(setImmediate);
  }
  return { store, commands, answer, waiting };
}

/** @param {number} step @returns {import("../../../src/nnvisu/static/js/state/history.js").Moment} */
export function moment(step) {
  const network = { hidden_layers: [], classes: [0, 1], activation: "tanh", ...PLAIN };
  return {
    ...{ id: step, parent: null, training: null, test: null },
    checkpoint: {
      ...{ network, parameters: new Float32Array(6), step, epoch: step, seed: 0, position: 0 },
      optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    },
  };
}
