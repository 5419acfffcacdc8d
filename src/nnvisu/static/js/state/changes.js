// Undo and redo. A change names the parts of the store that it replaces; their old values are kept, and
// undo puts them back. All values are immutable, so keeping one costs only a reference.
//
// Training continues between changes and is not undone with them: after a point is drawn and 100 epochs
// are trained, undo removes the point and keeps the epochs. Only undoing a change that itself replaces
// the weights (the architecture, the optimiser, Reset model, the task) restores the earlier weights.

import { batch, computed, signal } from "@preact/signals";

import { EMPTY_STACK, push, redo, replaceLast, undo } from "../data/undo.js";
import { bytesOf } from "./history.js";
import { modelOf, NO_MODEL, putModel } from "./store.js";

/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Model} Model */

/**
 * Values of some parts of the store; `config` has only the settings concerned.
 * @typedef {{
 *   config?: Partial<import("../settings/settings.js").Config>,
 *   drawn?: import("../data/points.js").Points, aside?: import("./store.js").Workspace | null
 * }} Parts
 *
 * @typedef {{
 *   name: string, gesture: unknown, parts: Parts, model: Model, replaces: boolean,
 *   act?: () => void
 * }} Step `parts` and `model` are the values to put back; `act` replaces them for a change outside the
 *   store, such as deleting an experiment
 */

/** The memory limit of all models kept for undo. */
const MAX_BYTES = 64 * 2 ** 20;

/**
 * @typedef {ReturnType<typeof createChanges>} Changes
 * @param {Store} store
 * @param {() => void} onChange called before a change, after which nothing can be redone
 */
export function createChanges(store, onChange) {
  const stack = signal(/** @type {import("../data/undo.js").UndoStack<Step>} */ (EMPTY_STACK));

  /** @param {Parts} parts @returns {Parts} the current values of the same parts */
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

  /** @param {Step} step @returns {boolean} whether its weights are put back too */
  function restoresModel({ replaces, model }) {
    if (replaces) return true;
    if (store.busy.value) return false;
    const now = modelOf(store);
    return (
      now.live?.checkpoint.step === model.live?.checkpoint.step &&
      now.history.moments[0]?.id === model.history.moments[0]?.id
    );
  }

  /** Puts back the values of a step. @param {Step} step @returns {Step} the inverse */
  function invert(step) {
    const inverse = {
      ...step,
      ...{ gesture: null, parts: present(step.parts), model: modelOf(store) },
    };
    batch(() => {
      forgetErrors();
      // Training would change restored weights at once.
      if (step.replaces) store.training.value = false;
      put(step.parts);
      if (restoresModel(step)) putModel(store, step.model);
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
     * @param {string} name as the page shows it
     * @param {Parts} parts the new values
     * @param {{ gesture?: unknown, replaces?: boolean, model?: Model }} [options] `gesture`: changes of
     *   one gesture are undone together; `replaces`: undo restores the weights, whatever was trained
     *   since; `model`: the weights that belong to the new values
     */
    apply(name, parts, { gesture = null, replaces = false, model } = {}) {
      onChange();
      const last = stack.value.done.at(-1);
      const continues = last && gesture !== null && last.gesture === gesture;
      const before = { name, gesture, replaces, parts: present(parts), model: modelOf(store) };
      batch(() => {
        // What the beginning of a gesture led to is said until its end.
        if (!continues) forgetErrors();
        put(parts);
        if (model) putModel(store, model);
      });
      stack.value = continues
        ? replaceLast(stack.value, merged(last, before))
        : bounded(push(stack.value, before));
    },

    /**
     * Adds an undo step for a change that was made before the page was loaded.
     * @param {string} name
     * @param {() => void} act
     */
    canUndo(name, act) {
      stack.value = push(stack.value, external(name, act));
    },

    /** Adds such a redo step. @param {string} name @param {() => void} act */
    canRedo(name, act) {
      stack.value = { ...stack.value, undone: [...stack.value.undone, external(name, act)] };
    },

    undo() {
      const { done, undone } = stack.value;
      const act = done.at(-1)?.act;
      // It loads the page anew, or says why it can't be done; it can't be taken back here.
      if (act) stack.value = { done: done.slice(0, -1), undone };
      else stack.value = bounded(undo(stack.value, invert));
      act?.();
    },

    redo() {
      const { done, undone } = stack.value;
      const act = undone.at(-1)?.act;
      if (act) stack.value = { done, undone: undone.slice(0, -1) };
      else stack.value = bounded(redo(stack.value, invert));
      act?.();
    },

    /** The names of the next steps to undo and to redo; empty if there is none. */
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
 * @returns {import("../data/undo.js").UndoStack<Step>} without the farthest steps of each stack, where the
 *   models of the others fill the memory
 */
function bounded({ done, undone }) {
  return { done: nearest(done), undone: nearest(undone) };
}

/** @param {readonly Step[]} steps the nearest last @returns {readonly Step[]} */
function nearest(steps) {
  const seen = new Set();
  let bytes = 0;
  const first = steps.findLastIndex(({ model, parts }) => {
    for (const held of [model, parts.aside?.model]) {
      for (const moment of [held?.live, ...(held?.history.moments ?? [])]) {
        if (!moment || seen.has(moment.checkpoint)) continue;
        seen.add(moment.checkpoint);
        bytes += bytesOf(moment.checkpoint);
      }
    }
    return bytes > MAX_BYTES;
  });
  // The nearest step stays, however large its weights are.
  return first < 0 ? steps : steps.slice(Math.min(first + 1, steps.length - 1));
}
