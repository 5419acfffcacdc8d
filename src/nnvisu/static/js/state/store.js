// The state of the page, as signals. Saved: config, drawn (the points), live (weights and optimiser),
// history, aside (the same of the other task) and view. The rest lasts for one visit. The store depends
// on neither the server nor storage nor the screen. Only commands.js changes what the user makes; only
// trainer.js writes what the server computes.

import { computed, signal } from "@preact/signals";

import { classesInUse, NONE } from "../data/points.js";
import { split } from "../data/split.js";
import { createIds, EMPTY } from "./history.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../settings/settings.js").Config} Config */
/** @typedef {import("./history.js").Moment} Moment */
/** @typedef {import("./history.js").History} History */

/**
 * @typedef {"draw" | "erase" | "move"} Tool
 * @typedef {import("../base/palette.js").Colouring} Colouring
 * @typedef {{
 *   theme: "system" | "light" | "dark", tool: Tool, label: number, target: number,
 *   keep_seed: boolean, colouring: Colouring, boundary: boolean, test_points: boolean, errors: boolean,
 *   curve: "loss" | "accuracy", log_scale: boolean,
 *   brush: number, density: number, advanced: boolean, inside: boolean, howto: boolean
 * }} View `label`: the class that the Draw tool uses; `target`: its value in regression; `keep_seed`: whether Reset model starts from the same seed; `colouring`,
 *   `boundary`, `test_points`, `errors`: what the map shows; `curve`, `log_scale`: what the chart shows; `brush`: the radius of the Draw and Erase tools,
 *   in data units; `density`: how many points a stroke sprays on a way of length 1; `advanced`, `inside`,
 *   `howto`: whether this part of the page is open
 * @typedef {{ kind: "open", reason?: undefined } | { kind: "connecting", reason?: string }
 *   | { kind: "waiting", seconds: number, reason?: string }} Connection
 *   `reason`: a sentence on why the page cannot connect, if there is more to say than that
 * @typedef {{ x: number, y: number }} Position
 * @typedef {import("../net/protocol.js").LayerStatistics} LayerStatistics
 * @typedef {{
 *   moment: Moment, points: Points, l1: number, l2: number, layers: readonly LayerStatistics[]
 * }} Inspected
 *
 * @typedef {{ live: Moment | null, history: History, measured: Points | null }} Model
 *   `measured`: the points that the figures of `live` were computed from
 * @typedef {{ settings: Partial<Config>, drawn: Points, model: Model }} Workspace
 *   The state of a task; `settings` are those that each task keeps for itself.
 */

/** @type {View} */
export const FIRST_VIEW = {
  ...{ theme: "system", tool: "draw", label: 0, target: 1 },
  ...{
    keep_seed: false,
    colouring: "confidence",
    boundary: true,
    test_points: true,
    errors: false,
  },
  ...{ curve: "loss", log_scale: false },
  ...{ brush: 0.08, density: 14, advanced: false, inside: false, howto: true },
};

/** @type {Model} */
export const NO_MODEL = Object.freeze({ live: null, history: EMPTY, measured: null });

/** @typedef {{ points: Points, indices: readonly number[] }} Selected */
/** @type {readonly number[]} */
const NO_INDICES = Object.freeze([]);

/** The classes of a network before two have been drawn. */
const FIRST_CLASSES = [0, 1];

/**
 * @typedef {ReturnType<typeof createStore>} Store
 * @param {{ name: string, config: Config, view?: View }} start
 */
