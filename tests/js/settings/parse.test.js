import assert from "node:assert/strict";
import { test } from "node:test";

import { parseHiddenLayers, parseNumber } from "../../../src/nnvisu/static/js/settings/parse.js";

const RATE = { integer: false, nullable: false, above: 0, maximum: 100 };
const BATCH = { integer: true, nullable: true, minimum: 1, maximum: 1000 };
const LAYERS = { maxItems: 10, minimum: 1, maximum: 100 };

const rate = (/** @type {string} */ text) => parseNumber(text, RATE, { label: "Learning rate" });
const batch = (/** @type {string} */ text) =>
  parseNumber(text, BATCH, { label: "Batch size", empty: "full" });

test("a number may have a decimal point, a decimal comma or an exponent", () => {
  for (const text of ["0.05", "0,05", " .05 ", "5e-2", "+0.05", "50E-3"]) {
    assert.deepEqual(rate(text), { value: 0.05 }, text);
  }
});

test("an invalid or out-of-bounds number is refused with the allowed range", () => {
  const problem = "Learning rate must be a number above 0 and at most 100.";
  for (const text of ["", "abc", "-1", "0", "100.1", "1.2.3", "0x10", "Infinity", "1 2", "full"]) {
    assert.deepEqual(rate(text), { problem }, text);
  }
});

test("inclusive bounds are allowed", () => {
  assert.deepEqual(rate("100"), { value: 100 });
  assert.deepEqual(batch("1"), { value: 1 });
});

test("the word for null is accepted where null is allowed", () => {
  assert.deepEqual(batch("full"), { value: null });
  assert.deepEqual(batch(" Full "), { value: null });
  assert.deepEqual(batch(""), { value: null });
  const problem = "Batch size must be a whole number from 1 to 1000, or full.";
  for (const text of ["0", "1001", "2.5", "all"]) assert.deepEqual(batch(text), { problem }, text);
});

test("hidden layers are numbers with any usual separator", () => {
  for (const text of ["10-5", "10 - 5", "10,5", "10 5", " 10–5 "]) {
    assert.deepEqual(parseHiddenLayers(text, LAYERS), { value: [10, 5] }, text);
  }
  assert.deepEqual(parseHiddenLayers("  ", LAYERS), { value: [] });
  assert.deepEqual(parseHiddenLayers("100", LAYERS), { value: [100] });
  const ten = Array.from({ length: 10 }, () => 1);
  assert.deepEqual(parseHiddenLayers(ten.join("-"), LAYERS), { value: ten });
});

test("invalid hidden layers are refused with the invalid part", () => {
  /** @type {[string, RegExp][]} */
  const cases = [
    ["10-abc", /“abc” is not a whole number/],
    ["101", /can't have 101 neurons/],
    ["0", /can't have 0 neurons/],
    ["10-", /number is missing/],
    ["2.5", /“2.5” is not a whole number/],
    ["1-1-1-1-1-1-1-1-1-1-1", /11 layers are too many/],
  ];
  for (const [text, wrong] of cases) {
    const { value, problem } = parseHiddenLayers(text, LAYERS);
    assert.equal(value, undefined, text);
    assert.match(String(problem), wrong);
    assert.match(String(problem), /up to 10 layers of 1 to 100 neurons/);
  }
});
