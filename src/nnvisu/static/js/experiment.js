// The experiment as it is saved, for `window.nnvisu.experiment()`.

import { plainOptimiser, plainPoints, plainWeights } from "./plain.js";

/**
 * @param {import("./store.js").Store} store
 * @returns a frozen plain object; JSON.stringify compares two of them to the last bit
 */
export function experimentOf(store) {
  const live = store.live.value;
  const { epoch, training: _, ...weights } = live ? plainWeights(live) : NO_WEIGHTS;
  return freeze({
    config: structuredClone(store.config.value),
    data: plainPoints(store.points.value),
    weights: live && structuredClone(weights),
    optimiser: live && plainOptimiser(live.checkpoint),
    epoch,
  });
}

const NO_WEIGHTS = { epoch: 0, training: null };

/**
 * @template T
 * @param {T} value
 * @returns {Readonly<T>} frozen all the way down
 */
function freeze(value) {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
