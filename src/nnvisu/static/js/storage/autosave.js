// The store is saved: each part of the experiment is one effect over one signal. Settings and data
// are written the moment they change; weights and history, which change with every frame, a few
// times a second and when the page goes.

import { effect, untracked } from "@preact/signals";

import { bytesIn, EMPTY, thin } from "../state/history.js";
import { plainData, plainOptimiser, plainWeights } from "./plain.js";

/** @typedef {import("./local_storage.js").Part} Part */
/** @typedef {import("../state/history.js").Moment} Moment */

const WEIGHTS_EVERY_MS = 250;
const HISTORY_EVERY_MS = 2000;
/** What found no room is tried again so often. */
const RETRY_EVERY_MS = 2000;
/** Saving takes no more of the main thread than one part in so many, however large the network. */
const SHARE = 10;
/** How long the history is written before the rest is left to another task. */
const SLICE_MS = 5;
/** What of the history is stored at most; Local Storage takes about 5 MB in all, as base64. */
const HISTORY_BYTES = 2 ** 21;
/** Less of a past than this is none. */
const MEAGRE_BYTES = 100;
/** So long after it had to give way, the history tries to have more room again. */
const MODEST_MS = 30_000;

/** What a full storage means for the person. */
export const FULL =
  "This browser's storage is full: the newest changes are not saved. Delete another experiment or other sites' data.";

/**
 * @param {import("../state/store.js").Store} store
 * @param {import("./local_storage.js").Storage} storage
 * @param {import("./history_store.js").Past} past where the history is stored
 * @returns {{ flush: () => void, abandon: () => void }} `flush` writes what still waits; after
 *   `abandon` nothing is written any more
 */
export function save(store, storage, past) {
  /** What found no room. @type {Set<Part>} */
  const unsaved = new Set();
  let historyBytes = HISTORY_BYTES;
  /** When the history last gave way. */
  let full_ms = -Infinity;

  const { config, view, live, history, training } = store;
  const values = {
    config: () => config.value,
    data: () => plainData(store),
    view: () => view.value,
    weights: () => plainWeights(/** @type {Moment} */ (live.value)),
    optimiser: () => plainOptimiser(/** @type {Moment} */ (live.value).checkpoint),
  };

  /** @param {keyof typeof values} part @param {unknown} [value] */
  function write(part, value = values[part]()) {
    const json = JSON.stringify(value);
    let written = storage.write(part, json);
    while (!written && makeRoom()) written = storage.write(part, json);
    note(part, written);
  }

  /** Tells the person, once, that something is not saved, until all of it is. @param {Part} part @param {boolean} written */
  function note(part, written) {
    const before = unsaved.size > 0;
    if (written) unsaved.delete(part);
    else unsaved.add(part);
    const now = unsaved.size > 0;
    if (now) retries.due();
    if (now === before) return;
    const others = store.notices.value.filter((text) => text !== FULL);
    store.notices.value = now ? [...others, FULL] : others;
    if (now) return;
    historyBytes = HISTORY_BYTES;
    moments.due();
  }

  function writeWeights() {
    if (!live.value) return;
    write("weights");
    write("optimiser");
  }

  /** As much of the past as may be stored. */
  function modest() {
    let stored = history.value;
    while (bytesIn(stored) > historyBytes) {
      stored = stored.moments.length > 2 ? thin(stored) : EMPTY;
    }
    return stored;
  }

  /** @param {number} until */
  function writeHistory(until) {
    if (historyBytes < HISTORY_BYTES && performance.now() > full_ms + MODEST_MS) {
      historyBytes = Math.min(HISTORY_BYTES, 2 * Math.max(MEAGRE_BYTES, historyBytes));
    }
    let outcome = past.write(modest(), until);
    while (outcome === "full" && makeRoom()) outcome = past.write(modest(), until);
    note("history", outcome !== "full");
    if (outcome === "more") moments.due(0);
  }

  /** Stores half as much of the past. @returns {boolean} false if none of it is left to give up */
  function makeRoom() {
    if (historyBytes === 0) return false;
    full_ms = performance.now();
    const bytes = Math.min(historyBytes, bytesIn(history.value));
    historyBytes = bytes > MEAGRE_BYTES ? bytes / 2 : 0;
    past.write(modest(), full_ms);
    return true;
  }

  function retry() {
    for (const part of [...unsaved]) {
      if (part === "history") writeHistory(performance.now() + SLICE_MS);
      else write(part);
    }
  }

  const retries = seldom(retry, RETRY_EVERY_MS);
  const weights = seldom(writeWeights, WEIGHTS_EVERY_MS);
  const moments = seldom(writeHistory, HISTORY_EVERY_MS);
  function flush() {
    weights.flush();
    moments.flush();
  }

  /** Writing may read the history, which these effects must not follow. @param {"config" | "data" | "view"} part */
  function saved(part) {
    return () => {
      const value = values[part]();
      untracked(() => write(part, value));
    };
  }

  const effects = [
    saved("config"),
    saved("data"),
    saved("view"),
    () => {
      if (live.value) weights.due();
    },
    () => {
      if (history.value) moments.due();
    },
    // A pause is a moment at which a person expects everything to be safe.
    () => {
      if (training.value) return;
      untracked(weights.flush);
      untracked(moments.hurry);
    },
  ].map((act) => effect(act));

  return {
    flush,
    abandon() {
      for (const end of effects) end();
      for (const waiting of [retries, weights, moments]) waiting.cancel();
    },
  };
}

/**
 * @param {(until: number) => void} act is told until when, by `performance.now()`, it may take
 * @param {number} every_ms at most so often
 */
function seldom(act, every_ms) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let pause_ms = every_ms;
  /** @param {number} slice_ms */
  function run(slice_ms) {
    if (timer === undefined) return;
    clearTimeout(timer);
    timer = undefined;
    const start_ms = performance.now();
    act(start_ms + slice_ms);
    pause_ms = Math.max(every_ms, SHARE * (performance.now() - start_ms));
  }
  return {
    /** @param {number} [wait_ms] */
    due(wait_ms = pause_ms) {
      timer ??= setTimeout(() => run(SLICE_MS), wait_ms);
    },
    /** Does at once what is due; a large piece of work still takes several tasks. */
    hurry: () => run(SLICE_MS),
    /** Does at once all that is due. */
    flush: () => run(Infinity),
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
