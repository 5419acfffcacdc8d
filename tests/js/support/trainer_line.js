// A trainer with a fake client: the test sees its messages and requests, and answers them.

import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { createInspector } from "../../../src/nnvisu/static/js/state/inspector.js";
import { createTrainer } from "../../../src/nnvisu/static/js/state/trainer.js";
import { schema } from "./schema.js";

/** @typedef {import("../../../src/nnvisu/static/js/net/protocol.js").Network} Network */

export const LAYERS = [{ weight_norm: 1, gradient_norm: 2, dead: 0, saturated: 0 }];

/** @param {Network} network @param {number} epoch @param {string} [name] */
function checkpoint(network, epoch, name = "adam") {
  const sizes = [2, ...network.hidden_layers, network.classes.length || 1];
  const count = sizes.slice(1).reduce((sum, units, layer) => sum + units * (sizes[layer] + 1), 0);
  return {
    ...{ network, parameters: new Float32Array(count), step: epoch, epoch, seed: 1, position: 0 },
    optimiser: { name, slots: new Float32Array(2 * count), steps: epoch },
  };
}

/** A trainer with a fake client that records messages; the test answers requests. `restored`: with weights, and figures of other points. */
export function setting({ restored = false } = {}) {
  const store = createStore({ name: "test", config: { ...defaultConfig(schema), test_share: 0 } });
  const data = [0, 1].map((label) => ({ x: label - 0.5, y: 0, label }));
  store.drawn.value = add(NONE, data);
  /** @type {any[]} */
  const sent = [];
  /** @type {{ request: any, resolve: (reply: any) => void, reject: (error: Error) => void }[]} */
  const asked = [];
  let id = 0;
  const client = /** @type {any} */ ({
    id: () => (id += 1),
    send: (/** @type {any} */ request) => sent.push(request),
    ask: (/** @type {any} */ request) =>
      new Promise((resolve, reject) => {
        asked.push({ request, resolve, reject });
      }),
  });
  if (restored) {
    const network = { ...store.wanted.value, classes: [0, 1] };
    const loss = { loss: 123, accuracy: 1, confusion: new Uint16Array(0), r2: null };
    const moment = { id: 1, parent: null, checkpoint: checkpoint(network, 7) };
    store.live.value = { ...moment, training: loss, test: null };
  }
  const trainer = createTrainer(store, client);
  trainer.start();
  createInspector(store, client).start();

  return {
    ...{ store, sent, asked, trainer, client },

    /** Answers the pending request as the server does. */
    async initialised() {
      const { request, resolve } = /** @type {any} */ (asked.pop());
      const epoch = request.keep?.epoch ?? 0;
      resolve({
        type: "initialised",
        id: request.id,
        checkpoint: checkpoint(request.network, epoch, request.optimiser),
      });
      await new Promise(setImmediate);
    },

    /** Answers the pending `inspect` request. */
    async inspected() {
      asked.pop()?.resolve({ type: "inspected", layers: LAYERS });
      await new Promise(setImmediate);
    },

    async connect() {
      store.connection.value = { kind: "open" };
      await this.initialised();
    },

    /**
     * @param {number} epoch
     * @param {string | null} [ended] of the newest training
     * @param {object} [more] fields of the frame
     */
    frame(epoch, ended = null, more = {}) {
      const train = sent.findLast(({ type }) => type === "train");
      trainer.receive(
        /** @type {any} */ ({
          ...{ type: "frame", id: train.id, ended, reason: null, test: null },
          ...{ layers: [], progress: null },
          ...{ checkpoint: checkpoint(train.network, epoch), training: { loss: 0.5, accuracy: 1 } },
          ...more,
        }),
      );
    },

    /** @param {object} settings */
    set(settings) {
      store.config.value = { ...store.config.value, ...settings };
    },

    /** @param {boolean} inside */
    layOpen(inside) {
      store.view.value = { ...store.view.value, inside };
    },

    outcome: () => store.outcome.value?.text,

    types: () => sent.map(({ type }) => type),
    last: () => sent.at(-1),
    epoch: () => store.live.value?.checkpoint.epoch,
  };
}
