// Requests generated points from the server, one request at a time. Of the requests that come
// meanwhile, for instance from a dragged slider, only the newest is sent.

import { Refusal } from "../net/client.js";

/** @typedef {import("../data/points.js").Origin} Origin */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {{ samples: number, classes: number, noise: number }} Size */
/** @typedef {{ origin: Origin, size: Size, take: (points: Points) => void }} Request */

/**
 * @param {import("../net/client.js").Client} client
 * @param {(sentence: string) => void} onRefusal
 */
export function createGenerator(client, onRefusal) {
  let busy = false;
  /** @type {Request | null} */
  let newest = null;

  /** @param {Request} request */
  async function ask(request) {
    const { origin, size, take } = request;
    busy = true;
    try {
      const reply = await client.ask({
        ...{ type: /** @type {const} */ ("generate"), id: client.id() },
        ...size,
        ...origin,
      });
      const { points } = /** @type {import("../net/protocol.js").Generated} */ (reply);
      if (newest === request) take({ ...points, origin });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (newest === request) onRefusal(error.message);
    } finally {
      busy = false;
      if (newest === request) newest = null;
      else if (newest) ask(newest);
    }
  }

  return {
    /**
     * @param {Origin} origin
     * @param {Size} size
     * @param {(points: Points) => void} take gets the points, unless others are requested meanwhile
     */
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
