// The rules of a Document that its schema cannot express: how the parts must fit together. Python has
// the same rules, with the same messages, in src/nnvisu/wire/document_validation.py.

import { FEATURES } from "../model/features.js";
import { parameterCount } from "../model/layout.js";
import { OPTIMISERS } from "../model/optimisers.js";
import { faultAt } from "../settings/validate.js";

/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./document.js").ExperimentData} ExperimentData */
/** @typedef {import("./document.js").Moment} Moment */
/** @typedef {import("./document.js").Run} Run */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("../settings/schema.js").Schema} Schema */
/** @typedef {import("../settings/settings.js").Task} Task */

/** @type {readonly Task[]} */
const TASKS = ["classification", "regression"];
const FEATURE_NAMES = Object.keys(FEATURES);
const FLOAT32_BYTES = Float32Array.BYTES_PER_ELEMENT;

export class DocumentError extends Error {
  /**
   * @param {string} path of the wrong value, such as `runs[0].name`
   * @param {string} problem what was expected, and what was found
   */
  constructor(path, problem) {
    super(`${path}: ${problem}`);
    this.name = "DocumentError";
    this.path = path;
  }
}

/** @param {string} path @param {string} expected @param {string | number} got @returns {never} */
function refuse(path, expected, got) {
  throw new DocumentError(path, faultAt(path, expected, got).problem);
}

/**
 * @param {Document} document
 * @param {Schema} schema
 * @throws {DocumentError} if its parts contradict each other
 */
export function checkDocument({ data, runs }, schema) {
  checkData(data, schema, "data.");
  const ids = new Set();
  const seen = new Set();
  for (const [place, run] of runs.entries()) {
    const at = `runs[${place}].`;
    checkRun(run, at);
    if (ids.has(run.id)) refuse(`${at}id`, "an id that no other run has", run.id);
    ids.add(run.id);
    for (const [{ id }, path] of momentsOf(run, at)) {
      if (seen.has(id)) refuse(`${path}id`, "an id that no other moment has", id);
      seen.add(id);
    }
  }
  const most = schema.list("Document", "runs").maxItems / TASKS.length;
  for (const task of TASKS) {
    const count = runs.filter((run) => run.task === task).length;
    if (count > most) refuse("runs", `at most ${most} for ${task}`, count);
  }
}

/**
 * @param {ExperimentData} data
 * @param {Schema} schema
 * @param {string} [at] the path of the data, with a dot
 * @throws {DocumentError}
 */
export function checkData({ classification, regression }, schema, at = "") {
  const samples = schema.bounds("Generate", "samples").maximum ?? Infinity;
  if (classification) {
    const path = `${at}classification`;
    checkPoints(classification, "label", samples, path);
    const most = schema.list("Network", "classes").maximum;
    const wrong = classification.label.find((label) => label > most);
    if (wrong !== undefined) refuse(`${path}.label`, `labels from 0 to ${most}`, wrong);
  }
  if (regression) {
    checkPoints(regression, "value", samples, `${at}regression`);
    checkFinite(regression.value, `${at}regression.value`);
  }
}

/** @param {Points} points @param {"label" | "value"} target @param {number} most @param {string} path */
function checkPoints(points, target, most, path) {
  const count = points[target].length;
  if (count > most) refuse(path, `at most ${most} points`, count);
  for (const axis of /** @type {const} */ (["x", "y"])) {
    const expected = `${FLOAT32_BYTES * count} bytes, four for each ${target}`;
    const { length, byteLength } = points[axis];
    if (length !== count) refuse(`${path}.${axis}`, expected, `${byteLength} bytes`);
  }
  for (const axis of /** @type {const} */ (["x", "y"])) {
    // Written so that NaN fails too.
    const place = points[axis].findIndex((number) => !(Math.abs(number) <= 1));
    if (place >= 0) refuse(`${path}.${axis}`, "numbers from -1 to 1", `another at place ${place}`);
  }
}

/**
 * @param {Run} run
 * @param {string} [at] the path of the run, with a dot
 * @throws {DocumentError}
 */
