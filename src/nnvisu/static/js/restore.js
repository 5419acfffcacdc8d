// A stored experiment comes back: whatever of it is sound, and a sentence for what is not.

import { batch } from "@preact/signals";

import * as plain from "./plain.js";
import { NONE } from "./points.js";
import { configChecker, defaultConfig } from "./settings.js";
import { FIRST_VIEW } from "./store.js";
import { begin } from "./undo.js";

/** @typedef {import("./storage.js").Part} Part */
/** @typedef {import("./schema.js").Schema} Schema */

/** What a part is called where people read it, and what takes its place. */
const LOST = Object.freeze(
  /** @type {Record<Part, string>} */ ({
    config: "the settings; they are the first ones again",
    data: "the points",
    weights: "the weights; they start anew",
    optimiser: "the optimiser's memory; it starts anew",
    history: "the history",
    view: "the view's settings",
  }),
);

/**
 * @param {import("./store.js").Store} store is filled with what is sound
 * @param {import("./storage.js").Storage} storage
 * @param {Schema} schema
 * @returns {{ found: boolean }} whether anything was stored
 */
export function restore(store, storage, schema) {
  /** @type {Part[]} */
  const damaged = [];
  let found = false;
  /**
   * @template T
   * @param {Part} part
   * @param {(value: unknown) => T} check
   * @param {(value: T) => void} use
   */
  function bring(part, check, use) {
    const { value, damaged: broken } = storage.read(part, check);
    if (broken) damaged.push(part);
    if (value !== null) use(value);
    found ||= broken || value !== null;
  }

  batch(() => {
    bring("config", config(schema), (value) => {
      store.config.value = value;
    });
    bring("data", data(schema), ({ classification, regression }) => {
      const [present, aside] = store.regression.value
        ? [regression, classification]
        : [classification, regression];
      store.timeline.value = begin(present ?? NONE);
      store.aside.value = aside && begin(aside);
    });
    bring("view", view, (value) => {
      store.view.value = value;
    });
    bring("weights", weights(schema), (value) => {
      store.live.value = plain.moment(value, null);
      bring("optimiser", optimiser(schema, value), (memory) => {
        store.live.value = plain.moment(value, memory);
      });
    });
    bring("history", history(schema), (value) => {
      store.history.value = value;
    });
  });
  if (damaged.length > 0) {
    const names = damaged.map((name) => LOST[name]).join("; ");
    store.notices.value = [
      ...store.notices.value,
      `What this browser had stored was damaged and is kept aside: ${names}.`,
    ];
  }
  return { found };
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
 * What was stored before there was regression says nothing of it.
 * @param {unknown} value an object
 * @param {object} more what it has unless it says otherwise
 */
function completed(value, more) {
  if (typeof value !== "object" || value === null) throw new Error("these are no fields");
  return { ...more, ...value };
}

/** @param {Schema} schema */
function config(schema) {
  const check = legal(configChecker(schema), "settings");
  const { problem } = defaultConfig(schema);
  return (/** @type {unknown} */ value) =>
    /** @type {import("./settings.js").Config} */ (check(completed(value, { problem })));
}

/** @param {unknown} value */
function view(value) {
  const { target } = FIRST_VIEW;
  const found = /** @type {Record<string, unknown>} */ (completed(value, { target }));
  for (const [name, first] of Object.entries(FIRST_VIEW)) {
    if (typeof found[name] !== typeof first) throw new Error("this is not a view");
  }
  return /** @type {import("./store.js").View} */ (found);
}

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
    const found = /** @type {plain.PlainPoints} */ (completed(value, { value: "" }));
    const { origin, ...arrays } = found;
    legal(isPoints, "points")(arrays);
    if (origin !== null) legal(isOrigin, "an origin")(origin);
    return found;
  }
  return (/** @type {unknown} */ value) => {
    const { aside = null, ...present } = /** @type {plain.PlainData} */ (value);
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
 * @param {plain.PlainWeights} owner the weights that it belongs to
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
    if (found.step !== owner.step) throw new Error("it belongs to other weights");
    plain.moment(owner, found);
    return found;
  };
}

/** @param {Schema} schema */
function history(schema) {
  const check = weights(schema);
  return (/** @type {unknown} */ value) => {
    const { interval, moments } = /** @type {{ interval: number, moments: unknown[] }} */ (value);
    if (!(interval >= 1) || !Array.isArray(moments)) throw new Error("this is not a history");
    return {
      interval,
      moments: moments.map((stored) => {
        const { optimiser: memory, ...own } = /** @type {Record<string, unknown>} */ (stored);
        const found = check(own);
        return plain.moment(found, optimiser(schema, found)(memory));
      }),
    };
  };
}
