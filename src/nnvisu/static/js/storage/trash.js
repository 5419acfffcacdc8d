// Deleted experiments, so that deleting one can be undone: their keys move under `nnvisu.deleted/<place>/`.
// The trash holds a few; the oldest goes first, and all of them where the storage is full.

import { move } from "./local_storage.js";

const PREFIX = "nnvisu.deleted/";
const MOST = 3;

/**
 * @typedef {ReturnType<typeof createTrash>} Trash
 * @param {globalThis.Storage} local
 */
export function createTrash(local) {
  /** @returns {number[]} ascending */
  function places() {
    const found = Object.keys(local)
      .filter((key) => key.startsWith(PREFIX))
      .map((key) => Number.parseInt(key.slice(PREFIX.length), 10));
    return [...new Set(found)].sort((a, b) => a - b);
  }

  /** @param {number} place */
  function empty(place) {
    for (const key of Object.keys(local)) {
      if (key.startsWith(`${PREFIX}${place}/`)) local.removeItem(key);
    }
  }

  return {
    /** @param {number} place @returns {boolean} whether an experiment lies there */
    has: (place) => places().includes(place),

    /**
     * @param {string} name of the experiment
     * @returns {number | null} its place; null if there was no room, and the experiment is where it was
     */
    take(name) {
      const taken = places();
      const place = (taken.at(-1) ?? 0) + 1;
      if (!move(local, `nnvisu/${name}/`, `${PREFIX}${place}/`)) return null;
      for (const old of taken.slice(0, -MOST + 1)) empty(old);
      return place;
    },

    /** @param {number} place @param {string} name that no experiment has @returns {boolean} false if there is no room */
    giveBack: (place, name) => move(local, `${PREFIX}${place}/`, `nnvisu/${name}/`),

    /** @returns {boolean} whether there was anything to remove for good */
    emptyTrash() {
      const taken = places();
      for (const place of taken) empty(place);
      return taken.length > 0;
    },
  };
}
