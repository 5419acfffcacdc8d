import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Validator } from "@cfworker/json-schema";

import { findFault } from "../../../src/nnvisu/static/js/settings/validate.js";

const { $defs: definitions } = JSON.parse(
  readFileSync(new URL("../../fixtures/schema.json", import.meta.url), "utf-8"),
);
const UNDERSTOOD = new Set(
  [
    "$ref",
    "additionalProperties",
    "anyOf",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "items",
  ].concat(
    ["maxItems", "maxLength", "maximum", "minItems", "minLength", "minimum"],
    ["properties", "required", "type"],
  ),
);
/** @type {(...of: Parameters<typeof findFault>) => boolean} */
const conforms = (...of) => findFault(...of) === null;

/** Annotations, which validate nothing. */
const DESCRIBING = new Set(["contentEncoding", "default", "description", "title"]);

let state = 1;
/** @param {number} below @returns {number} the next number of a fixed pseudo-random sequence */
function draw(below) {
  state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
  return ((state ^ (state >>> 13)) >>> 0) % below;
}

/** @template T @param {readonly T[]} choices @returns {T} */
const pick = (choices) => choices[draw(choices.length)];

/** @param {any} node @returns {unknown} a value that mostly fits */
function valueOf(node) {
  if (draw(12) === 0) return pick([null, true, 0, -1, 0.5, 1e9, "", "x", [], [1, 2], {}, { x: 1 }]);
  if (node.$ref) return valueOf(definitions[node.$ref.replace("#/$defs/", "")]);
  if (node.anyOf) return valueOf(pick(node.anyOf));
  if (node.enum) return pick(node.enum);
  const type = Array.isArray(node.type) ? pick(node.type) : node.type;
  const { minimum = node.exclusiveMinimum ?? 0, maximum = minimum + 9 } = node;
  if (type === "integer") {
    return minimum + draw(3) * (draw(6) === 0 ? maximum : 1) - (draw(9) === 0 ? 1 : 0);
  }
  if (type === "number") {
    return pick([minimum, maximum, minimum + 0.5, (minimum + maximum) / 2, minimum - 1]);
  }
  if (type === "array") {
    return Array.from({ length: draw((node.maxItems ?? 3) + 2) }, () => valueOf(node.items ?? {}));
  }
  if (type === "object") {
    const fields = Object.entries(node.properties ?? {}).filter(() => draw(20) > 0);
    return Object.fromEntries(fields.map(([name, inner]) => [name, valueOf(inner)]));
  }
  return pick(
    /** @type {Record<string, unknown[]>} */ ({ boolean: [true, false], null: [null] })[type] ?? [
      "AAAA",
    ],
  );
}

/** @param {any} node @returns {string[]} the keywords in it */
function keywords(node) {
  const { properties = {}, anyOf = [], items = null } = node;
  const inner = [...Object.values(properties), ...anyOf, ...(items ? [items] : [])];
  return [...Object.keys(node), ...inner.flatMap(keywords)];
}

test("every keyword of the server's schema is supported", () => {
  const all = new Set(Object.values(definitions).flatMap(keywords));
  const unknown = [...all].filter((word) => !UNDERSTOOD.has(word) && !DESCRIBING.has(word));
  assert.deepEqual(unknown, []);
});

for (const [name, node] of Object.entries(definitions)) {
  test(`${name} is validated as by a general validator`, () => {
    const validator = new Validator({ ...node, $defs: definitions }, "2020-12");
    const verdicts = new Set();
    for (let round = 0; round < 300; round += 1) {
      const value = valueOf(node);
      const { valid } = validator.validate(value);
      assert.equal(conforms(value, node, definitions), valid, JSON.stringify(value));
      verdicts.add(valid);
    }
    assert.ok(verdicts.has(false));
  });
}

test("the length of a text counts characters, not UTF-16 units", () => {
  const node = /** @type {const} */ ({ type: "string", minLength: 1, maxLength: 2 });
  const verdicts = ["", "a", "ab", "abc", "\u{1f600}\u{1f600}", "\u{1f600}".repeat(3)].map(
    (text) => {
      assert.equal(conforms(text, node, {}), new Validator(node).validate(text).valid, text);
      return conforms(text, node, {});
    },
  );
  assert.deepEqual(verdicts, [false, true, true, false, true, false]);
});

test("an error is reported with its path and a sentence", () => {
  const inner = { type: "object", properties: { n: { type: "integer", minimum: 1 } } };
  const node = {
    type: "object",
    properties: {
      list: {
        type: "array",
        maxItems: 2,
        items: { anyOf: [{ $ref: "#/$defs/I" }, { type: "null" }] },
      },
      choice: { enum: ["a", "b"] },
    },
    required: ["list"],
    additionalProperties: false,
  };
  /** @type {[unknown, string, string][]} */
  const faults = [
    [7, "", "expected named fields, got 7"],
    [{}, "", "the field list is missing"],
    [{ list: [], x: 1 }, "", '"x" is not a field; expected list, choice'],
    [{ list: 1 }, "list", "expected a list, got 1"],
    [{ list: [null, null, null] }, "list", "expected at most 2 items, got 3"],
    [{ list: [null, { n: 0 }] }, "list[1].n", "expected at least 1, got 0"],
    [{ list: [{ n: 1.5 }] }, "list[0].n", "expected a whole number, got 1.5"],
    [{ list: [], choice: "c" }, "choice", 'expected one of a, b, got "c"'],
  ];
  for (const [value, path, problem] of faults) {
    assert.deepEqual(findFault(value, node, { I: inner }), { path, problem });
  }
  assert.equal(findFault({ list: [null, { n: 1 }], choice: "a" }, node, { I: inner }), null);
});
