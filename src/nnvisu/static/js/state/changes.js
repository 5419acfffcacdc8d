// Undo and redo. A change says which parts of the store it touches; before it is made, their values are
// kept, and undoing puts them back. All values are immutable, so keeping them costs a reference.
//
// Training goes on between changes, and is not undone with them: after a point was drawn and 100 epochs
// were trained, undo takes the point away and keeps the epochs. Only a change that itself replaces the
// weights (the architecture, the optimiser, Reset model, the task) brings the earlier weights back.

import { batch, computed, signal } from "@preact/signals";

import { EMPTY_STACK, push, redo, replaceLast, undo } from "../data/undo.js";
import { bytesOf } from "./history.js";
import { modelOf, NO_MODEL, putModel } from "./store.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Model} Model */

/**
 * The values that some parts of the store have; of the settings, only those that are concerned.
 * @typedef {{
 *   config?: Partial<import("../settings/settings.js").Config>,
 *   drawn?: import("../data/points.js").Points, aside?: import("./store.js").Workspace | null
 * }} Parts
 *
 * @typedef {{
 *   name: string, gesture: unknown, parts: Parts, model: Model, replaces: boolean,
 *   act?: () => void
 * }} Step `act` takes the place of all that for a change that is not in the store, such as deleting an
 *   experiment
 */

/** What the models that undo and redo hold may take in memory together. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * @typedef {ReturnType<typeof createChanges>} Changes
 * @param {Store} store
 */
export function createChanges(store) {
  const stack = signal(/** @type {import("../data/undo.js").UndoStack<Step>} */ (EMPTY_STACK));

  /** @param {Parts} parts @returns {Parts} the same parts as they are now */
  function present(parts) {
    /** @type {Parts} */
    const found = {};
    if (parts.config) {
      const now = /** @type {Record<string, unknown>} */ (store.config.value);
      found.config = Object.fromEntries(Object.keys(parts.config).map((name) => [name, now[name]]));
    }
    if (parts.drawn) found.drawn = store.drawn.value;
    if (parts.aside !== undefined) found.aside = store.aside.value;
    return found;
  }

  /** @param {Parts} parts */
  function put({ config, drawn, aside }) {
    if (config) store.config.value = { ...store.config.value, ...config };
    if (drawn) store.drawn.value = drawn;
    if (aside !== undefined) store.aside.value = aside;
  }

  /** @param {Step} step @returns {boolean} whether its weights come back with it */
  function bringsModel({ replaces, model }) {
    if (replaces) return true;
    const { live, training } = store;
    return !training.value && live.value?.checkpoint.step === model.live?.checkpoint.step;
  }

  /** Puts back what a step holds. @param {Step} step @returns {Step} that takes it away again */
  function invert(step) {
    if (step.act) {
      step.act();
      return step;
    }
    const inverse = {
      ...step,
      ...{ gesture: null, parts: present(step.parts), model: modelOf(store) },
    };
    batch(() => {
      forgetErrors();
      // What comes back is shown as it was; training would change it at once.
      if (step.replaces) store.training.value = false;
      put(step.parts);
      if (bringsModel(step)) putModel(store, step.model);
    });
    return inverse;
  }

  function forgetErrors() {
    store.errors.transport.value = "";
    store.errors.data.value = "";
  }

  return {
    /**
     * Makes a change that can be undone.
     * @param {string} name as people are told it
     * @param {Parts} parts the new values
     * @param {{ gesture?: unknown, replaces?: boolean, model?: Model }} [options] changes of one gesture are
     *   undone together; `replaces`: undoing it brings the weights back, whatever was trained since;
     *   `model`: the weights that come at once with the new values
     */
    apply(name, parts, { gesture = null, replaces = false, model } = {}) {
      const before = { name, gesture, replaces, parts: present(parts), model: modelOf(store) };
      batch(() => {
        forgetErrors();
        put(parts);
        if (model) putModel(store, model);
      });
      const last = stack.value.done.at(-1);
      stack.value =
        last && gesture !== null && last.gesture === gesture
          ? replaceLast(stack.value, merged(last, before))
          : bounded(push(stack.value, before));
    },

    /** Prepares the undo of something that was done on the page before this one. @param {string} name @param {() => void} act */
    canUndo(name, act) {
      stack.value = push(stack.value, external(name, act));
    },

    /** The same for a redo. @param {string} name @param {() => void} act */
    canRedo(name, act) {
      stack.value = { ...stack.value, undone: [...stack.value.undone, external(name, act)] };
    },

    undo() {
      stack.value = undo(stack.value, invert);
    },

    redo() {
      stack.value = redo(stack.value, invert);
    },

    /** What would be undone and redone next; empty if nothing. */
    undoName: computed(() => stack.value.done.at(-1)?.name ?? ""),
    redoName: computed(() => stack.value.undone.at(-1)?.name ?? ""),
  };
}

/** @param {string} name @param {() => void} act @returns {Step} */
function external(name, act) {
  return { name, act, gesture: null, parts: {}, model: NO_MODEL, replaces: false };
}

/**
 * Two changes of one gesture as one.
 * @param {Step} first
 * @param {Step} next
 * @returns {Step}
 */
function merged(first, next) {
  const parts = { ...next.parts, ...first.parts };
  if (parts.config) parts.config = { ...next.parts.config, ...first.parts.config };
  return { ...first, parts, replaces: first.replaces || next.replaces };
}

/**
 * @param {import("../data/undo.js").UndoStack<Step>} stack
 * @returns {import("../data/undo.js").UndoStack<Step>} without the oldest steps, where those hold too much memory
 */
function bounded({ done, undone }) {
  const seen = new Set();
  let bytes = 0;
  const first = done.findLastIndex(({ model, parts }) => {
    for (const held of [model, parts.aside?.model]) {
      for (const moment of [held?.live, ...(held?.history.moments ?? [])]) {
        if (!moment || seen.has(moment.checkpoint)) continue;
        seen.add(moment.checkpoint);
        bytes += bytesOf(moment.checkpoint);
      }
    }
    return bytes > MAX_BYTES;
  });
  // The newest step stays, however large its weights are.
  return { done: done.slice(Math.min(first + 1, done.length - 1)), undone };
}
