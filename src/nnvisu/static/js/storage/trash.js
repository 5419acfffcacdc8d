// The trash keeps deleted experiments, so that a deletion can be undone: their keys move to
// `nnvisu.deleted/<place>/`. It holds a few, drops the oldest first, and is emptied if storage is full.

import { keysIn } from "./browser_storage.js";
import { move, put } from "./local_storage.js";

const PREFIX = "nnvisu.deleted/";
/** The number of the newest place. */
const COUNT = "nnvisu.deleted";
const MAX_EXPERIMENTS = 3;

/**
 * @typedef {ReturnType<typeof createTrash>} Trash
 * @param {globalThis.Storage} local
 */
export function createTrash(local) {
  /** @returns {number[]} ascending */
  function places() {
    const found = keysIn(local)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => Number.parseInt(key.slice(PREFIX.length), 10));
    return [...new Set(found)].sort((a, b) => a - b);
  }

  /** @param {number} place */
  function empty(place) {
    for (const key of keysIn(local)) {
      if (key.startsWith(`${PREFIX}${place}/`)) local.removeItem(key);
    }
  }

  /** @returns {number} the place that is taken next */
  function free() {
    // A place is never used twice: another tab may still remember what was there. The counter may be
    // damaged.
    const counted = Number(local.getItem(COUNT));
    const last = Number.isSafeInteger(counted) ? counted : 0;
    return Math.max(last, ...places().filter(Number.isSafeInteger)) + 1;
  }

  return {
    /** @returns {string} the prefix of the keys of the experiment that is taken next */
    next: () => `${PREFIX}${free()}/`,

    /** @param {number} place @returns {boolean} whether an experiment is there */
    has: (place) => places().includes(place),

    /**
     * @param {string} name of the experiment
     * @returns {number | null} its place; null if there was no room, and nothing has changed
     */
    take(name) {
      const taken = places();
      const place = free();
      put(local, COUNT, String(place));
      if (!move(local, `nnvisu/${name}/`, `${PREFIX}${place}/`)) return null;
      for (const old of taken.slice(0, -MAX_EXPERIMENTS + 1)) empty(old);
      return place;
    },

    /**
     * @param {number} place
     * @param {string} name that no experiment has
     * @returns {boolean} false if there is no room
     */
    giveBack: (place, name) => move(local, `${PREFIX}${place}/`, `nnvisu/${name}/`),

    /** @returns {boolean} false if it was empty already */
    emptyTrash() {
      const taken = places();
      for (const place of taken) empty(place);
      return taken.length > 0;
    },
  };
}
