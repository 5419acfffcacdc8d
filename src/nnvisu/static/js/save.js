// The store is saved: each part of the experiment is one effect over one signal. Settings and data
// are written the moment they change; weights and history, which change with every frame, a few
// times a second and when the page goes.

import { effect, untracked } from "@preact/signals";

import { bytesIn, EMPTY, thin } from "./history.js";
import * as plain from "./plain.js";

/** @typedef {import("./storage.js").Part} Part */
/** @typedef {import("./history.js").Moment} Moment */

const WEIGHTS_EVERY_MS = 250;
const HISTORY_EVERY_MS = 2000;
/** What of the history is stored at most; Local Storage takes about 5 MB in all, as base64. */
const HISTORY_BYTES = 2 ** 21;

/** Less of a past than this is none. */
const MEAGRE_BYTES = 100;

/**
 * @param {import("./store.js").Store} store
 * @param {import("./storage.js").Storage} storage
 * @returns {{ flush: () => void, abandon: () => void }} `flush` writes what still waits; after
 *   `abandon` nothing is written any more
 */
export function save(store, storage) {
  /** @type {WeakMap<Moment, string>} */
  const texts = new WeakMap();
  /** Halved whenever the storage turns out to be full. */
  let historyBytes = HISTORY_BYTES;

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
      if (!makeRoom()) {
        store.problem.transport.value =
          "This browser's storage is full: the newest changes are not saved. Delete another experiment or other sites' data.";
        return;
      }
    }
  }

  /** Making room reads the history, which the settings' effects must not follow. @param {Part} part @param {unknown} value */
  function writeNow(part, value) {
    untracked(() => write(part, value));
  }

  function writeHistory() {
    let stored = store.history.value;
    while (bytesIn(stored) > historyBytes) stored = stored.moments.length > 2 ? thin(stored) : EMPTY;
    const json = `{"interval":${stored.interval},"moments":[${stored.moments.map(text).join(",")}]}`;
    if (!storage.write("history", json)) makeRoom();
  }

  /** Stores half as much of the past. @returns {boolean} false if none of it is left to give up */
  function makeRoom() {
    if (historyBytes === 0) return false;
    const bytes = Math.min(historyBytes, bytesIn(store.history.value));
    historyBytes = bytes > MEAGRE_BYTES ? bytes / 2 : 0;
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
    () => writeNow("config", store.config.value),
    () => writeNow("data", plain.plainData(store)),
    () => writeNow("view", store.view.value),
    () => {
      if (store.live.value) weights.due();
    },
    () => {
      if (store.history.value) history.due();
    },
    // A pause is a moment at which a person expects everything to be safe.
    () => {
      if (!store.training.value) untracked(flush);
    },
  ].map((act) => effect(act));

  return {
    flush,
    abandon() {
      for (const end of effects) end();
      for (const waiting of [weights, history]) waiting.cancel();
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
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