export function checkRun(run, at = "") {
  // A lone surrogate, which Python cannot encode.
  if (/\p{Surrogate}/u.test(run.name)) refuse(`${at}name`, "Unicode text", "half a character");
  checkFeatures(run.settings.features, `${at}settings.features`);
  const moments = momentsOf(run, at);
  for (const [moment, path] of moments) checkMoment(moment, run.task, path);
  for (const [place, [{ id, checkpoint }, path]] of moments.slice(1).entries()) {
    const [before] = moments[place];
    const { epoch } = before.checkpoint;
    if (id <= before.id) refuse(`${path}id`, `more than ${before.id}`, id);
    if (checkpoint.epoch < epoch) {
      refuse(`${path}checkpoint.epoch`, `at least ${epoch}`, checkpoint.epoch);
    }
  }
}

/**
 * @param {Run} run
 * @param {string} at the path of the run, with a dot
 * @returns {[Moment, string][]} its moments, each with its path and a dot
 */
function momentsOf({ line, newest }, at) {
  /** @type {[Moment, string][]} */
  const moments = line.map((moment, place) => [moment, `${at}line[${place}].`]);
  return newest ? [...moments, [newest, `${at}newest.`]] : moments;
}

/**
 * @param {Moment} moment
 * @param {Task | null} [task] the task of its run; null if unknown
 * @param {string} [at] the path of the moment, with a dot
 * @throws {DocumentError}
 */
export function checkMoment({ id, parent, checkpoint, training, test }, task = null, at = "") {
  if (parent !== null && parent >= id) refuse(`${at}parent`, `null or less than ${id}`, parent);
  checkCheckpoint(checkpoint, `${at}checkpoint`);
  const classes = checkpoint.network.classes.length;
  if (task !== null && classes > 0 !== (task === "classification")) {
    const some = task === "classification" ? "some" : "none";
    const expected = `${some}, as the run is for ${task}`;
    refuse(`${at}checkpoint.network.classes`, expected, classes);
  }
  for (const [name, metrics] of Object.entries({ training, test })) {
    const confusion = metrics?.confusion ?? new Uint16Array(0);
    if (confusion.length > 0 && confusion.length !== classes ** 2) {
      const size = Uint16Array.BYTES_PER_ELEMENT * classes ** 2;
      const expected = `none or ${size} bytes, two for each pair of classes`;
      refuse(`${at}${name}.confusion`, expected, `${confusion.byteLength} bytes`);
    }
  }
}

/** @param {import("../net/protocol.js").Checkpoint} checkpoint @param {string} path */
function checkCheckpoint({ network, parameters, optimiser }, path) {
  checkNetwork(network, `${path}.network`);
  const count = parameterCount(network);
  checkLength(parameters, count, `${path}.parameters`);
  checkLength(optimiser.slots, count * OPTIMISERS[optimiser.name].slots, `${path}.optimiser.slots`);
  checkFinite(parameters, `${path}.parameters`);
  checkFinite(optimiser.slots, `${path}.optimiser.slots`);
}

/** @param {import("../net/protocol.js").Network} network @param {string} path */
function checkNetwork({ classes, features }, path) {
  if (classes.length === 1) {
    refuse(`${path}.classes`, "no label (regression) or at least 2 (classification)", 1);
  }
  if (!ascends(classes)) {
    refuse(`${path}.classes`, "ascending labels without repetition", classes.join(", "));
  }
  checkFeatures(features, `${path}.features`);
}

/** @param {string[]} features @param {string} path */
function checkFeatures(features, path) {
  if (ascends(features.map((feature) => FEATURE_NAMES.indexOf(feature)))) return;
  const expected = `some of ${FEATURE_NAMES.join(", ")}, in this order, each once`;
  refuse(path, expected, features.join(", "));
}

/** @param {number[]} numbers */
function ascends(numbers) {
  return numbers.every((number, place) => place === 0 || number > numbers[place - 1]);
}

/** @param {Float32Array} array @param {number} count @param {string} path */
function checkLength({ length, byteLength }, count, path) {
  if (length === count) return;
  const expected = `${FLOAT32_BYTES * count} bytes for this network and optimiser`;
  refuse(path, expected, `${byteLength} bytes`);
}

/** @param {Float32Array} array @param {string} path */
function checkFinite(array, path) {
  const place = array.findIndex((number) => !Number.isFinite(number));
  if (place >= 0) refuse(path, "finite numbers", `another at place ${place}`);
}
