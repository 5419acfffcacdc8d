// A stored experiment comes back: whatever of it is sound, and a sentence for what is not.

import { batch } from "@preact/signals";

import * as plain from "./plain.js";
import { configChecker } from "./settings.js";
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
    bring("config", legal(configChecker(schema), "settings"), (value) => {
      store.config.value = /** @type {import("./settings.js").Config} */ (value);
    });
    bring("data", points(schema), (value) => {
      store.timeline.value = begin(value);
    });
    bring("view", legal(isView, "view"), (value) => {
      store.view.value = /** @type {import("./store.js").View} */ (value);
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

/** @param {unknown} value */
function isView(value) {
  if (typeof value !== "object" || value === null) return false;
  const view = /** @type {Record<string, unknown>} */ (value);
  return Object.entries(FIRST_VIEW).every(([name, first]) => typeof view[name] === typeof first);
}

/** @param {Schema} schema */
function points(schema) {
  const isPoints = schema.checker({
    x: ["Points", "x"],
    y: ["Points", "y"],
    label: ["Points", "label"],
  });
  const isOrigin = schema.checker({
    distribution: ["Generate", "distribution"],
    seed: ["Generate", "seed"],
  });
  return (/** @type {unknown} */ value) => {
    const { origin, ...arrays } = /** @type {plain.PlainPoints} */ (value);
    legal(isPoints, "points")(arrays);
    if (origin !== null) legal(isOrigin, "an origin")(origin);
    return plain.points({ ...arrays, origin });
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
