// The experiment as it is saved, for `window.nnvisu.experiment()`.

import { plainData, plainOptimiser, plainWeights } from "./plain.js";

/**
 * @param {import("../state/store.js").Store} store
 * @returns a frozen plain object; JSON.stringify compares two of them to the last bit
 */
export function experimentOf(store) {
  const live = store.live.value;
  return freeze({
    config: structuredClone(store.config.value),
    data: plainData(store),
    weights: live && weightsOf(live),
    optimiser: live && plainOptimiser(live.checkpoint),
    epoch: live?.checkpoint.epoch ?? 0,
  });
}

/** @param {import("../state/history.js").Moment} live */
function weightsOf(live) {
  const { network, parameters, step, seed } = plainWeights(live);
  return { network: structuredClone(network), parameters, step, seed };
}

/**
 * @template T
 * @param {T} value
 * @returns {Readonly<T>} frozen all the way down
 */
function freeze(value) {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(freeze);
  return Object.freeze(value);
}
