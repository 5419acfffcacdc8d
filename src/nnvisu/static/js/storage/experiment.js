// Converts the store to a Document and back, for storage, files and `window.nnvisu`.

import { batch } from "@preact/signals";

import { toBase64 } from "../base/binary.js";
import { NONE } from "../data/points.js";
import { fieldsOf, RUN_SETTINGS, SETTINGS } from "../settings/settings.js";
import { EMPTY } from "../state/history.js";
import { modelOf } from "../state/store.js";
import { encodeDocument } from "./document.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Workspace} Workspace */
/** @typedef {import("../settings/settings.js").Config} Config */
/** @typedef {import("../settings/settings.js").Task} Task */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("./document.js").Run} Run */
/** @typedef {import("./document.js").RunSettings} RunSettings */
/** @typedef {import("./document.js").ExperimentSettings} ExperimentSettings */

/** Each task has one run. @type {Readonly<Record<Task, number>>} */
export const RUN_IDS = Object.freeze({ classification: 1, regression: 2 });
const RUN_NAME = "A";

/** @param {Task} task @returns {Task} */
export function otherTask(task) {
  return task === "classification" ? "regression" : "classification";
}

/** @param {Config} config @returns {ExperimentSettings} */
export function experimentSettingsOf(config) {
  return Object.assign(
    /** @type {ExperimentSettings} */ (fieldsOf(config, "ExperimentSettings")),
    fieldsOf(config, "Generate"),
    fieldsOf(config, "Train"),
  );
}

/** @param {Config} config @returns {RunSettings} */
function runSettingsOf(config) {
  return Object.assign(
    /** @type {RunSettings} */ (fieldsOf(config, "Network")),
    fieldsOf(config, "Initialise"),
    {
      hyperparameters: fieldsOf(config, "Hyperparameters"),
      stop_conditions: fieldsOf(config, "StopConditions"),
    },
  );
}

/**
 * @param {RunSettings} settings
 * @returns {Partial<Config>} by their names in the store
 */
function configOf({ hyperparameters, stop_conditions, ...rest }) {
  /** @type {Record<string, Record<string, unknown>>} */
  const parts = {
    ...{ Hyperparameters: hyperparameters, StopConditions: stop_conditions },
    ...{ Network: rest, Initialise: rest },
  };
  return Object.fromEntries(
    RUN_SETTINGS.map((name) => [name, parts[SETTINGS[name].definition][SETTINGS[name].field]]),
  );
}

/** @param {Store} store @returns {Run} the run of the active task */
export function activeRun(store) {
  const config = store.config.value;
  return runOf(config.task, config, modelOf(store));
}

/** @param {Store} store @returns {Run | null} the run of the other task */
export function asideRun({ config, aside }) {
  if (!aside.value) return null;
  const { settings, model } = aside.value;
  return runOf(otherTask(config.value.task), { ...config.value, ...settings }, model);
}

/**
 * @param {Task} task
 * @param {Config} config
 * @param {import("../state/store.js").Model} model
 * @returns {Run}
 */
function runOf(task, config, { live, history: { interval, moments } }) {
  const own = { id: RUN_IDS[task], name: RUN_NAME, task, settings: runSettingsOf(config) };
  const recorded = moments.at(-1)?.id === live?.id;
  return { ...own, interval, line: moments, newest: recorded ? null : live };
}

/** @param {Store} store @returns {import("./document.js").ExperimentData} */
export function dataOf({ config, drawn, aside }) {
  const { task } = config.value;
  const data = { [task]: drawn.value, [otherTask(task)]: aside.value && aside.value.drawn };
  return /** @type {import("./document.js").ExperimentData} */ (data);
}

/**
 * Fills the store; missing parts keep the values of a first visit.
 * @param {Store} store
 * @param {{
 *   settings: ExperimentSettings | null, data: Partial<Record<Task, Points | null>>,
 *   runs: Partial<Record<Task, Found | null>>
 * }} sound
 *
 * @typedef {Pick<Run, "interval" | "line" | "newest"> & { settings: RunSettings | null }} Found
 */
