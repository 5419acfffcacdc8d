// The state of the page, as signals. What is saved: config, timeline and aside (the data), live (weights
// and optimiser), history, view. What is not: everything about the moment. Nothing here knows of the
// server, of storage or of the screen.

import { computed, signal } from "@preact/signals";

import { EMPTY } from "./history.js";
import { classesInUse, NONE } from "../data/points.js";
import { split } from "../data/split.js";
import { begin } from "../data/undo.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../settings/settings.js").Config} Config */
/** @typedef {import("./history.js").Moment} Moment */

/**
 * @typedef {"draw" | "erase" | "move"} Tool
 * @typedef {{
 *   theme: "system" | "light" | "dark", tool: Tool, label: number, target: number,
 *   advanced: boolean, inside: boolean, howto: boolean
 * }} View `label` is the class that the tool draws, `target` the value, for regression; the others tell
 *   what is laid open, `howto` for the first steps
 * @typedef {{ kind: "connecting" } | { kind: "open" } | { kind: "waiting", seconds: number }} Connection
 * @typedef {{ x: number, y: number }} Position
 * @typedef {import("../net/protocol.js").LayerStatistics} LayerStatistics
 * @typedef {{ moment: Moment, points: Points, layers: readonly LayerStatistics[] }} Look
 */

/** @type {View} */
export const FIRST_VIEW = {
  ...{ theme: "system", tool: "draw", label: 0, target: 1 },
  ...{ advanced: false, inside: false, howto: true },
};

/** The classes of a network before two have been drawn. */
const FIRST_CLASSES = [0, 1];

/**
 * @typedef {ReturnType<typeof createStore>} Store
 * @param {{ name: string, config: Config, view?: View }} start
 */
export function createStore({ name, config, view = FIRST_VIEW }) {
  const saved = {
    config: signal(config),
    timeline: signal(begin(NONE)),
    /** The other task's data; null until it is chosen for the first time. */
    aside: signal(/** @type {import("../data/undo.js").Timeline<Points> | null} */ (null)),
    live: signal(/** @type {Moment | null} */ (null)),
    history: signal(EMPTY),
    view: signal(view),
  };
  const share = computed(() => saved.config.value.test_share);
  const points = computed(() => split(saved.timeline.value.present, share.value));
  const inUse = computed(() => classesInUse(points.value));
  const regression = computed(() => saved.config.value.task === "regression");
  const scrubbed = signal(/** @type {Moment | null} */ (null));

  return {
    ...saved,
    name: signal(name),
    /** The drawn points, and which of them only test. */
    points,
    inUse,
    /** Whether the task is regression, where points have values and no classes. */
    regression,

    /** The network that the settings and the data ask for; the weights follow as soon as they can. */
    wanted: computed(() => {
      const { hidden_layers, activation, features, initialiser } = saved.config.value;
      const present = saved.live.value?.checkpoint.network.classes ?? [];
      const before = present.length > 0 ? present : FIRST_CLASSES;
      const some = inUse.value.length >= 2 ? inUse.value : before;
      const classes = regression.value ? [] : some;
      return /** @type {Network} */ ({ hidden_layers, classes, activation, features, initialiser });
    }),

    /** The moment of the past that the slider holds, or null for the newest. */
    scrubbed,
    /** What map, diagram and figures show. */
    shown: computed(() => scrubbed.value ?? saved.live.value),

    training: signal(false),
    connection: signal(/** @type {Connection} */ ({ kind: "connecting" })),
    /** The engine's preparation, 0 to 1, and the server's version. */
    progress: signal(1),
    version: signal(""),
    /** What went wrong, one sentence for each place that shows one. */
    errors: {
      transport: signal(""),
      data: signal(""),
    },
    /** Why training stopped by itself, said for as long as the moment at which it did is in view. */
    outcome: signal(/** @type {{ text: string, moment: Moment } | null} */ (null)),
    /** What the server found in the layers of a moment, in case no frame brought it. */
    looked: signal(/** @type {Look | null} */ (null)),
    /** What the person should know about the experiment, until dismissed. */
    notices: signal(/** @type {readonly string[]} */ ([])),
    /** What lies under the pointer in the diagram; a unit is shown large in place of the map. */
    hovered: signal(/** @type {import("../draw/diagram.js").Hit | null} */ (null)),
    /** Where the pointer is on the map, in data units. */
    pointer: signal(/** @type {Position | null} */ (null)),
    /** The keyboard's place on the map, while the map has the focus. */
    crosshair: signal(/** @type {Position | null} */ (null)),
  };
}

/**
 * Whether two networks compute the same; how their weights began does not matter.
 * @param {Network} a
 * @param {Network} b
 */
export function sameNetwork(a, b) {
  return (
    a.features.join() === b.features.join() &&
    a.activation === b.activation &&
    a.hidden_layers.join() === b.hidden_layers.join() &&
    a.classes.join() === b.classes.join()
  );
}
