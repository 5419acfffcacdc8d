// Shared by the tests of storage/: a Local Storage with limited room, and an experiment in it.

import { after } from "node:test";

import { add, NONE } from "../../../src/nnvisu/static/js/data/points.js";
import { defaultConfig } from "../../../src/nnvisu/static/js/settings/settings.js";
import { record } from "../../../src/nnvisu/static/js/state/history.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { save } from "../../../src/nnvisu/static/js/storage/autosave.js";
import { documentOf, RUN_IDS } from "../../../src/nnvisu/static/js/storage/experiment.js";
import { createHistoryStore } from "../../../src/nnvisu/static/js/storage/history_store.js";
import { createStorage } from "../../../src/nnvisu/static/js/storage/local_storage.js";
import { restore } from "../../../src/nnvisu/static/js/storage/restore.js";
import { createTrash } from "../../../src/nnvisu/static/js/storage/trash.js";
import { PLAIN } from "./networks.js";
import { schema } from "./schema.js";

/** @typedef {import("../../../src/nnvisu/static/js/state/history.js").Moment} Moment */

/** Local Storage with room for a number of characters; it behaves as a browser's. */
class Local {
  /** @param {number} [room] */
  constructor(room = Infinity) {
    Object.defineProperty(this, "room", { value: room, writable: true });
  }

  get length() {
    return Object.keys(this).length;
  }

  /** @param {number} index */
  key(index) {
    return Object.keys(this)[index] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return /** @type {any} */ (this)[key] ?? null;
  }

  /** @param {string} key @param {string} text */
  setItem(key, text) {
    const others = Object.entries(this).filter(([other]) => other !== key);
    const taken = others.reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    if (taken + key.length + text.length > /** @type {any} */ (this).room) {
      throw new DOMException("full", "QuotaExceededError");
    }
    /** @type {any} */ (this)[key] = text;
  }

  /** @param {string} key */
  removeItem(key) {
    delete (/** @type {any} */ (this)[key]);
  }
}

export const local = (/** @type {number} */ room = Infinity) =>
  /** @type {any} */ (new Local(room));

/** What is stored, in characters. @param {any} where @param {(key: string) => boolean} [which] */
export const size = (where, which = () => true) =>
  Object.entries(where)
    .filter(([key]) => which(key))
    .reduce((sum, [key, value]) => sum + key.length + String(value).length, 0);

/** @param {number} epoch @param {number[]} [classes] @returns {Moment} whose id is ten times its epoch */
export function moment(epoch, classes = [0, 1]) {
  const values = (/** @type {number} */ n) =>
    Float32Array.from({ length: n }, (_, k) => Math.sin(k + epoch));
  const count = 2 * 3 + (classes.length || 1) * 3;
  const confusion = classes.length > 0 ? Uint16Array.of(2, 1, 0, 1) : new Uint16Array(0);
  return {
    ...{ id: 10 * epoch + 1, parent: epoch > 0 ? 10 * epoch - 9 : null },
    checkpoint: {
      network: { hidden_layers: [2], classes, activation: "gelu", ...PLAIN },
      parameters: values(count),
      optimiser: { name: "adam", slots: values(2 * count), steps: 3 * epoch },
      ...{ step: 3 * epoch, epoch, seed: 5, position: 0 },
    },
    training: { loss: 0.5, accuracy: 0.75, confusion, r2: null },
    test: epoch % 2 ? { loss: 2, accuracy: null, confusion: new Uint16Array(0), r2: 0.5 } : null,
  };
}

/** @param {Iterable<number>} epochs @param {number[]} [classes] */
export function recorded(epochs, classes) {
  let history = { interval: 1, moments: /** @type {readonly Moment[]} */ ([]) };
  for (const epoch of epochs) history = record(history, moment(epoch, classes));
  return history;
}

/** @param {number} length */
const range = (length) => Array.from({ length }, (_, index) => index);

/** An experiment with content in every part and in both tasks. */
export function filled() {
  const store = createStore({ name: "test", config: defaultConfig(schema) });
  store.config.value = { ...store.config.value, learning_rate: 0.1 + 0.2, batch_size: 10 };
  store.drawn.value = add(NONE, [
    { x: 0.1, y: -1, label: 9 },
    { x: 1 / 3, y: 1, label: 0 },
  ]);
  const history = recorded(range(4), []);
  store.aside.value = {
    settings: { hidden_layers: [7], learning_rate: 0.5 },
    drawn: add(NONE, [{ x: 0.5, y: 1 / 7, value: -1 / 3 }]),
    model: { live: { ...moment(9, []) }, history, measured: null },
  };
  store.view.value = { ...store.view.value, tool: "erase", target: 0.35, howto: false };
  store.history.value = recorded(range(20));
  store.live.value = moment(25);
  return store;
}

/** @param {any} where @param {string} [name] */
export function opened(where, name = "test") {
  const storage = createStorage(where, name);
  const histories = {
    classification: createHistoryStore(storage, RUN_IDS.classification),
    regression: createHistoryStore(storage, RUN_IDS.regression),
  };
  return { storage, histories };
}

/** @param {any} store @param {any} where */
export function saving(store, where) {
  const { storage, histories } = opened(where);
  const saver = save(store, storage, histories, createTrash(where));
  after(saver.abandon);
  return saver;
}

/** @param {any} where */
export function stored(where) {
  const store = filled();
  saving(store, where).flush();
  return store;
}

/** @param {any} where @param {string} [name] */
export function restored(where, name = "test") {
  const store = createStore({ name, config: defaultConfig(schema) });
  const { storage, histories } = opened(where, name);
  const { found } = restore(store, storage, histories, schema);
  return { store, found };
}

/** The whole experiment. @param {any} store @returns {string} */
export const text = (store) => JSON.stringify(documentOf(store));