export function fill(store, { settings, data, runs }) {
  const { task = "classification" } = settings ?? {};
  const other = otherTask(task);
  const run = runs[task] ?? null;
  const rest = runs[other] ?? null;
  for (const { line, newest } of [run, rest].filter((each) => each !== null)) {
    for (const { id } of [...line, ...(newest ? [newest] : [])]) store.ids.saw(id);
  }
  batch(() => {
    const first = store.config.value;
    const own = run?.settings ? configOf(run.settings) : {};
    store.config.value = { ...first, .../** @type {object} */ (settings), ...own };
    store.drawn.value = data[task] ?? NONE;
    const { live, history } = modelFrom(run);
    store.live.value = live;
    store.history.value = history;
    if (!rest && !data[other]) return;
    const kept = Object.fromEntries(RUN_SETTINGS.map((name) => [name, first[name]]));
    store.aside.value = {
      settings: rest?.settings ? configOf(rest.settings) : kept,
      drawn: data[other] ?? NONE,
      model: modelFrom(rest),
    };
  });
}

/** @param {Found | null} run @returns {import("../state/store.js").Model} */
function modelFrom(run) {
  if (!run) return { live: null, history: EMPTY, measured: null };
  const { interval, line, newest } = run;
  const live = newest ?? line.at(-1) ?? null;
  return { live, history: { interval, moments: line }, measured: null };
}

/**
 * The whole experiment, for `window.nnvisu.document()`.
 * @param {Store} store
 * @returns {object} a frozen plain Document
 */
export function documentOf(store) {
  const runs = [activeRun(store), asideRun(store)].filter((run) => run !== null);
  const document = {
    ...{ version: /** @type {const} */ (1), settings: experimentSettingsOf(store.config.value) },
    ...{ data: dataOf(store), runs: runs.sort((a, b) => a.id - b.id) },
  };
  return freeze(JSON.parse(encodeDocument(document)));
}

/**
 * A summary of the active run, for `window.nnvisu.experiment()`.
 * @param {Store} store
 * @returns a frozen plain object; its JSON text is exact to the last bit
 */
export function experimentOf(store) {
  const { config, drawn, aside, live } = store;
  const other = aside.value && plainPoints(aside.value.drawn);
  const { checkpoint = null } = live.value ?? {};
  return freeze({
    config: structuredClone(config.value),
    data: { ...plainPoints(drawn.value), aside: other },
    weights: checkpoint && {
      ...{ network: structuredClone(checkpoint.network), step: checkpoint.step },
      ...{ parameters: toBase64(checkpoint.parameters), seed: checkpoint.seed },
    },
    optimiser: checkpoint && {
      ...{ name: checkpoint.optimiser.name, slots: toBase64(checkpoint.optimiser.slots) },
      ...{ steps: checkpoint.optimiser.steps, step: checkpoint.step },
    },
    ...{ epoch: checkpoint?.epoch ?? 0, position: checkpoint?.position ?? 0 },
  });
}

/** @param {Points} points */
function plainPoints({ x, y, label, value, origin }) {
  return {
    ...{ x: toBase64(x), y: toBase64(y), label: toBase64(label), value: toBase64(value) },
    origin: origin ?? null,
  };
}

/**
 * @template T
 * @param {T} value
 * @returns {Readonly<T>} frozen with everything in it
 */
function freeze(value) {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}

/**
 * @param {Store} store
 * @param {Store} first as a first visit finds it
 * @returns {boolean} whether nothing of the store has been changed or trained
 */
export function isUntouched(store, first) {
  const made = (/** @type {Store} */ { config, drawn, aside }) =>
    JSON.stringify([config.value, plainPoints(drawn.value), aside.value]);
  return made(store) === made(first) && (store.live.value?.checkpoint.epoch ?? 0) === 0;
}
