// Whether a value is what a JSON Schema says, as far as msgspec and this page write schemas: a
// general validator is heavier than all that it would check here.

/** @typedef {import("./schema.js").SchemaNode} SchemaNode */

const DEFINITIONS = "#/$defs/";

/** @type {Readonly<Record<string, (value: unknown) => boolean>>} */
const TYPES = {
  array: Array.isArray,
  boolean: (value) => typeof value === "boolean",
  integer: Number.isInteger,
  null: (value) => value === null,
  number: Number.isFinite,
  object: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  string: (value) => typeof value === "string",
};

/**
 * @param {unknown} value of JSON
 * @param {SchemaNode} node
 * @param {Record<string, SchemaNode>} definitions what `$ref` refers to
 * @returns {boolean}
 */
export function conforms(value, node, definitions) {
  const { $ref, anyOf, type, enum: choices } = node;
  const fits = (/** @type {SchemaNode} */ other) => conforms(value, other, definitions);
  if ($ref !== undefined && !fits(definitions[$ref.slice(DEFINITIONS.length)])) return false;
  if (anyOf && !anyOf.some(fits)) return false;
  if (type !== undefined && ![type].flat().some((name) => TYPES[name](value))) return false;
  if (choices && !choices.includes(value)) return false;
  if (typeof value === "number") return isWithin(value, node);
  if (Array.isArray(value)) return holdItems(value, node, definitions);
  if (typeof value !== "object" || value === null) return true;
  return holdFields(/** @type {Record<string, unknown>} */ (value), node, definitions);
}

/** @param {number} value @param {SchemaNode} node */
function isWithin(value, node) {
  return (
    value >= (node.minimum ?? -Infinity) &&
    value <= (node.maximum ?? Infinity) &&
    value > (node.exclusiveMinimum ?? -Infinity) &&
    value < (node.exclusiveMaximum ?? Infinity)
  );
}

/** @param {unknown[]} values @param {SchemaNode} node @param {Record<string, SchemaNode>} definitions */
function holdItems(values, { minItems = 0, maxItems = Infinity, items }, definitions) {
  const fewEnough = values.length >= minItems && values.length <= maxItems;
  return fewEnough && (!items || values.every((value) => conforms(value, items, definitions)));
}

/**
 * @param {Record<string, unknown>} fields
 * @param {SchemaNode} node
 * @param {Record<string, SchemaNode>} definitions
 */
function holdFields(fields, { properties = {}, required = [], additionalProperties }, definitions) {
  return (
    required.every((name) => Object.hasOwn(fields, name)) &&
    Object.entries(fields).every(([name, value]) =>
      Object.hasOwn(properties, name)
        ? conforms(value, properties[name], definitions)
        : additionalProperties !== false,
    )
  );
}
