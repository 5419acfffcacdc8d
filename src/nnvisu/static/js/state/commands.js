// Every change that a person can make to an experiment, as a named command that can be undone. Buttons,
// keys and the map call these and nothing else. All data are bounded here, before they are in the store.

import { insideSquare, nearestPoint, pointsAlong } from "../base/geometry.js";
import { add, filter, move, NONE } from "../data/points.js";
import { NETWORK_SETTINGS, RUN_SETTINGS, SETTINGS } from "../settings/settings.js";
import { createChanges } from "./changes.js";
import { createGenerator } from "./generator.js";
import { modelOf, NO_MODEL } from "./store.js";

/** @typedef {import("./store.js").Position} Position */
/** @typedef {import("./store.js").Workspace} Workspace */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../data/points.js").Origin} Origin */
/** @typedef {Partial<import("../settings/settings.js").Config>} Settings */
/** @typedef {import("../settings/settings.js").SettingName} SettingName */
/** @typedef {import("../settings/settings.js").Task} Task */
/** @typedef {{ index: number, points: Points }} Grip A hold on one point of these. */

/** The eraser's, in data units. */
export const ERASER_RADIUS = 0.08;
/** How near the pointer takes hold of a point, in data units. */
export const REACH = 0.05;

/**
 * @typedef {ReturnType<typeof createCommands>} Commands
 * @param {{
 *   store: import("./store.js").Store, trainer: Pick<import("./trainer.js").Trainer, "reset">,
 *   client: import("../net/client.js").Client, experiments: Experiments,
 *   maxSamples: number, newSeed: () => number, first: (task: Task) => Points
 * }} options `first` gives the points with which a task begins
 *
 * @typedef {{
 *   remove: () => void, undoRemove: () => void, redoRemove: () => void,
 *   deletions: Record<"undo" | "redo", { name: string }[]>
 * }} Experiments What commands need of them; `deletions` were made before the page was loaded.
 */
export function createCommands(options) {
  const { store, trainer, client, experiments, maxSamples, newSeed, first } = options;
  const changes = createChanges(store);
  const generator = createGenerator(client, (sentence) => {
    store.errors.data.value = sentence;
  });
  const drawn = () => store.drawn.value;
  for (const { name } of experiments.deletions.undo) {
    changes.canUndo(`Delete “${name}”`, experiments.undoRemove);
  }
  for (const { name } of experiments.deletions.redo) {
    changes.canRedo(`Delete “${name}”`, experiments.redoRemove);
  }

  /**
   * @param {string} name
   * @param {Points} points
   * @param {unknown} [gesture] edits of one gesture are undone together
   */
  function edit(name, points, gesture = null) {
    if (points !== drawn()) changes.apply(name, { drawn: points }, { gesture });
  }

  /** @param {Settings} settings @param {unknown} [gesture] */
  function set(settings, gesture = null) {
    const now = store.config.value;
    const names = /** @type {SettingName[]} */ (Object.keys(settings)).filter(
      (name) => JSON.stringify(now[name]) !== JSON.stringify(settings[name]),
    );
    if (names.length === 0) return;
    const changed = Object.fromEntries(names.map((name) => [name, settings[name]]));
    const replaces = names.some((name) => NETWORK_SETTINGS.includes(name) || name === "optimiser");
    changes.apply(SETTINGS[names[0]].label, { config: changed }, { gesture, replaces });
  }

  /** @param {Origin} origin @param {string} name @param {unknown} gesture */
  function generate(origin, name, gesture) {
    const { samples, classes, noise } = store.config.value;
    const before = drawn();
    generator.generate(origin, { samples, classes, noise }, (points) => {
      // Points that were edited meanwhile are kept.
      if (drawn() === before) edit(name, points, gesture);
    });
  }

  return {
    undo: changes.undo,
    redo: changes.redo,
    undoName: changes.undoName,
    redoName: changes.redoName,

    /** Says that a stroke begins: its points are sent and saved a few times, and at its end. */
    beginStroke() {
      store.stroke.value = true;
    },

    endStroke() {
      store.stroke.value = false;
    },

    /**
     * Adds points of the chosen class or value; what lies outside the square is left out.
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
        store.errors.transport.value = `There is room for ${maxSamples} points: erase some to draw more.`;
      }
    },

    /**
     * @param {Position} from
     * @param {Position} to
     * @param {unknown} gesture
     */
    erase(from, to, gesture) {
      const gone = new Set(pointsAlong(drawn(), from, to, ERASER_RADIUS));
      const left = filter(drawn(), (index) => !gone.has(index));
      edit("Erase", left, gesture);
    },

    /** @param {Position} at @returns {Grip | null} on the point there, if there is one */
    grab(at) {
      const index = nearestPoint(drawn(), at, REACH);
      return index < 0 ? null : { index, points: drawn() };
    },

    /**
     * @param {Grip} grip is lost when the points change under it
     * @param {Position} to a point can't be moved out of the square
     * @param {unknown} gesture
     * @returns {Grip | null} to go on with
     */
    move(grip, to, gesture) {
      if (grip.points !== drawn()) return null;
      if (insideSquare(to.x, to.y)) edit("Move", move(grip.points, grip.index, to), gesture);
      return { ...grip, points: drawn() };
    },

    clear() {
      if (drawn().x.length > 0) edit("Clear data", NONE);
    },

    /** Replaces the data, with another seed each time. @param {string} distribution */
    generate(distribution) {
      generate({ distribution, seed: newSeed() }, "Generate", {});
    },

    set,

    /**
     * Changes what generators go by; generated points that were not edited follow.
     * @param {Settings} settings
     * @param {unknown} [gesture]
     */
    adjust(settings, gesture = {}) {
      set(settings, gesture);
      const { origin } = drawn();
      if (origin) generate(origin, SETTINGS[nameOf(settings)].label, gesture);
    },

    /**
     * Takes up the other task with the points, settings and weights that it was left with.
     * @param {Task} task
     */
    setTask(task) {
      const config = store.config.value;
      if (task === config.task) return;
      // Points that are still on their way are for the task that is left.
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

    /** Deletes the experiment; the page loads itself anew, with a fresh one. */
    deleteExperiment: experiments.remove,

    /** New weights from the seed; training stops. */
    resetModel() {
      if (!trainer.reset()) return;
      changes.apply("Reset model", {}, { replaces: true });
    },
  };
}

/** @param {Settings} settings @returns {SettingName} the first of them */
function nameOf(settings) {
  return /** @type {SettingName} */ (Object.keys(settings)[0]);
}
