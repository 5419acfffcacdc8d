// Restores a stored experiment: every sound part of it, and a notice about the others.

import { CLASSES, COLOURINGS } from "../base/palette.js";
import { BRUSH, DENSITY } from "../state/gestures.js";
import { FIRST_VIEW } from "../state/store.js";
import { decodePart } from "./document_reader.js";
import { fill, otherTask, RUN_IDS } from "./experiment.js";

/** @typedef {import("./local_storage.js").Loss} Loss */
/** @typedef {import("./local_storage.js").Key} Key */
/** @typedef {import("./history_store.js").Head} Head */
/** @typedef {import("./history_store.js").HistoryStore} HistoryStore */
/** @typedef {import("./document.js").Moment} Moment */
/** @typedef {import("../settings/schema.js").Schema} Schema */
/** @typedef {import("../settings/settings.js").Task} Task */

/** The names of the parts in notices, and what replaces each. */
const NAMES = Object.freeze({
  settings: "the settings of the data (reset to their defaults)",
  classification: "the points",
  regression: "the points with values",
  run: "the settings of the network and of its training (reset to their defaults)",
  weights: "the weights (initialised anew)",
  recorded: "the newest weights (replaced by the last recorded ones)",
  view: "the view's settings",
});

/** Beyond this, ids would soon not be whole numbers. */
const MAX_ID = 2 ** 52;

const SENTENCES = Object.freeze(
  /** @type {Record<Loss, string>} */ ({
    aside: "Damaged in this browser's storage, and kept aside",
    damaged: "Damaged in this browser's storage, without room to keep it aside",
    missing: "Missing from this browser's storage",
  }),
);

/**
 * @param {import("../state/store.js").Store} store filled with the sound parts
 * @param {import("./local_storage.js").Storage} storage
 * @param {Record<Task, HistoryStore>} histories where the runs are stored
 * @param {Schema} schema
 * @returns {{ found: boolean }} whether anything was stored
 */
export function restore(store, storage, histories, schema) {
  const keys = new Set(storage.keys());
  if (keys.size === 0) return { found: false };
  /** @type {{ name: keyof typeof NAMES, loss: Loss }[]} */
  const lost = [];
  /** @type {Loss[]} */
  const moments = [];

  /**
   * @template T
   * @param {Key} key
   * @param {keyof typeof NAMES} name
   * @param {(value: unknown) => T} check
   * @returns {T | null} null if it is lost
   */
  function read(key, name, check) {
    const { value, loss } = storage.read(key, check);
    if (loss) lost.push({ name, loss });
    return value;
  }

  const settings = read("settings", "settings", (value) =>
    decodePart("ExperimentSettings", value, schema),
  );
  const view = read("view", "view", viewOf);
  const task = settings?.task ?? "classification";

  /** @param {Task} of */
  function points(of) {
    return read(`data/${of}`, of, (value) => {
      if (value === null) throw new Error("there are no points");
      return decodePart("ExperimentData", { [of]: value }, schema)[of];
    });
  }

  /** @param {Task} of */
  function run(of) {
    const check = { head: headOf(of, schema), moment: momentOf(of, schema) };
    const { head, line, newest, lost: gone } = histories[of].read(check);
    moments.push(...gone.moments);
    if (gone.head) lost.push({ name: "run", loss: gone.head });
    if (gone.newest) {
      lost.push({ name: line.length > 0 ? "recorded" : "weights", loss: gone.newest });
    }
    const interval = head?.interval ?? shortestGap(line);
    const sound = ordered(line, newest);
    const dropped = line.length - sound.line.length + Number(newest !== sound.newest);
    for (let count = 0; count < dropped; count += 1) moments.push("damaged");
    return { settings: head && head.settings, ...sound, interval };
  }

  const other = otherTask(task);
  const asideIsThere = [...keys].some((key) => belongsTo(key, other));
  fill(store, {
    settings,
    data: { [task]: points(task), [other]: asideIsThere ? points(other) : null },
    runs: { [task]: run(task), [other]: asideIsThere ? run(other) : null },
  });
  if (view) store.view.value = view;
  store.notices.value = [...store.notices.value, ...report(lost, moments)];
  return { found: true };
}

/** @param {Key} key @param {Task} task */
function belongsTo(key, task) {
  return key === `data/${task}` || `${key}/`.startsWith(`run/${RUN_IDS[task]}/`);
}

/**
 * @param {{ name: keyof typeof NAMES, loss: Loss }[]} lost
 * @param {Loss[]} moments how each lost moment of the history was lost
 * @returns {string[]} a notice for each kind of loss
 */
