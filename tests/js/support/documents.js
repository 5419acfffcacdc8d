// The page's side of the Document, compared with Python's (tests/support/document_page.py).
//
//     node tests/js/support/documents.js
//
// A line of standard input is {"text"}, a document: the reply is a line {"text"}, the document as the
// page writes it, or {"refused"}, the sentence. The reply to {"same": [text, text]} is {"same"}:
// whether both are equal in memory, bit for bit.

import assert from "node:assert/strict";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";

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
import { schema } from "./schema.js";

/** @param {string} text @returns {{ text: string } | { refused: string }} */
function rewritten(text) {
  try {
    const document = decodeDocument(text, schema);
    readInParts(document);
    return { text: encodeDocument(document) };
  } catch (failure) {
    if (!(failure instanceof DocumentError)) throw failure;
    return { refused: failure.message };
  }
}

/**
 * Checks that the parts of a valid document are valid, and equal to the whole.
 * @param {import("../../../src/nnvisu/static/js/storage/document.js").Document} document
 */
function readInParts({ settings, data, runs }) {
  /** @param {object} plain */
  const copy = (plain) => JSON.parse(JSON.stringify(plain));
  assert.deepEqual(decodePart("ExperimentSettings", copy(settings), schema), settings);
  assert.deepEqual(decodePart("ExperimentData", copy(encodeData(data)), schema), data);
  for (const run of runs) {
    assert.deepEqual(decodePart("Run", copy(encodeRun(run)), schema), run);
    for (const moment of run.line) {
      assert.deepEqual(decodePart("Moment", copy(encodeMoment(moment)), schema), moment);
    }
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { text, same } = JSON.parse(line);
  const answer = same
    ? {
        same: isDeepStrictEqual(
          .../** @type {[unknown, unknown]} */ (
            same.map((/** @type {string} */ each) => decodeDocument(each, schema))
          ),
        ),
      }
    : rewritten(text);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
