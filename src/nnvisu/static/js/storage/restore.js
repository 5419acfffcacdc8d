// A stored experiment comes back: whatever of it is sound, and a sentence for what is not.

import { batch } from "@preact/signals";

import * as plain from "./plain.js";
import { NONE } from "../data/points.js";
import { configChecker, defaultConfig } from "../settings/settings.js";
import { FIRST_VIEW } from "../state/store.js";
import { begin } from "../data/undo.js";

/** @typedef {import("./local_storage.js").Part} Part */
/** @typedef {import("./local_storage.js").Loss} Loss */
/** @typedef {import("../settings/schema.js").Schema} Schema */

/** What a part is called where people read it, and what takes its place. */
const NAMES = Object.freeze(
  /** @type {Record<Part, string>} */ ({
    config: "the settings (the first ones are back)",
    data: "the points",
    weights: "the weights (they start anew)",
    optimiser: "the optimiser's memory (it starts anew)",
    history: "the history",
    view: "the view's settings",
  }),
);
/** In place of the above where the newest recorded moment steps in. */
const RECORDED = Object.freeze({
  weights: "the weights (the newest recorded ones take their place)",
  optimiser: "the optimiser's memory (the newest recorded one takes its place)",
});

const SENTENCES = Object.freeze(
  /** @type {Record<Loss, string>} */ ({
    aside: "Damaged in this browser's storage, and kept aside",
    damaged: "Damaged in this browser's storage, without room to keep it aside",
    missing: "Missing from this browser's storage",
  }),
);

/**
 * @param {import("../state/store.js").Store} store is filled with what is sound
 * @param {import("./local_storage.js").Storage} storage
 * @param {import("./history_store.js").Past} past where the history is stored
 * @param {Schema} schema
 * @returns {{ found: boolean }} whether anything was stored
 */
export function restore(store, storage, past, schema) {
  /** @type {Map<Part, Loss>} */
  const lost = new Map();
  const found = storage.keys().length > 0;
  /**
   * @template T
   * @param {Part} part
   * @param {(value: unknown) => T} check
   * @returns {T | null} null if there is none that is sound
   */
  function bring(part, check) {
    const { value, loss } = storage.read(part, check);
    if (loss) lost.set(part, loss);
    return value;
  }

  const settings = bring("config", config(schema));
  const sets = bring("data", data(schema));
  const look = bring("view", view);
  const own = bring("weights", weights(schema));
  const memory = bring("optimiser", optimiser(schema, own));
  const { history, list, losses } = past.read(moment(schema));
  const newest = history.moments.at(-1) ?? null;
  batch(() => {
    if (settings) store.config.value = settings;
    if (sets) {
      const [present, aside] = store.regression.value
        ? [sets.regression, sets.classification]
        : [sets.classification, sets.regression];
      store.timeline.value = begin(present ?? NONE);
      store.aside.value = aside && begin(aside);
    }
    if (look) store.view.value = look;
    store.history.value = history;
    store.live.value = own ? plain.moment(own, memory) : newest;
  });

  // Moments that are there need no list.
  if (list && (list !== "missing" || (newest === null && own !== null && own.epoch > 0))) {
    lost.set("history", list);
  }
  // A page that went before its first weights came has stored none.
  if (lost.get("weights") === "missing" && lost.get("optimiser") === "missing" && !newest) {
    lost.delete("weights");
    lost.delete("optimiser");
  }
  const names = own || !newest ? NAMES : { ...NAMES, ...RECORDED };
  if (found) store.notices.value = [...store.notices.value, ...report(lost, losses, names)];
  return { found };
}

/**
 * @param {Map<Part, Loss>} lost
 * @param {Loss[]} moments of the history
 * @param {Record<Part, string>} names
 * @returns {string[]} a sentence for each way of being lost
 */
function report(lost, moments, names) {
  return Object.entries(SENTENCES).flatMap(([loss, sentence]) => {
    const parts = [...lost].filter(([, how]) => how === loss).map(([part]) => names[part]);
    const count = moments.filter((how) => how === loss).length;
    if (count > 0) parts.push(`${count} recorded ${count === 1 ? "moment" : "moments"}`);
    return parts.length > 0 ? [`${sentence}: ${parts.join(", ")}.`] : [];
  });
}

