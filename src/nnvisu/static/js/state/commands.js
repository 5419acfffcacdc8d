// Every change that the user can make to an experiment, as a named command that can be undone. Buttons,
// keys and the map call only these. The number of points is limited here, before they enter the store.

import { insideSquare, nearestPoint, pointsAlong, pointsWithin } from "../base/geometry.js";
import { add, filter, NONE, place } from "../data/points.js";
import { hasPart, parameterIndex } from "../model/layout.js";
import { NETWORK_SETTINGS, RUN_SETTINGS, SETTINGS } from "../settings/settings.js";
import { createChanges } from "./changes.js";
import { figuresOf } from "./figures.js";
import { createGenerator } from "./generator.js";
import { recordEdit } from "./history.js";
import { modelOf, NO_MODEL } from "./store.js";

/** Reset model chooses among so many seeds. */
const SEEDS = 1000;

/** @typedef {import("./store.js").Position} Position */
/** @typedef {import("./store.js").Workspace} Workspace */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../data/points.js").Origin} Origin */
/** @typedef {Partial<import("../settings/settings.js").Config>} Settings */
/** @typedef {import("../settings/settings.js").SettingName} SettingName */
/** @typedef {import("../settings/settings.js").Task} Task */
/**
 * The points that the Move tool holds: where they were when it took hold of one at `at`, and the points
 * now.
 * @typedef {{ indices: readonly number[], from: Points, at: Position, points: Points }} Grip
 */

/** The eraser's smallest radius, in data units. */
const SMALLEST_ERASER = 0.02;
/** The distance within which the Move tool picks up a point, in data units. */
export const REACH = 0.05;

/**
 * @typedef {ReturnType<typeof createCommands>} Commands
 * @param {{
 *   store: import("./store.js").Store, trainer: Pick<import("./trainer.js").Trainer, "reset">,
 *   client: import("../net/client.js").Client, experiments: Experiments,
 *   maxSamples: number, newSeed: () => number, first: (task: Task) => Points
 * }} options `first` returns the points that a task starts with
 *
 * @typedef {{
 *   remove: () => void, undoRemove: () => void, forgetRedo: () => void,
 *   undoable: readonly string[], redoable: boolean
 * }} Experiments The part of createExperiments that commands use; `undoable` and `redoable` are about
 *   deletions before the page was loaded.
 */
