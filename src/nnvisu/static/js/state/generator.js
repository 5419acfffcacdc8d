// Asks the server for generated points. One request is under way at a time: of those that come meanwhile,
// as from a slider that is dragged, the newest is sent next.

import { Refusal } from "../net/client.js";

/** @typedef {import("../data/points.js").Origin} Origin */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {{ samples: number, classes: number, noise: number }} Size */
/** @typedef {{ origin: Origin, size: Size, take: (points: Points) => void }} Wish */

/**
 * @param {import("../net/client.js").Client} client
 * @param {(sentence: string) => void} onRefusal
 */
export function createGenerator(client, onRefusal) {
  let busy = false;
  /** @type {Wish | null} */
  let newest = null;

  /** @param {Wish} wish */
  async function ask(wish) {
    const { origin, size, take } = wish;
    busy = true;
    try {
      const reply = await client.ask({
        ...{ type: /** @type {const} */ ("generate"), id: client.id() },
        ...size,
        ...origin,
      });
      const { points } = /** @type {import("../net/protocol.js").Generated} */ (reply);
      if (newest === wish) take({ ...points, origin });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (newest === wish) onRefusal(error.message);
    } finally {
      busy = false;
      if (newest === wish) newest = null;
      else if (newest) ask(newest);
    }
  }

  return {
    /** @param {Origin} origin @param {Size} size @param {(points: Points) => void} take gets the points, if no other ones are asked for before they come */
    generate(origin, size, take) {
      newest = { origin, size, take };
      if (!busy) ask(newest);
    },

    /** Ignores the points that are on their way. */
    forget() {
      newest = null;
    },
  };
}
