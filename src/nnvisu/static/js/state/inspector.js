// Requests the layer statistics of the moment in view while the panel Inside is open and no frame
// carried them: for new weights, for a recorded moment, and after a change of the points.

import { effect, untracked } from "@preact/signals";

import { part } from "../data/split.js";
import { Refusal } from "../net/client.js";
import { whatIsMissing } from "./readiness.js";

/**
 * @param {import("./store.js").Store} store
 * @param {import("../net/client.js").Client} client
 */
export function createInspector(store, client) {
  let asking = false;

  /** @returns {boolean} whether statistics have to be requested */
  function isNeeded() {
    const { shown, scrubbed, training, inspected, points, regression, view } = store;
    const moment = shown.value;
    if (!view.value.inside || !moment || moment.layers) return false;
    // The next frame carries them.
    if (training.value && !scrubbed.value) return false;
    const known = inspected.value?.moment === moment && inspected.value.points === points.value;
    return !known && !whatIsMissing(points.value, regression.value);
  }

  async function inspect() {
    const moment = /** @type {import("./history.js").Moment} */ (store.shown.value);
    const points = store.points.value;
    const { l1, l2 } = store.config.value;
    const { checkpoint } = moment;
    asking = true;
    try {
      const reply = await client.ask({
        ...{ type: "inspect", id: client.id(), checkpoint, points: part(points, 0), l1, l2 },
      });
      const { layers } = /** @type {import("../net/protocol.js").Inspected} */ (reply);
      store.inspected.value = { moment, points, layers };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The points have a class that the network lacks: there are no statistics.
      if (!error.lost) store.inspected.value = { moment, points, layers: [] };
    } finally {
      asking = false;
      proceed();
    }
  }

  function proceed() {
    if (!asking && store.connection.value.kind === "open" && isNeeded()) inspect();
  }

  return {
    /** Starts to observe the store. */
    start() {
      effect(() => {
        const connected = store.connection.value.kind === "open";
        if (isNeeded() && connected) untracked(proceed);
      });
    },
  };
}