/**
 * @param {(value: unknown) => boolean} check
 * @param {string} what
 */
function legal(check, what) {
  return (/** @type {unknown} */ value) => {
    if (!check(value)) throw new Error(`these are not ${what}`);
    return value;
  };
}

/**
 * What was stored before there was a field says nothing of it.
 * @param {unknown} value an object that has some of the fields
 * @param {object} fields and what each is unless it says otherwise
 */
function completed(value, fields) {
  if (
    typeof value !== "object" ||
    value === null ||
    !Object.keys(fields).some((name) => name in value)
  ) {
    throw new Error("these are no fields");
  }
  return { ...fields, ...value };
}

/** @param {Schema} schema */
function config(schema) {
  const check = legal(configChecker(schema), "settings");
  const first = defaultConfig(schema);
  return (/** @type {unknown} */ value) =>
    /** @type {import("../settings/settings.js").Config} */ (check(completed(value, first)));
}

/** @param {unknown} value */
function view(value) {
  const found = /** @type {Record<string, unknown>} */ (completed(value, FIRST_VIEW));
  for (const [name, first] of Object.entries(FIRST_VIEW)) {
    if (typeof found[name] !== typeof first) throw new Error("this is not a view");
  }
  return /** @type {import("../state/store.js").View} */ (found);
}

const NO_POINTS = Object.freeze({ x: "", y: "", label: "", value: "", origin: null });

/** @param {Schema} schema */
function data(schema) {
  const isPoints = schema.checker({
    x: ["Points", "x"],
    y: ["Points", "y"],
    label: ["Points", "label"],
    value: ["Points", "value"],
  });
  const isOrigin = schema.checker({
    distribution: ["Generate", "distribution"],
    seed: ["Generate", "seed"],
  });
  /** @param {unknown} value */
  function points(value) {
    const found = /** @type {plain.PlainPoints} */ (completed(value, NO_POINTS));
    const { origin, ...arrays } = found;
    legal(isPoints, "points")(arrays);
    if (origin !== null) legal(isOrigin, "an origin")(origin);
    return found;
  }
  return (/** @type {unknown} */ value) => {
    const { aside, ...present } = /** @type {plain.PlainData} */ (
      completed(value, { ...NO_POINTS, aside: null })
    );
    return plain.data({ ...points(present), aside: aside && points(aside) });
  };
}

/** @param {Schema} schema */
function weights(schema) {
  const isWeights = schema.checker({
    network: ["Checkpoint", "network"],
    parameters: ["Checkpoint", "parameters"],
    step: ["Checkpoint", "step"],
    epoch: ["Checkpoint", "epoch"],
    seed: ["Checkpoint", "seed"],
    training: ["Frame", "test"],
    test: ["Frame", "test"],
  });
  return (/** @type {unknown} */ value) => {
    const found = /** @type {plain.PlainWeights} */ (legal(isWeights, "weights")(value));
    plain.moment(found, null);
    return found;
  };
}

/**
 * @param {Schema} schema
 * @param {plain.PlainWeights | null} owner the weights that it belongs to, unless they are lost
 */
function optimiser(schema, owner) {
  const isOptimiser = schema.checker({
    name: ["Optimiser", "name"],
    slots: ["Optimiser", "slots"],
    steps: ["Optimiser", "steps"],
    step: ["Checkpoint", "step"],
  });
  return (/** @type {unknown} */ value) => {
    const found = /** @type {plain.PlainOptimiser} */ (legal(isOptimiser, "optimiser")(value));
    if (owner && found.step !== owner.step) throw new Error("it belongs to other weights");
    if (owner) plain.moment(owner, found);
    return found;
  };
}

/** @param {Schema} schema */
function moment(schema) {
  const check = weights(schema);
  return (/** @type {unknown} */ value) => {
    const { optimiser: memory, ...own } = /** @type {Record<string, unknown>} */ (value);
    const found = check(own);
    return plain.moment(found, optimiser(schema, found)(memory));
  };
}
