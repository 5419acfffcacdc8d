// Reads a Document, or a part of one, and holds it to the schema and to the rules. Nothing else loads this
// module before something stored or opened has to be read.

import { fromBase64 } from "../base/binary.js";
import { ARRAYS } from "../net/protocol.js";
import { findFault } from "../settings/validate.js";
import { VERSION } from "./document.js";
import {
  checkData,
  checkDocument,
  checkMoment,
  checkRun,
  DocumentError,
} from "./document_rules.js";

/** @typedef {import("../settings/schema.js").Schema} Schema */
/** @typedef {import("../data/points.js").Points} Points */
/** @typedef {import("./document.js").Document} Document */
/** @typedef {import("./document.js").ExperimentData} ExperimentData */
/** @typedef {import("./document.js").Parts} Parts */

export { DocumentError };

/**
 * @param {string} text of JSON
 * @param {Schema} schema
 * @returns {Document}
 * @throws {DocumentError} if it is not a valid document
 */
export function decodeDocument(text, schema) {
  const plain = parse(text);
  // Report a newer version before its unknown fields.
  const { version } = /** @type {{ version?: unknown }} */ (plain ?? {});
  if (Number.isInteger(version) && Number(version) > VERSION) {
    throw new DocumentError("version", `expected at most ${VERSION}, got ${version}`);
  }
  const found = typed("Document", plain, schema);
  const document = /** @type {Document} */ ({ ...found, data: dataOf(found.data) });
  checkDocument(document, schema);
  return document;
}

/**
 * Reads one part. `checkDocument` and `checkRun` check how the parts fit together.
 * @template {keyof Parts} Name
 * @param {Name} name
 * @param {unknown} plain of JSON
 * @param {Schema} schema
 * @returns {Parts[Name]}
 * @throws {DocumentError} if it is not a valid part
 */
export function decodePart(name, plain, schema) {
  const found = /** @type {any} */ (typed(name, plain, schema));
  const part = name === "ExperimentData" ? dataOf(found) : found;
  if (name === "ExperimentData") checkData(part, schema);
  if (name === "Run") checkRun(part);
  if (name === "Moment") checkMoment(part);
  return part;
}

/** @param {string} text */
function parse(text) {
  try {
    return JSON.parse(text);
  } catch (failure) {
    throw new DocumentError("document", `expected JSON text (${failure})`);
  }
}

/**
 * Validates a part against the schema, fills in defaults, and turns base64 into typed arrays.
 * @param {string} definition
 * @param {unknown} plain
 * @param {Schema} schema
 * @returns {any}
 */
function typed(definition, plain, schema) {
  const { definitions } = schema;
  const fault = findFault(plain, definitions[definition], definitions);
  if (fault) throw new DocumentError(fault.path || "document", fault.problem);
  const whole = schema.complete(definition, /** @type {Record<string, unknown>} */ (plain));
  return memoryOf(whole, "", "");
}

/**
 * @param {unknown} value
 * @param {string} name of its field
 * @param {string} path
 * @returns {unknown}
 */
function memoryOf(value, name, path) {
  if (typeof value === "number") return value + 0; // JSON has no -0, nor has a document.
  if (typeof value === "string" && name in ARRAYS) return arrayOf(value, name, path);
  if (Array.isArray(value)) {
    return value.map((item, place) => memoryOf(item, "", `${path}[${place}]`));
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([field, inner]) => [
      field,
      memoryOf(inner, field, path ? `${path}.${field}` : field),
    ]),
  );
}

/** Base64 as Python accepts it; `atob` would also accept spaces and missing padding. */
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

/** @param {string} text @param {string} name @param {string} path */
function arrayOf(text, name, path) {
  if (text.length % 4 !== 0 || !BASE64.test(text)) throw new DocumentError(path, "expected base64");
  const bytes = fromBase64(text);
  try {
    return ARRAYS[name](bytes);
  } catch {
    throw new DocumentError(path, `expected whole numbers, got ${bytes.length} bytes`);
  }
}

/**
 * @param {{ classification: any, regression: any }} found
 * @returns {ExperimentData} whose points have both `label` and `value`, one of them empty
 */
function dataOf({ classification, regression }) {
  return {
    classification: classification && pointsOf(classification),
    regression: regression && pointsOf(regression),
  };
}

/** @param {Partial<Points> & { origin: Points["origin"] | null }} found */
function pointsOf({ x, y, label = new Uint8Array(0), value = new Float32Array(0), origin }) {
  return { x, y, label, value, ...(origin && { origin }) };
}
