import assert from "node:assert/strict";
import { test } from "node:test";
import zlib from "node:zlib";

import { crc32, fromBase64, toBase64 } from "../../../src/nnvisu/static/js/base/binary.js";

test("the checksum is the CRC-32 of the text's two-byte units", () => {
  for (const json of ["", "a", "1", '{"x":"AAA="}', "é𝄞".repeat(999)]) {
    const checksum = zlib.crc32(Buffer.from(json, "utf16le"));
    assert.equal(crc32(json), checksum.toString(16).padStart(8, "0"));
  }
});

test("base64 keeps every bit of every number", () => {
  const numbers = Float32Array.of(0, -0, 1e-45, 3.4e38, Math.PI, -1 / 3);
  const back = new Float32Array(fromBase64(toBase64(numbers)).buffer);
  assert.deepEqual(new Uint32Array(back.buffer), new Uint32Array(numbers.buffer));
  const many = Uint8Array.from({ length: 100_000 }, (_, index) => index);
  assert.deepEqual(fromBase64(toBase64(many)), many);
});
