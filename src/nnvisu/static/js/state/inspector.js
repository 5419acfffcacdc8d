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
    const { l1, l2 } = store.config.value;
    const last = inspected.value;
    const known =
      last?.moment === moment && last.points === points.value && last.l1 === l1 && last.l2 === l2;
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
      store.inspected.value = { moment, points, l1, l2, layers };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      // The points have a class that the network lacks: there are no statistics.
      if (error.lost) return;
      store.inspected.value = { moment, points, l1, l2, layers: [] };
    } finally {
      asking = false;
    }
    proceed();
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
