// What a person does to the data: draw, erase, move, generate, clear, undo, redo, and take up the other
// task's. All of it goes through here, so that every edit is bounded, undoable, and takes back the complaint before it.

import { batch } from "@preact/signals";

import { Refusal } from "../net/client.js";
import { insideSquare, nearestPoint, pointsAlong } from "../base/geometry.js";
import { add, filter, move, NONE } from "../data/points.js";
import { begin, change, redo, undo } from "../data/undo.js";

/** @typedef {import("./store.js").Position} Position */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {{ index: number, points: Points }} Grip A hold on one point of these. */

/** The eraser's, in data units. */
export const ERASER_RADIUS = 0.08;
/** How near the pointer takes hold of a point, in data units. */
export const REACH = 0.05;

/**
 * @typedef {ReturnType<typeof createEditor>} Editor
 * @param {import("./store.js").Store} store
 * @param {import("../net/client.js").Client} client
 * @param {{
 *   maxSamples: number, newSeed: () => number,
 *   first: (task: import("../settings/settings.js").Task) => Points
 * }} options `first` gives the points with which a task begins
 */
export function createEditor(store, client, { maxSamples, newSeed, first }) {
  const present = () => store.timeline.value.present;
  /** Only the newest generated set counts. */
  let asked = 0;

  /**
   * @param {Points} points
   * @param {unknown} [gesture] edits of one gesture are undone together
   */
  function edit(points, gesture) {
    if (points === present()) return;
    batch(() => {
      store.errors.transport.value = "";
      store.errors.data.value = "";
      store.timeline.value = change(store.timeline.value, points, gesture);
    });
  }

  /** @param {(timeline: import("../data/undo.js").Timeline<Points>) => import("../data/undo.js").Timeline<Points>} step */
  function travel(step) {
    batch(() => {
      store.errors.transport.value = "";
      store.errors.data.value = "";
      store.timeline.value = step(store.timeline.value);
    });
  }

  return {
    /**
     * Adds points of the chosen class or value; what lies outside the square is left out.
     * @param {Position[]} positions
     * @param {unknown} gesture
     */
    draw(positions, gesture) {
      const { label, target } = store.view.value;
      const kind = store.regression.value ? { value: target } : { label };
      const inside = positions.filter(({ x, y }) => insideSquare(x, y));
      const room = maxSamples - present().x.length;
      edit(
        add(
          present(),
          inside.slice(0, room).map((at) => ({ ...at, ...kind })),
        ),
        gesture,
      );
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
      const gone = new Set(pointsAlong(present(), from, to, ERASER_RADIUS));
      edit(
        filter(present(), (index) => !gone.has(index)),
        gesture,
      );
    },

    /** @param {Position} at @returns {Grip | null} on the point there, if there is one */
    grab(at) {
      const index = nearestPoint(present(), at, REACH);
      return index < 0 ? null : { index, points: present() };
    },

    /**
     * @param {Grip} grip is lost when the points change under it
     * @param {Position} to a point can't be moved out of the square
     * @param {unknown} gesture
     * @returns {Grip | null} to go on with
     */
    move(grip, to, gesture) {
      if (grip.points !== present()) return null;
      if (insideSquare(to.x, to.y)) edit(move(grip.points, grip.index, to), gesture);
      return { ...grip, points: present() };
    },

    clear() {
      if (present().x.length > 0) edit(NONE);
    },

    /**
     * Takes up the other task, with the points that it had, and all that can be undone of them.
     * @param {import("../settings/settings.js").Task} task
     */
    pose(task) {
      if (task === store.config.value.task) return;
      // Points that are still on their way are for the other task.
      asked = 0;
      batch(() => {
        const before = store.timeline.value;
        travel(() => store.aside.value ?? begin(first(task)));
        store.aside.value = before;
        // A moment of the past would go on showing the other task.
        store.scrubbed.value = null;
        store.config.value = { ...store.config.value, task };
      });
    },

    undo: () => travel(undo),
    redo: () => travel(redo),

    /** Replaces the data, with another draw each time. @param {string} distribution */
    generate(distribution) {
      return generate({ distribution, seed: newSeed() });
    },

    /**
     * Changes what generators go by; generated points that nobody has edited follow at once.
     * @param {Partial<import("../settings/settings.js").Config>} settings
     */
    adjust(settings) {
      store.config.value = { ...store.config.value, ...settings };
      const { origin } = present();
      return origin && generate(origin);
    },
  };

  /** @param {import("../data/points.js").Origin} origin */
  async function generate(origin) {
    const { samples, classes, noise } = store.config.value;
    const id = client.id();
    const before = present();
    asked = id;
    try {
      const reply = await client.ask({
        ...{ type: /** @type {const} */ ("generate"), id, samples, classes, noise },
        ...origin,
      });
      const { points } = /** @type {import("../net/protocol.js").Generated} */ (reply);
      // Whoever has edited meanwhile wants to keep that.
      if (asked === id && present() === before) {
        edit({ ...points, origin }, `${origin.distribution} ${origin.seed}`);
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      store.errors.data.value = error.message;
    }
  }
}