function report(lost, moments) {
  return Object.entries(SENTENCES).flatMap(([loss, sentence]) => {
    /** @type {string[]} */
    const parts = lost.filter((each) => each.loss === loss).map(({ name }) => NAMES[name]);
    const count = moments.filter((how) => how === loss).length;
    if (count > 0) parts.push(`${count} recorded ${count === 1 ? "moment" : "moments"}`);
    return parts.length > 0 ? [`${sentence}: ${[...new Set(parts)].join(", ")}.`] : [];
  });
}

/** @param {unknown} value @param {{ minimum: number, maximum: number }} bounds */
function isWithin(value, { minimum, maximum }) {
  return typeof value === "number" && value >= minimum && value <= maximum;
}

const isBoolean = (/** @type {unknown} */ value) => typeof value === "boolean";

/** @type {Readonly<Record<keyof import("../state/store.js").View, (value: any) => boolean>>} */
const VIEW = {
  theme: (theme) => ["system", "light", "dark"].includes(theme),
  tool: (tool) => ["draw", "erase", "move"].includes(tool),
  label: (label) => Number.isInteger(label) && label in CLASSES,
  target: (target) => typeof target === "number" && Math.abs(target) <= 1,
  colouring: (colouring) => COLOURINGS.includes(colouring),
  ...{ keep_seed: isBoolean, boundary: isBoolean, test_points: isBoolean, errors: isBoolean },
  curve: (curve) => ["loss", "accuracy"].includes(curve),
  log_scale: isBoolean,
  brush: (brush) => isWithin(brush, BRUSH),
  density: (density) => isWithin(density, DENSITY),
  ...{ advanced: isBoolean, inside: isBoolean, howto: isBoolean },
};

/** @param {unknown} value @returns {import("../state/store.js").View} */
function viewOf(value) {
  if (typeof value !== "object" || value === null || !("tool" in value)) {
    throw new Error("this is not a view");
  }
  const view = /** @type {import("../state/store.js").View} */ ({ ...FIRST_VIEW, ...value });
  for (const [name, isSound] of Object.entries(VIEW)) {
    if (!isSound(view[/** @type {keyof typeof VIEW} */ (name)])) {
      throw new Error(`this is not a view: ${name}`);
    }
  }
  return view;
}

/**
 * @param {Task} task
 * @param {Schema} schema
 * @returns {(value: unknown) => Head}
 */
function headOf(task, schema) {
  return (value) => {
    const { line, newest, ...own } = /** @type {Head} */ (value ?? {});
    const run = decodePart("Run", { ...own, line: [], newest: null }, schema);
    if (run.task !== task || run.id !== RUN_IDS[task]) throw new Error("it is another run");
    const ids = [...line, ...(newest === null ? [] : [newest])];
    if (!ids.every((id, place) => Number.isSafeInteger(id) && id > (ids[place - 1] ?? -1))) {
      throw new Error("its moments are not in order");
    }
    return { ...run, line, newest };
  };
}

/**
 * @param {Task} task
 * @param {Schema} schema
 * @returns {(value: unknown) => Moment}
 */
function momentOf(task, schema) {
  return (value) => {
    const moment = decodePart("Moment", value, schema);
    const { classes } = moment.checkpoint.network;
    if (classes.length > 0 !== (task === "classification")) {
      throw new Error("it is of the other task");
    }
    if (moment.id > MAX_ID) throw new Error("no greater ids are left");
    return moment;
  };
}

/**
 * Drops moments whose epochs do not ascend; each moment alone has been checked before.
 * @param {Moment[]} line
 * @param {Moment | null} newest
 */
function ordered(line, newest) {
  let epoch = -1;
  const rising = line.filter(({ checkpoint }) => {
    const fits = checkpoint.epoch >= epoch;
    if (fits) ({ epoch } = checkpoint);
    return fits;
  });
  return { line: rising, newest: newest && newest.checkpoint.epoch >= epoch ? newest : null };
}

/** @param {readonly Moment[]} moments @returns {number} the smallest interval, in epochs, at least 1 */
function shortestGap(moments) {
  const epochs = moments.map(({ checkpoint }) => checkpoint.epoch);
  const gaps = epochs.slice(1).map((epoch, index) => epoch - epochs[index]);
  const shortest = Math.min(...gaps.filter((gap) => gap > 0));
  return Number.isFinite(shortest) ? shortest : 1;
}
