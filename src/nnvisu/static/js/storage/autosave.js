// Saves the store, with one effect for each part of the experiment. Settings and points are written
// when they change, the points of a stroke at intervals and at its end. Weights and history, which
// change with every frame, are written at intervals and when the page is hidden.

import { effect, untracked } from "@preact/signals";

import { bytesIn, EMPTY, thin } from "../state/history.js";
import { StorageFailure } from "./browser_storage.js";
import { encodeData } from "./document.js";
import { activeRun, asideRun, dataOf, experimentSettingsOf, otherTask } from "./experiment.js";

/** @typedef {import("../settings/settings.js").Task} Task */
/** @typedef {import("./local_storage.js").Key} Key */
/** @typedef {import("./document.js").Run} Run */

const WEIGHTS_EVERY_MS = 250;
const STROKE_EVERY_MS = 250;
const HISTORY_EVERY_MS = 2000;
/** The interval between attempts to write what found no room. */
const RETRY_EVERY_MS = 2000;
/** After each save, no other one for this many times its duration; keeps the main thread free. */
const PAUSE_FACTOR = 10;
/** The time for writing history in one task; the rest is left to another task. */
const SLICE_MS = 5;
/** The largest stored history, before base64; Local Storage holds about 5 MB in all. */
const MAX_HISTORY_BYTES = 2 ** 21;
/** A history limit below this becomes 0. */
const MIN_HISTORY_BYTES = 100;
/** The time after which a reduced history limit is raised again. */
const REDUCED_MS = 30_000;

/** The notice that the page shows while Local Storage is full. */
export const FULL =
  "This browser's storage is full: the newest changes are not saved. Delete another experiment or other sites' data.";

/**
 * The notice while the browser refuses to store anything.
 * @param {StorageFailure} failure
 */
export function refusedNotice({ message }) {
  return `${message} The newest changes are not saved; the page keeps trying.`;
}

/**
 * @param {import("../state/store.js").Store} store
 * @param {import("./local_storage.js").Storage} storage
 * @param {Record<Task, import("./history_store.js").HistoryStore>} histories where the runs are stored
 * @param {{ emptyTrash: () => boolean }} trash `emptyTrash` makes room; false if the trash was empty
 * @returns {{ flush: () => void, abandon: () => void, rewrite: (after?: () => void) => void }} `flush`
 *   writes at once what is due; `abandon` ends saving; `rewrite` writes everything again, soon, and then
 *   calls `after`
 */
