import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode as unpack, encode as pack } from "@msgpack/msgpack";

import { fromBase64 } from "../../../src/nnvisu/static/js/base/binary.js";
import { decode, encode } from "../../../src/nnvisu/static/js/net/protocol.js";
import { schema } from "../support/schema.js";

/** @type {{ name: string, type: string, json: any, msgpack_base64: string }[]} */
const messages = JSON.parse(
  readFileSync(new URL("../../fixtures/messages.json", import.meta.url), "utf8"),
);
const REPLIES = new Set(["engine", "frame", "initialised", "generated", "inspected", "error"]);
const FLOATS = new Set(["parameters", "slots", "x", "y", "value"]);

/** JSON's base64 becomes typed arrays, as the page has them. @param {any} value @returns {any} */
function typed(value) {
  if (Array.isArray(value)) return value.map(typed);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, field]) => {
      if (typeof field !== "string") return [name, typed(field)];
      if (FLOATS.has(name)) return [name, new Float32Array(fromBase64(field).buffer)];
      if (name === "confusion" || name === "gradients") {
        return [name, new Uint16Array(fromBase64(field).buffer)];
      }
      return [name, name === "label" ? fromBase64(field) : field];
    }),
  );
}

/** Whether `found` has everything that `wanted` has. @param {any} found @param {any} wanted */
function holds(found, wanted) {
  for (const [name, value] of Object.entries(wanted)) {
    const plain = value !== null && typeof value === "object" && !ArrayBuffer.isView(value);
    if (plain && !Array.isArray(value)) holds(found[name], value);
    else assert.deepEqual(found[name], value, name);
  }
}

for (const { name, type, json, msgpack_base64 } of messages) {
  const bytes = fromBase64(msgpack_base64);
  if (REPLIES.has(type)) {
    test(`the golden bytes of “${name}” are decoded`, () => {
      const reply = decode(bytes, schema);
      assert.equal(reply.type, type);
      holds(reply, typed(json));
    });
  } else {
    test(`“${name}” is encoded to the golden bytes`, () => {
      const request =
        /** @type {import("../../../src/nnvisu/static/js/net/protocol.js").Request} */ (
          typed(json)
        );
      assert.deepEqual(unpack(encode(request)), unpack(bytes));
    });
  }
}

test("omitted fields of a reply get their defaults", () => {
  const frame = /** @type {any} */ (messages.find(({ type }) => type === "frame"));
  const reply = /** @type {any} */ (decode(fromBase64(frame.msgpack_base64), schema));
  const bare = unpack(fromBase64(frame.msgpack_base64));
  delete (/** @type {any} */ (bare).checkpoint.network.activation);
  delete (/** @type {any} */ (bare).ended);
  /** @type {any} */ (bare).checkpoint.optimiser = { name: "sgd" };
  const completed = /** @type {any} */ (decode(pack(bare), schema));
  assert.equal(completed.checkpoint.network.activation, "tanh");
  assert.equal(completed.ended, null);
  assert.deepEqual(completed.checkpoint.optimiser, {
    name: "sgd",
    slots: new Float32Array(0),
    steps: 0,
  });
  assert.deepEqual(completed.checkpoint.parameters, reply.checkpoint.parameters);
});

test("arrays own their memory, so that a message's buffer can be freed", () => {
  const frame = /** @type {any} */ (messages.find(({ type }) => type === "frame"));
  const bytes = fromBase64(frame.msgpack_base64);
  const reply = /** @type {any} */ (decode(bytes, schema));
  const before = reply.checkpoint.parameters.slice();
  bytes.fill(0);
  assert.deepEqual(reply.checkpoint.parameters, before);
});
