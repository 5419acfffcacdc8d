// The store is saved: each part of the experiment is one effect over one signal. Settings and data
// are written the moment they change; weights and history, which change with every frame, a few
// times a second and when the page goes.

import { effect } from "@preact/signals";

import { thin } from "./history.js";
import * as plain from "./plain.js";

/** @typedef {import("./storage.js").Part} Part */
/** @typedef {import("./history.js").Moment} Moment */

const WEIGHTS_EVERY_MS = 250;
const HISTORY_EVERY_MS = 2000;

/**
 * @param {import("./store.js").Store} store
 * @param {import("./storage.js").Storage} storage
 * @returns {{ flush: () => void, close: () => void }} `flush` writes what still waits, `close` ends
 *   saving after that
 */
export function save(store, storage) {
  /** @type {WeakMap<Moment, string>} */
  const texts = new WeakMap();

  /** @param {Moment} moment */
  function text(moment) {
    let json = texts.get(moment);
    if (json === undefined) {
      const optimiser = plain.plainOptimiser(moment.checkpoint);
      json = JSON.stringify({ ...plain.plainWeights(moment), optimiser });
      texts.set(moment, json);
    }
    return json;
  }

  /** @param {Part} part @param {unknown} value */
  function write(part, value) {
    const json = JSON.stringify(value);
    while (!storage.write(part, json)) {
      if (!writeLess()) {
        store.problem.transport.value =
          "This browser's storage is full: the newest changes are not saved. Delete another experiment or other sites' data.";
        return;
      }
    }
  }

  function writeHistory() {
    const { interval, moments } = store.history.value;
    const json = `{"interval":${interval},"moments":[${moments.map(text).join(",")}]}`;
    if (!storage.write("history", json)) writeLess();
  }

  /** Halves the history until it takes less room. @returns {boolean} false if there is none left */
  function writeLess() {
    const { interval, moments } = store.history.value;
    if (moments.length === 0) return false;
    store.history.value =
      moments.length > 2 ? thin({ interval, moments }) : { interval, moments: [] };
    writeHistory();
    return true;
  }

  function writeWeights() {
    const moment = store.live.value;
    if (!moment) return;
    write("weights", plain.plainWeights(moment));
    write("optimiser", plain.plainOptimiser(moment.checkpoint));
  }

  const weights = seldom(writeWeights, WEIGHTS_EVERY_MS);
  const history = seldom(writeHistory, HISTORY_EVERY_MS);
  function flush() {
    weights.flush();
    history.flush();
  }

  const effects = [
    () => write("config", store.config.value),
    () => write("data", plain.plainPoints(store.points.value)),
    () => write("view", store.view.value),
    () => {
      if (store.live.value) weights.due();
    },
    () => {
      if (store.history.value) history.due();
    },
    // A pause is a moment at which a person expects everything to be safe.
    () => {
      if (!store.training.value) flush();
    },
  ].map((act) => effect(act));

  return {
    flush,
    close() {
      flush();
      for (const end of effects) end();
    },
  };
}

/**
 * @param {() => void} act
 * @param {number} every_ms at most so often
 */
function seldom(act, every_ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  function flush() {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    act();
  }
  return {
    due() {
      timer ??= setTimeout(flush, every_ms);
    },
    flush,
  };
}
