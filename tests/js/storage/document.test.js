// Parts of a Document, and its form in memory. That whole documents are read and refused as in
// Python is tested from Python (tests/unit/wire/test_document.py).

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import {
  encodeData,
  encodeDocument,
  encodeMoment,
  encodeRun,
} from "../../../src/nnvisu/static/js/storage/document.js";
import {
  decodeDocument,
  decodePart,
  DocumentError,
} from "../../../src/nnvisu/static/js/storage/document_reader.js";
import { schema } from "../support/schema.js";

const examples = JSON.parse(
  readFileSync(new URL("../../fixtures/documents.json", import.meta.url), "utf8"),
);
/** The document with everything in it, as plain values. */
const plain = () => structuredClone(examples.at(-1).read);
const document = () => decodeDocument(JSON.stringify(plain()), schema);

test("in memory arrays are typed, and points have both a label's and a value's", () => {
  const { data, runs } = document();
  assert.deepEqual(data.classification, {
    ...{ x: Float32Array.of(-1, 1), y: Float32Array.of(0, -0) },
    ...{ label: Uint8Array.of(0, 9), value: new Float32Array(0) },
    origin: { distribution: "moons", seed: 7 },
  });
  assert.deepEqual(data.regression?.label, new Uint8Array(0));
  assert.deepEqual(runs[0].line[0].training?.confusion, Uint16Array.of(1, 0, 1, 0));
  assert.equal(runs[0].line[0].checkpoint.parameters[3], 3.4028234663852886e38);
});

test("drawn points have no origin in memory and null in the document", () => {
  const drawn = { ...plain().data.classification, origin: null };
  const data = decodePart("ExperimentData", { classification: drawn }, schema);
  assert.ok(data.classification && !("origin" in data.classification));
  assert.deepEqual(encodeData(data), { classification: drawn, regression: null });
});

test("transient fields of a moment are not written", () => {
  const [moment] = document().runs[0].line;
  const layered = { ...moment, layers: [] };
  assert.deepEqual(encodeMoment(layered), plain().runs[0].line[0]);
});

test("a run is decoded without its moments, and a moment without its run", () => {
  const { line, ...own } = plain().runs[0];
  const run = decodePart("Run", own, schema);
  assert.deepEqual([run.line, run.newest], [[], null]);
  assert.deepEqual(encodeRun(run), { ...own, line: [], newest: null });
  assert.deepEqual(encodeMoment(decodePart("Moment", structuredClone(line[0]), schema)), line[0]);
  assert.deepEqual(decodePart("ExperimentSettings", plain().settings, schema), plain().settings);
});

/** @type {[Parameters<typeof decodePart>[0], any, string][]} */
const WRONG = [
  ["ExperimentSettings", { ...plain().settings, test_share: 0.95 }, "test_share"],
  ["ExperimentData", { classification: { x: "", y: "", label: "AA==" } }, "classification.x"],
  ["ExperimentData", { regression: { x: "AA==", y: "", value: "" } }, "regression.x"],
  ["ExperimentData", { regression: { x: "AAA", y: "", value: "" } }, "regression.x"],
  ["ExperimentData", { regression: { x: "", y: " ", value: "" } }, "regression.y"],
  ["Run", { ...plain().runs[0], name: "\ud800" }, "name"],
  ["Run", { ...plain().runs[0], line: plain().runs[0].line.reverse() }, "line[1].id"],
  ["Moment", { ...plain().runs[0].line[0], parent: 2 }, "parent"],
  ["Moment", null, "document"],
];

for (const [name, value, path] of WRONG) {
  test(`an invalid ${name} is refused at ${path}`, () => {
    assert.throws(
      () => decodePart(name, value, schema),
      (failure) => failure instanceof DocumentError && failure.path === path,
    );
  });
}

test("malformed documents are refused", () => {
  for (const text of ["", "{", "null", "[]", '"x"', "NaN", "7", '{"version": 1}']) {
    assert.throws(() => decodeDocument(text, schema), /^DocumentError: document: /, text);
  }
});

test("a document is written completely, and -0 as in JSON", () => {
  const { settings, ...rest } = document();
  const text = encodeDocument({ ...rest, settings: { ...settings, noise: -0 } });
  assert.deepEqual(JSON.parse(text), { ...plain(), settings: { ...plain().settings, noise: 0 } });
  const negative = text.replace('"noise":0', '"noise":-0');
  assert.ok(Object.is(decodeDocument(negative, schema).settings.noise, 0));
});
