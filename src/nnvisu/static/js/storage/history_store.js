// The history in Local Storage: every moment is a key of its own, and `history` lists them. So a save
// encodes and writes the new moments alone, and a damaged one takes no other with it.

import { plainOptimiser, plainWeights } from "./plain.js";

/** @typedef {import("../state/history.js").Moment} Moment */
/** @typedef {import("../state/history.js").History} History */
/** @typedef {import("./local_storage.js").Loss} Loss */

/**
 * @typedef {ReturnType<typeof createPast>} Past
 * @param {import("./local_storage.js").Storage} storage
 */
export function createPast(storage) {
  /** What lies under each moment's key, by epoch; null if it was not read. @type {Map<number, Moment | null>} */
  const kept = new Map();
  for (const key of storage.keys()) {
    const epoch = /^history\/(\d+)$/.exec(key)?.[1];
    if (epoch !== undefined) kept.set(Number(epoch), null);
  }
  let listed = "";

  /** @param {number} interval @returns {boolean} false if there is no room */
  function writeList(interval) {
    const json = JSON.stringify({ interval, epochs: [...kept.keys()].sort((a, b) => a - b) });
    if (json === listed) return true;
    listed = json;
    if (storage.write("history", json)) return true;
    // Without a list, the moments there are count.
    listed = "";
    storage.remove("history");
    return false;
  }

  return {
    /**
     * @param {(value: unknown) => Moment} check gives a stored moment its form, or throws
     * @returns {{ history: History, list: Loss | null, losses: Loss[] }} what is sound; how the list
     *   was lost, if it was, and each moment that was
     */
    read(check) {
      const { value: found, loss: list } = storage.read("history", checkList);
      const epochs = found?.epochs ?? [...kept.keys()].sort((a, b) => a - b);
      /** @type {Moment[]} */
      const moments = [];
      /** @type {Loss[]} */
      const losses = [];
      for (const epoch of epochs) {
        const { value, loss } = storage.read(`history/${epoch}`, (stored) => {
          const moment = check(stored);
          if (moment.checkpoint.epoch !== epoch) throw new Error("it is of another epoch");
          return moment;
        });
        if (loss) {
          losses.push(loss);
          kept.delete(epoch);
        } else {
          moments.push(value);
          kept.set(epoch, value);
        }
      }
      return {
        history: { interval: found?.interval ?? shortestGap(moments), moments },
        list,
        losses,
      };
    },

    /**
     * Brings the stored history to this one, moment by moment; what lies there after each call is
     * whole in itself.
     * @param {History} history
     * @param {number} until by `performance.now()`: when to leave the rest to another call
     * @returns {"done" | "more" | "full"} whether there is more to write, or no room for it
     */
    write({ interval, moments }, until) {
      const wanted = new Set(moments);
      for (const [epoch, moment] of kept) {
        if (moment && wanted.has(moment)) continue;
        storage.remove(`history/${epoch}`);
        kept.delete(epoch);
      }
      let outcome = /** @type {"done" | "more" | "full"} */ ("done");
      for (const moment of moments) {
        const { epoch } = moment.checkpoint;
        if (kept.has(epoch)) continue;
        if (performance.now() >= until) outcome = "more";
        else if (!storage.write(`history/${epoch}`, JSON.stringify(plainMoment(moment)))) {
          outcome = "full";
        } else kept.set(epoch, moment);
        if (outcome !== "done") break;
      }
      return writeList(interval) ? outcome : "full";
    },
  };
}

/** @param {Moment} moment */
function plainMoment(moment) {
  return { ...plainWeights(moment), optimiser: plainOptimiser(moment.checkpoint) };
}

/**
 * @param {unknown} value
 * @returns {{ interval: number, epochs: number[] }}
 */
function checkList(value) {
  const { interval, epochs } = /** @type {{ interval: number, epochs: number[] }} */ (value);
  const rising = Array.isArray(epochs) && epochs.every((epoch, k) => epoch > (epochs[k - 1] ?? -1));
  if (!(interval >= 1) || !rising || !epochs.every(Number.isSafeInteger)) {
    throw new Error("this is not a history");
  }
  return { interval, epochs };
}

/** @param {readonly Moment[]} moments @returns {number} epochs, at least one */
function shortestGap(moments) {
  const epochs = moments.map(({ checkpoint }) => checkpoint.epoch);
  const gaps = epochs.slice(1).map((epoch, index) => epoch - epochs[index]);
  return gaps.length > 0 ? Math.min(...gaps) : 1;
}
