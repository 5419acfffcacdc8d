// The Document: the only serialized form of an experiment. In memory its numbers are typed arrays; in
// the document they are base64 of their little-endian bytes, which keeps every bit.
// src/nnvisu/wire/document.py owns the format; docs/document.md explains every field.

import { toBase64 } from "../base/binary.js";

/** @typedef {import("../settings/settings.js").Task} Task */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../net/protocol.js").Metrics} Metrics */

/**
 * @typedef {{
 *   task: Task, samples: number, classes: number, noise: number, test_share: number,
 *   pace: number | null
 * }} ExperimentSettings shared by all runs
 * @typedef {Record<Task, Points | null>} ExperimentData
 * @typedef {{
 *   hidden_layers: number[], activation: string, features: string[], initialiser: string,
 *   seed: number, hyperparameters: import("../net/protocol.js").Hyperparameters,
 *   stop_conditions: import("../net/protocol.js").StopConditions
 * }} RunSettings
 * @typedef {{
 *   id: number, parent: number | null, checkpoint: import("../net/protocol.js").Checkpoint,
 *   training: Metrics | null, test: Metrics | null
 * }} Moment
 * @typedef {{
 *   id: number, name: string, task: Task, settings: RunSettings, interval: number,
 *   line: readonly Moment[], newest: Moment | null
 * }} Run `newest` is null if training continues from the last moment of the line
 * @typedef {{
 *   version: 1, settings: ExperimentSettings, data: ExperimentData, runs: readonly Run[]
 * }} Document
 *
 * @typedef {{
 *   ExperimentSettings: ExperimentSettings, ExperimentData: ExperimentData, Run: Run, Moment: Moment
 * }} Parts that can be written and read alone
 */

export const VERSION = 1;

/**
 * @param {Document} document
 * @returns {string} JSON text
 */
export function encodeDocument({ settings, data, runs }) {
  const plain = { data: encodeData(data), runs: runs.map(encodeRun) };
  return JSON.stringify({ version: VERSION, settings, ...plain });
}

/**
 * @param {ExperimentData} data
 * @returns {object} a JSON value
 */
export function encodeData({ classification, regression }) {
  return {
    classification: classification && encodePoints(classification, "label"),
    regression: regression && encodePoints(regression, "value"),
  };
}

/** @param {Points} points @param {"label" | "value"} target */
function encodePoints({ x, y, origin, ...targets }, target) {
  return plainOf({ x, y, [target]: targets[target], origin: origin ?? null });
}

/**
 * @param {Run} run
 * @returns {object} of JSON
 */
export function encodeRun({ id, name, task, settings, interval, line, newest }) {
  return {
    ...{ id, name, task, settings, interval },
    ...{ line: line.map(encodeMoment), newest: newest && encodeMoment(newest) },
  };
}

/**
 * @param {Moment} moment
 * @returns {object} of JSON
 */
export function encodeMoment({ id, parent, checkpoint, training, test }) {
  return /** @type {object} */ (plainOf({ id, parent, checkpoint, training, test }));
}

/**
 * @param {unknown} value with typed arrays in it
 * @returns {unknown} of JSON
 */
function plainOf(value) {
  if (ArrayBuffer.isView(value)) return toBase64(/** @type {Float32Array} */ (value));
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plainOf(inner)]));
}
