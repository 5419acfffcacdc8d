import assert from "node:assert/strict";
import { test } from "node:test";

import {
  isUnfinished,
  parseHiddenLayers,
  parseNumber,
} from "../../../src/nnvisu/static/js/settings/parse.js";

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

test("what could be thousands is refused, with what to write", () => {
  for (const text of ["1,000", "10,000", "1.000", "1 000", "1'000", "1.000.000"]) {
    const digits = text.replace(/\D/g, "");
    assert.deepEqual(batch(text).problem, `Batch size: write ${digits} without a separator.`, text);
  }
  assert.equal(
    rate("1,125").problem,
    "Learning rate: write 1125 without a separator, or 1.125 with a decimal point.",
  );
  // As the page itself writes it; and no thousands begin with 0.
  assert.deepEqual(rate("1.125"), { value: 1.125 });
  assert.deepEqual(rate("0,125"), { value: 0.125 });
  for (const text of ["1.", "1,0", "2.5", "10,"]) {
    assert.match(String(batch(text).problem), /point or comma/);
  }
});

test("a number that is not typed to its end is known", () => {
  for (const text of ["1.", "1,", "1e", "1e-", "-", "0.5e"]) assert.ok(isUnfinished(text), text);
  for (const text of ["1", "1.5", "1e-3", "", "full", "x"]) assert.ok(!isUnfinished(text), text);
});

test("a refusal names no bound that is only a limit of the machine", () => {
  const epochs = { integer: true, nullable: true, minimum: 1, maximum: Number.MAX_SAFE_INTEGER };
  const { problem } = parseNumber("1e300", epochs, { label: "Stop at epoch", empty: "none" });
  assert.equal(problem, "Stop at epoch must be a whole number from 1, or none.");
});

test("the word for null is accepted where null is allowed", () => {
  assert.deepEqual(batch("full"), { value: null });
  assert.deepEqual(batch(" Full "), { value: null });
  assert.deepEqual(batch(""), { value: null });
  const problem = "Batch size must be a whole number from 1 to 1000, or full.";
  for (const text of ["0", "1001", "1e-1", "all"]) assert.deepEqual(batch(text), { problem }, text);
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