export function createStore({ name, config, view = FIRST_VIEW }) {
  const saved = {
    config: signal(config),
    /** The points of the task, training and test part together. */
    drawn: signal(NONE),
    /** The other task; null until it is chosen for the first time. */
    aside: signal(/** @type {Workspace | null} */ (null)),
    live: signal(/** @type {Moment | null} */ (null)),
    history: signal(EMPTY),
    view: signal(view),
  };
  const share = computed(() => saved.config.value.test_share);
  const points = computed(() => split(saved.drawn.value, share.value));
  const inUse = computed(() => classesInUse(points.value));
  const regression = computed(() => saved.config.value.task === "regression");
  const scrubbed = signal(/** @type {Moment | null} */ (null));
  const training = signal(false);
  const steps = signal(0);
  const updates = signal(0);
  const selected = signal(/** @type {Selected | null} */ (null));

  return {
    ...saved,
    name: signal(name),
    ids: createIds(),
    /** The drawn points, split into training and test part. */
    points,
    inUse,
    /** Whether the task is regression, where points have values and no classes. */
    regression,
    /** The points that the figures of `live` were computed from; null if there are no figures. */
    measured: signal(/** @type {Points | null} */ (null)),
    /** Whether single letters, digits and signs are shortcuts; kept for the browser, not the experiment. */
    oneKey: signal(true),
    /** Whether a stroke is being drawn; its points are sent and saved at intervals. */
    stroke: signal(false),

    /** The network that settings and data define; the weights follow when the server has made them. */
    wanted: computed(() => {
      const { hidden_layers, activation, features, initialiser } = saved.config.value;
      const present = saved.live.value?.checkpoint.network.classes ?? [];
      const before = present.length > 0 ? present : FIRST_CLASSES;
      const some = inUse.value.length >= 2 ? inUse.value : before;
      const classes = regression.value ? [] : some;
      return /** @type {Network} */ ({ hidden_layers, classes, activation, features, initialiser });
    }),

    /** The recorded moment that the History slider selects; null for the newest. */
    scrubbed,
    /** The moment that map, diagram and figures show. */
    shown: computed(() => scrubbed.value ?? saved.live.value),

    training,
    /** Epochs that Step still has to train, and updates that Single update has. */
    steps,
    updates,
    /** Whether the server trains, or shall. */
    busy: computed(() => training.value || steps.value > 0 || updates.value > 0),
    /** What the Move tool last selected. */
    selected,
    /** The indices of the selected points; none after any other edit, and with another tool. */
    selection: computed(() => {
      const { points: of, indices } = selected.value ?? {};
      const valid = of === saved.drawn.value && saved.view.value.tool === "move";
      return valid && indices ? indices : NO_INDICES;
    }),
    /** The corners of the frame that the Move tool draws around points, in data units. */
    selectionFrame: signal(/** @type {[Position, Position] | null} */ (null)),
    /** How often a command has replaced the weights; the trainer then drops its request. */
    replaced: signal(0),
    connection: signal(/** @type {Connection} */ ({ kind: "connecting" })),
    /** The engine's preparation, 0 to 1, and the server's version. */
    progress: signal(1),
    version: signal(""),
    /** Error messages, one for each place that shows one. */
    errors: {
      transport: signal(""),
      data: signal(""),
    },
    /** Why training stopped by itself; shown while the moment at which it stopped is in view. */
    outcome: signal(/** @type {{ text: string, moment: Moment } | null} */ (null)),
    /** Layer statistics that were requested from the server, and what they are of. */
    inspected: signal(/** @type {Inspected | null} */ (null)),
    /** Whether map and diagram fill the window, and whether the controls are open beside them. */
    present: signal(/** @type {"" | "only" | "controls"} */ ("")),
    /** Notices about the experiment; each is shown until it is dismissed. */
    notices: signal(/** @type {readonly string[]} */ ([])),
    /** What is under the pointer in the diagram; a unit is shown large in place of the map. */
    hovered: signal(/** @type {import("../draw/diagram.js").Hit | null} */ (null)),
    /** Where the pointer is on the map, in data units. */
    pointer: signal(/** @type {Position | null} */ (null)),
    /** The keyboard's position on the map, while the map has the focus. */
    crosshair: signal(/** @type {Position | null} */ (null)),
  };
}

/** @param {Store} store @returns {Model} as it is now */
export function modelOf({ live, history, measured }) {
  return { live: live.value, history: history.value, measured: measured.value };
}

/**
 * Replaces the weights and their history.
 * @param {Store} store
 * @param {Model} model
 */
export function putModel({ live, history, measured, scrubbed, replaced }, model) {
  replaced.value += 1;
  live.value = model.live;
  history.value = model.history;
  measured.value = model.measured;
  // The selected moment belongs to the replaced history.
  scrubbed.value = null;
}

/**
 * Whether two networks have the same architecture; the initialiser does not matter.
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
