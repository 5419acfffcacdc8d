// Validates a value against a JSON Schema and reports the first fault: where and why. It supports
// the part of JSON Schema that msgspec generates; a general validator is much larger.

/** @typedef {import("./schema.js").SchemaNode} SchemaNode */
/**
 * @typedef {{ path: string, problem: string }} Fault `path` locates the wrong value, such as
 *   `runs[0].name`
 */

const DEFINITIONS = "#/$defs/";
/** Characters of a wrong value that a message quotes. */
const MAX_QUOTED = 40;

/** @type {Readonly<Record<string, { holds: (value: unknown) => boolean, what: string }>>} */
const TYPES = {
  array: { holds: Array.isArray, what: "a list" },
  boolean: { holds: (value) => typeof value === "boolean", what: "true or false" },
  integer: { holds: Number.isInteger, what: "a whole number" },
  null: { holds: (value) => value === null, what: "null" },
  number: { holds: Number.isFinite, what: "a number" },
  object: {
    holds: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
    what: "named fields",
  },
  string: { holds: (value) => typeof value === "string", what: "text" },
};

/**
 * @param {unknown} value of JSON
 * @param {SchemaNode} node
 * @param {Record<string, SchemaNode>} definitions what `$ref` refers to
 * @param {string} [path] the path of the value
 * @returns {Fault | null} the first fault; null if the value conforms
 */
export function findFault(value, node, definitions, path = "") {
  const { $ref, anyOf, type, enum: choices } = node;
  const inside = (/** @type {SchemaNode} */ other) => findFault(value, other, definitions, path);
  if ($ref !== undefined) {
    const fault = inside(definitions[$ref.slice(DEFINITIONS.length)]);
    if (fault) return fault;
  }
  // msgspec lists null last, so the fault against the first alternative is the useful one.
  if (anyOf && !anyOf.some((other) => inside(other) === null)) return inside(anyOf[0]);
  const types = type === undefined ? [] : [type].flat();
  if (type !== undefined && !types.some((name) => TYPES[name].holds(value))) {
    return faultAt(path, types.map((name) => TYPES[name].what).join(" or "), shown(value));
  }
  if (choices && !choices.includes(value)) {
    return faultAt(path, `one of ${choices.join(", ")}`, shown(value));
  }
  if (typeof value === "number") return findFaultInNumber(value, node, path);
  if (typeof value === "string") return findFaultInText(value, node, path);
  if (Array.isArray(value)) return findFaultInItems(value, node, definitions, path);
  if (typeof value !== "object" || value === null) return null;
  const fields = /** @type {Record<string, unknown>} */ (value);
  return findFaultInFields(fields, node, definitions, path);
}

/** @param {string} path @param {string} expected @param {string | number} got @returns {Fault} */
export function faultAt(path, expected, got) {
  return { path, problem: `expected ${expected}, got ${got}` };
}

/** @param {number} value @param {SchemaNode} node @param {string} path */
function findFaultInNumber(value, node, path) {
  const { minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = node;
  if (minimum !== undefined && value < minimum) return faultAt(path, `at least ${minimum}`, value);
  if (maximum !== undefined && value > maximum) return faultAt(path, `at most ${maximum}`, value);
  if (above !== undefined && value <= above) return faultAt(path, `more than ${above}`, value);
  if (below !== undefined && value >= below) return faultAt(path, `less than ${below}`, value);
  return null;
}

/** @param {string} value @param {SchemaNode} node @param {string} path */
function findFaultInText(value, { minLength = 0, maxLength = Infinity }, path) {
  // The limits count characters; outside the Basic Multilingual Plane one takes two string units.
  const length = value.length > 2 * maxLength ? value.length : [...value].length;
  if (length >= minLength && length <= maxLength) return null;
  return faultAt(path, `${minLength} to ${maxLength} characters`, length);
}

/**
 * @param {unknown[]} values
 * @param {SchemaNode} node
 * @param {Record<string, SchemaNode>} definitions
 * @param {string} path
 */
function findFaultInItems(values, node, definitions, path) {
  const { minItems = 0, maxItems = Infinity, items } = node;
  if (values.length < minItems) return faultAt(path, `at least ${minItems} items`, values.length);
  if (values.length > maxItems) return faultAt(path, `at most ${maxItems} items`, values.length);
  if (!items) return null;
  for (const [place, value] of values.entries()) {
    const fault = findFault(value, items, definitions, `${path}[${place}]`);
    if (fault) return fault;
  }
  return null;
}

/**
 * @param {Record<string, unknown>} fields
 * @param {SchemaNode} node
 * @param {Record<string, SchemaNode>} definitions
 * @param {string} path
 */
function findFaultInFields(fields, node, definitions, path) {
  const { properties = {}, required = [], additionalProperties } = node;
  const missing = required.find((name) => !Object.hasOwn(fields, name));
  if (missing !== undefined) return { path, problem: `the field ${missing} is missing` };
  for (const [name, value] of Object.entries(fields)) {
    if (!Object.hasOwn(properties, name)) {
      if (additionalProperties !== false) continue;
      return {
        path,
        problem: `${shown(name)} is not a field; expected ${Object.keys(properties).join(", ")}`,
      };
    }
    const inner = path ? `${path}.${name}` : name;
    const fault = findFault(value, properties[name], definitions, inner);
    if (fault) return fault;
  }
  return null;
}

/** @param {unknown} value @returns {string} the value as a message shows it */
function shown(value) {
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "object" && value !== null) return "named fields";
  return typeof value === "string" ? JSON.stringify(value.slice(0, MAX_QUOTED)) : String(value);
}