export function save(store, storage, histories, trash) {
  /** The parts that are not saved, each with its retry. @type {Map<string, () => void>} */
  const unsaved = new Map();
  /** The JSON last written under each key. @type {Map<Key, string>} */
  const written = new Map();
  /** The notice that is shown while a part is not saved. */
  let notice = "";
  let historyBytes = MAX_HISTORY_BYTES;
  /** When the history limit was last reduced. */
  let full_ms = -Infinity;

  const { config, drawn, aside, view, live, history, training, stroke, regression } = store;

  /** @param {Key} key @param {unknown} value */
  function write(key, value) {
    const json = JSON.stringify(value);
    if (written.get(key) === json) return;
    written.set(key, json);
    attempt(key, () => storage.write(key, json));
  }

  /**
   * Retries until it succeeds, no more room can be made, or the storage fails.
   * @param {string} part
   * @param {() => boolean} act
   */
  function attempt(part, act) {
    let problem = "";
    try {
      let done = act();
      while (!done && makeRoom()) done = act();
      if (!done) problem = FULL;
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error;
      problem = refusedNotice(error);
    }
    note(part, problem, () => attempt(part, act));
  }

  /**
   * Shows a notice while any part is not saved.
   * @param {string} part
   * @param {string} problem empty if the part is saved
   * @param {() => void} [retry]
   */
  function note(part, problem, retry = () => {}) {
    const before = unsaved.size > 0;
    if (problem) unsaved.set(part, retry);
    else unsaved.delete(part);
    const now = unsaved.size > 0;
    if (now) retries.due();
    const due = now ? problem || notice : "";
    if (due !== notice) {
      const others = store.notices.value.filter((text) => text !== notice);
      store.notices.value = due ? [...others, due] : others;
      notice = due;
    }
    if (now || !before) return;
    historyBytes = MAX_HISTORY_BYTES;
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
        // The first switch to this task was undone.
        for (const [part, act] of /** @type {[string, () => void][]} */ ([
          [key, () => storage.remove(key)],
          [`history of ${of}`, histories[of].clear],
        ])) {
          attempt(part, () => {
            act();
            return true;
          });
        }
      }
    }
  }

  function writeNewest() {
    const run = activeRun(store);
    attempt("weights", () => histories[run.task].writeNewest(run));
  }

  /** @param {Run} run @returns {Run} with a history within the limit */
  function limited(run) {
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

  /** @param {number} until the time, by `performance.now()`, to stop and leave the rest */
  function writeHistory(until) {
    if (historyBytes < MAX_HISTORY_BYTES && performance.now() > full_ms + REDUCED_MS) {
      historyBytes = Math.min(MAX_HISTORY_BYTES, 2 * Math.max(MIN_HISTORY_BYTES, historyBytes));
    }
    let more = false;
    const rest = asideRun(store);
    for (const run of [activeRun(store), ...(rest ? [rest] : [])]) {
      const part = `history of ${run.task}`;
      attempt(part, () => {
        const outcome = histories[run.task].write(limited(run), until);
        more ||= outcome === "more";
        return outcome !== "full";
      });
    }
    if (more) moments.due(0);
  }

  /**
   * Empties the trash, or else halves the stored history.
   * @returns {boolean} false if neither is possible
   */
  function makeRoom() {
    if (trash.emptyTrash()) return true;
    if (historyBytes === 0) return false;
    full_ms = performance.now();
    const run = activeRun(store);
    const bytes = Math.min(historyBytes, bytesIn(history.value));
    historyBytes = bytes > MIN_HISTORY_BYTES ? bytes / 2 : 0;
    histories[run.task].write(limited(run), full_ms);
    return true;
  }

  function tryAgain() {
    for (const retry of [...unsaved.values()]) retry();
  }

  const retries = seldom(tryAgain, RETRY_EVERY_MS);
  const points = seldom(writeData, STROKE_EVERY_MS);
  const weights = seldom(writeNewest, WEIGHTS_EVERY_MS);
  const moments = seldom(writeHistory, HISTORY_EVERY_MS);
  const everything = seldom(writeEverything, HISTORY_EVERY_MS);

  /** What is done once everything is written again. @type {(() => void)[]} */
  const afterwards = [];

  function writeEverything() {
    written.clear();
    for (const { forget } of Object.values(histories)) forget();
    writeSettings();
    writeData();
    write("view", view.value);
    writeHistory(Infinity);
    if (unsaved.size > 0) {
      everything.due();
      return;
    }
    for (const act of afterwards.splice(0)) act();
  }

  function flush() {
    everything.flush();
    points.flush();
    weights.flush();
    moments.flush();
  }

  const effects = [
    // Writing may read the history, which must not trigger these effects: hence `untracked`.
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
    // The task that was left: its newest weights may be a moment old.
    () => {
      follow(aside);
      const rest = untracked(() => asideRun(store));
      if (!rest) return;
      const { writeNewest: writeAside } = histories[rest.task];
      untracked(() => attempt(`weights of ${rest.task}`, () => writeAside(rest)));
    },
    // After Pause, everything should be saved.
    () => {
      if (training.value) return;
      untracked(weights.flush);
      untracked(moments.hurry);
    },
  ].map((act) => effect(act));

  return {
    flush,
    rewrite(after) {
      if (after) afterwards.push(after);
      everything.due();
    },
    abandon() {
      for (const end of effects) end();
      for (const waiting of [retries, points, weights, moments, everything]) waiting.cancel();
    },
  };
}

/** @param {import("@preact/signals").ReadonlySignal<unknown>[]} signals to read in an effect */
function follow(...signals) {
  for (const signal of signals) void signal.value;
}

/**
 * Runs an action at most once an interval.
 * @param {(until: number) => void} act gets the time, by `performance.now()`, to stop at
 * @param {number} every_ms the interval
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
    pause_ms = Math.max(every_ms, PAUSE_FACTOR * (performance.now() - start_ms));
  }
  return {
    /** @param {number} [wait_ms] */
    due(wait_ms = pause_ms) {
      timer ??= setTimeout(() => run(SLICE_MS), wait_ms);
    },
    /** Runs at once if due, for one slice; the rest takes further tasks. */
    hurry: () => run(SLICE_MS),
    /** Runs at once if due, to the end. */
    flush: () => run(Infinity),
    cancel() {
      clearTimeout(timer);
      timer = undefined;
    },
  };
}
