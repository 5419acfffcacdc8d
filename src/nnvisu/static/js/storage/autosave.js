// The store is saved: each part of the experiment is one effect. Settings and points are written the moment
// they change, a stroke's points a few times a second and at its end; weights and history, which change
// with every frame, a few times a second and when the page goes.

import { effect, untracked } from "@preact/signals";

import { bytesIn, EMPTY, thin } from "../state/history.js";
import { encodeData } from "./document.js";
import { activeRun, asideRun, dataOf, experimentSettingsOf, otherTask } from "./experiment.js";

/** @typedef {import("../settings/settings.js").Task} Task */
/** @typedef {import("./local_storage.js").Key} Key */
/** @typedef {import("./document.js").Run} Run */

const WEIGHTS_EVERY_MS = 250;
const STROKE_EVERY_MS = 250;
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
 * @param {Record<Task, import("./history_store.js").HistoryStore>} histories where the runs are stored
 * @param {{ emptyTrash: () => boolean }} trash gives room up; false if it had none
 * @returns {{ flush: () => void, abandon: () => void }} `flush` writes what still waits; after
 *   `abandon` nothing is written any more
 */
export function save(store, storage, histories, trash) {
  /** What found no room, and how to try again. @type {Map<string, () => void>} */
  const unsaved = new Map();
  /** What was written last under each key. @type {Map<Key, string>} */
  const written = new Map();
  let historyBytes = HISTORY_BYTES;
  /** When the history last gave way. */
  let full_ms = -Infinity;

  const { config, drawn, aside, view, live, history, training, stroke, regression } = store;

  /** @param {Key} key @param {unknown} value */
  function write(key, value) {
    const json = JSON.stringify(value);
    if (written.get(key) === json) return;
    written.set(key, json);
    attempt(key, () => storage.write(key, json));
  }

  /** Tries until it succeeds or no room is left to make. @param {string} part @param {() => boolean} act */
  function attempt(part, act) {
    let done = act();
    while (!done && makeRoom()) done = act();
    note(part, done ? null : () => attempt(part, act));
  }

  /** Tells the person, once, that something is not saved, until all of it is. @param {string} part @param {(() => void) | null} retry */
  function note(part, retry) {
    const before = unsaved.size > 0;
    if (retry) unsaved.set(part, retry);
    else unsaved.delete(part);
    const now = unsaved.size > 0;
    if (now) retries.due();
    if (now === before) return;
    const others = store.notices.value.filter((text) => text !== FULL);
    store.notices.value = now ? [...others, FULL] : others;
    if (now) return;
    historyBytes = HISTORY_BYTES;
    moments.due();
  }

  function writeSettings() {
    write("settings", experimentSettingsOf(config.value));
    writeNewest();
  }

  function writeData() {
    const { task } = config.value;
    const data = /** @type {Record<Task, unknown>} */ (encodeData(dataOf(store)));
    for (const of of /** @type {Task[]} */ ([task, otherTask(task)])) {
      const key = /** @type {const} */ (`data/${of}`);
      if (data[of]) write(key, data[of]);
      else if (written.delete(key)) {
        // The task was chosen for the first time, and that was undone.
        storage.remove(key);
        histories[of].clear();
      }
    }
  }

  function writeNewest() {
    const run = activeRun(store);
    attempt("weights", () => histories[run.task].writeNewest(run));
  }

  /** @param {Run} run @returns {Run} with as much of its past as may be stored */
  function modest(run) {
    let stored = { interval: run.interval, moments: run.line };
    while (bytesIn(stored) > historyBytes) {
      stored = stored.moments.length > 2 ? thin(stored) : EMPTY;
    }
    const last = run.newest ?? run.line.at(-1) ?? null;
    const recorded = stored.moments.at(-1)?.id === last?.id;
    return {
      ...{ ...run, interval: stored.interval, line: stored.moments },
      newest: recorded ? null : last,
    };
  }

  /** @param {number} until */
  function writeHistory(until) {
    if (historyBytes < HISTORY_BYTES && performance.now() > full_ms + MODEST_MS) {
      historyBytes = Math.min(HISTORY_BYTES, 2 * Math.max(MEAGRE_BYTES, historyBytes));
    }
    let more = false;
    const rest = asideRun(store);
    for (const run of [activeRun(store), ...(rest ? [rest] : [])]) {
      const part = `history of ${run.task}`;
      attempt(part, () => {
        const outcome = histories[run.task].write(modest(run), until);
        more ||= outcome === "more";
        return outcome !== "full";
      });
    }
    if (more) moments.due(0);
  }

  /** Empties the trash, then stores half as much of the past. @returns {boolean} false if nothing is left to give up */
  function makeRoom() {
    if (trash.emptyTrash()) return true;
    if (historyBytes === 0) return false;
    full_ms = performance.now();
    const run = activeRun(store);
    const bytes = Math.min(historyBytes, bytesIn(history.value));
    historyBytes = bytes > MEAGRE_BYTES ? bytes / 2 : 0;
    histories[run.task].write(modest(run), full_ms);
    return true;
  }

  function tryAgain() {
    for (const retry of [...unsaved.values()]) retry();
  }

  const retries = seldom(tryAgain, RETRY_EVERY_MS);
  const points = seldom(writeData, STROKE_EVERY_MS);
  const weights = seldom(writeNewest, WEIGHTS_EVERY_MS);
  const moments = seldom(writeHistory, HISTORY_EVERY_MS);
  function flush() {
    points.flush();
    weights.flush();
    moments.flush();
  }

  const effects = [
    // Writing may read the history, which these effects must not follow.
    () => {
      follow(config);
      untracked(writeSettings);
    },
    () => {
      follow(drawn, aside, regression);
      points.due();
      if (!stroke.value) untracked(points.flush);
    },
    () => {
      const { value } = view;
      untracked(() => write("view", value));
    },
    () => {
      if (live.value) weights.due();
    },
    () => {
      follow(history, aside);
      moments.due();
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
      for (const waiting of [retries, points, weights, moments]) waiting.cancel();
    },
  };
}

/** @param {import("@preact/signals").ReadonlySignal<unknown>[]} signals are read, so that an effect follows them */
function follow(...signals) {
  for (const signal of signals) void signal.value;
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