export function createCommands(options) {
  const { store, trainer, client, experiments, maxSamples, newSeed, first } = options;
  const changes = createChanges(store, experiments.forgetRedo);
  const generator = createGenerator(client, (sentence) => {
    store.errors.data.value = sentence;
  });
  const drawn = () => store.drawn.value;
  for (const name of experiments.undoable) {
    changes.canUndo(`Delete “${name}”`, experiments.undoRemove);
  }
  if (experiments.redoable) changes.canRedo("Delete", experiments.remove);

  /**
   * @param {string} name
   * @param {Points} points
   * @param {unknown} [gesture] edits of one gesture are undone together
   */
  function edit(name, points, gesture = null) {
    if (points !== drawn()) changes.apply(name, { drawn: points }, { gesture });
  }

  /**
   * @param {Settings} settings
   * @param {unknown} [gesture]
   * @returns {boolean} whether any of them is another than before
   */
  function set(settings, gesture = null) {
    const now = store.config.value;
    const names = /** @type {SettingName[]} */ (Object.keys(settings)).filter(
      (name) => JSON.stringify(now[name]) !== JSON.stringify(settings[name]),
    );
    if (names.length === 0) return false;
    const changed = Object.fromEntries(names.map((name) => [name, settings[name]]));
    const replaces = names.some((name) => NETWORK_SETTINGS.includes(name) || name === "optimiser");
    changes.apply(SETTINGS[names[0]].label, { config: changed }, { gesture, replaces });
    return true;
  }

  /** @param {Origin} origin @param {string} name of the undo step @param {unknown} gesture */
  function generate(origin, name, gesture) {
    const { samples, classes, noise, task } = store.config.value;
    const before = drawn();
    generator.generate(origin, { samples, classes, noise }, (points) => {
      // Points edited meanwhile are not overwritten.
      if (drawn() === before && store.config.value.task === task) edit(name, points, gesture);
    });
  }

  /** @param {readonly number[]} indices of the points as they are now */
  function select(indices) {
    store.selected.value = { points: drawn(), indices };
  }

  return {
    undo() {
      // Points that were requested before belong to what is undone.
      generator.forget();
      changes.undo();
    },
    redo() {
      generator.forget();
      changes.redo();
    },
    undoName: changes.undoName,
    redoName: changes.redoName,

    /** Begins a stroke: its points are sent and saved at intervals and at its end, not one by one. */
    beginStroke() {
      store.stroke.value = true;
    },

    endStroke() {
      store.stroke.value = false;
    },

    /**
     * Adds points of the chosen class or value; positions outside the square are skipped.
     * @param {Position[]} positions
     * @param {unknown} gesture
     */
    draw(positions, gesture) {
      const { label, target } = store.view.value;
      const kind = store.regression.value ? { value: target } : { label };
      const inside = positions.filter(({ x, y }) => insideSquare(x, y));
      const room = maxSamples - drawn().x.length;
      const placed = inside.slice(0, room).map((at) => ({ ...at, ...kind }));
      edit("Draw", add(drawn(), placed), gesture);
      if (inside.length > room) {
        store.errors.transport.value = `The map holds at most ${maxSamples} points: erase some to draw more.`;
      }
    },

    /**
     * @param {Position} from
     * @param {Position} to
     * @param {unknown} gesture
     */
    erase(from, to, gesture) {
      const gone = new Set(pointsAlong(drawn(), from, to, eraserRadius(store)));
      const left = filter(drawn(), (index) => !gone.has(index));
      edit("Erase", left, gesture);
    },

    /** The radius and the density of the Draw tool. */
    brush() {
      const { brush, density } = store.view.value;
      return { radius: brush, density };
    },

    /**
     * Selects the point there, unless it is selected already.
     * @param {Position} at
     * @returns {Grip | null} all selected points; null if there is none at this position
     */
    grab(at) {
      const index = nearestPoint(drawn(), at, REACH);
      if (index < 0) return null;
      const { value: selection } = store.selection;
      const indices = selection.includes(index) ? selection : [index];
      select(indices);
      const from = drawn();
      return {
        ...{ indices, from, points: from },
        at: { x: from.x[index], y: from.y[index] },
      };
    },

    /**
     * Selects the points in a frame.
     * @param {Position} from a corner
     * @param {Position} to the opposite one
     * @param {boolean} done whether the frame disappears
     */
    selectWithin(from, to, done) {
      store.selectionFrame.value = done ? null : [from, to];
      select(pointsWithin(drawn(), from, to));
    },

    deleteSelected() {
      const gone = new Set(store.selection.value);
      edit(
        "Delete points",
        filter(drawn(), (index) => !gone.has(index)),
      );
    },

    /**
     * @param {Grip} grip invalid once the points have changed otherwise
     * @param {Position} to of the point that was taken hold of; ignored if one would leave the square
     * @param {unknown} gesture
     * @returns {Grip | null} for the next move; null if the grip is invalid
     */
    move(grip, to, gesture) {
      if (grip.points !== drawn()) return null;
      const { indices, from, at } = grip;
      const moved = place(grip.points, indices, (index) => ({
        x: from.x[index] + (to.x - at.x),
        y: from.y[index] + (to.y - at.y),
      }));
      if (!indices.every((index) => insideSquare(moved.x[index], moved.y[index]))) return grip;
      edit("Move", moved, gesture);
      select(indices);
      return { ...grip, points: drawn() };
    },

    clear() {
      if (drawn().x.length > 0) edit("Clear data", NONE);
    },

    /** Replaces the data, with another seed each time. @param {string} distribution */
    generate(distribution) {
      generate({ distribution, seed: newSeed() }, "Generate", {});
    },

    /** Generates the points anew, with another seed. */
    regenerate() {
      const { origin } = drawn();
      if (origin) generate({ ...origin, seed: newSeed() }, "Regenerate", {});
    },

    set,

    /**
     * Changes settings of the generators; generated points without edits are generated again.
     * @param {Settings} settings
     * @param {unknown} [gesture]
     */
    adjust(settings, gesture = {}) {
      const changed = set(settings, gesture);
      const { origin } = drawn();
      if (origin && changed) generate(origin, SETTINGS[nameOf(settings)].label, gesture);
    },

    /**
     * Switches to the other task and restores its points, settings and weights.
     * @param {Task} task
     */
    setTask(task) {
      const config = store.config.value;
      if (task === config.task) return;
      // Points still on their way belong to the previous task.
      generator.forget();
      const own = Object.fromEntries(RUN_SETTINGS.map((name) => [name, config[name]]));
      /** @type {Workspace} */
      const left = { settings: own, drawn: drawn(), model: modelOf(store) };
      /** @type {Workspace} */
      const next = store.aside.value ?? { settings: own, drawn: first(task), model: NO_MODEL };
      changes.apply(
        SETTINGS.task.label,
        { config: { ...next.settings, task }, drawn: next.drawn, aside: left },
        { replaces: true, model: next.model },
      );
    },

    /** Deletes the experiment; the page reloads with a new one. */
    deleteExperiment: experiments.remove,

    /**
     * Gives a weight or a bias another value; training goes on from it.
     * @param {import("../model/layout.js").Part} part of the newest network
     * @param {number} value
     */
    setParameter(part, value) {
      const { live, history, ids, points } = store;
      const before = live.value;
      if (!before || store.scrubbed.value || !hasPart(before.checkpoint.network, part)) return;
      const index = parameterIndex(before.checkpoint.network, part);
      const parameters = before.checkpoint.parameters.slice();
      parameters[index] = value;
      if (Object.is(parameters[index], before.checkpoint.parameters[index])) return;
      const checkpoint = { ...before.checkpoint, parameters };
      const figures = figuresOf(points.value, checkpoint);
      const made = { id: ids.next(), parent: before.id, checkpoint, ...figures };
      const model = {
        live: made,
        history: recordEdit(history.value, before, made),
        measured: points.value,
      };
      const name = part.kind === "edge" ? "Weight" : "Bias";
      changes.apply(name, {}, { replaces: true, model });
    },

    /** New weights, from another seed unless it is kept; training stops. */
    resetModel() {
      const { seed } = store.config.value;
      const config = store.view.value.keep_seed ? {} : { seed: another(seed, newSeed) };
      trainer.reset(() => changes.apply("Reset model", { config }, { replaces: true }));
    },
  };
}

/** @param {import("./store.js").Store} store @returns {number} in data units */
export function eraserRadius({ view }) {
  return Math.max(SMALLEST_ERASER, view.value.brush);
}

/**
 * @param {number} seed
 * @param {() => number} newSeed
 * @returns {number} another one, short enough to be read out
 */
function another(seed, newSeed) {
  const found = newSeed() % SEEDS;
  return found === seed ? (found + 1) % SEEDS : found;
}

/** @param {Settings} settings @returns {SettingName} the first of them */
function nameOf(settings) {
  return /** @type {SettingName} */ (Object.keys(settings)[0]);
}
