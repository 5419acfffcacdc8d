// The inputs of a training request, apart from the weights: what the store asks for now.

import { fieldsOf } from "../settings/settings.js";
import { sameNetwork } from "./store.js";

/** @typedef {import("../net/protocol.js").Train} Train */

/**
 * @typedef {Pick<Train, "network" | "hyperparameters" | "stop_conditions" | "pace" | "statistics">
 *   & { points: import("../data/split.js").Parted }} Inputs
 * @param {import("./store.js").Store} store
 * @returns {Inputs}
 */
export function inputsOf(store) {
  const config = store.config.value;
  return {
    network: store.wanted.value,
    hyperparameters: fieldsOf(config, "Hyperparameters"),
    stop_conditions: fieldsOf(config, "StopConditions"),
    points: store.points.value,
    pace: config.pace,
    statistics: store.view.value.inside,
  };
}

/** @param {Inputs} a @param {Inputs} b @returns {boolean} whether both ask for the same training */
export function same(a, b) {
  return sameButPoints(a, b) && a.points === b.points;
}

/** @param {Inputs} a @param {Inputs} b @returns {boolean} whether they differ in the points at most */
export function sameButPoints(a, b) {
  return (
    sameNetwork(a.network, b.network) &&
    alike(a.hyperparameters, b.hyperparameters) &&
    alike(a.stop_conditions, b.stop_conditions) &&
    a.pace === b.pace &&
    a.statistics === b.statistics
  );
}

/**
 * @param {object} a
 * @param {object} b with the same fields
 * @returns {boolean} whether all fields are equal
 */
export function alike(a, b) {
  const other = /** @type {Record<string, unknown>} */ (b);
  return Object.entries(a).every(([name, value]) => other[name] === value);
}
