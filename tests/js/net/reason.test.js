import assert from "node:assert/strict";
import { test } from "node:test";

import { asksReason, reasonFor } from "../../../src/nnvisu/static/js/net/reason.js";

/**
 * @param {number} status
 * @param {Record<string, string>} headers
 * @param {string} text
 */
const answer = (status, headers, text) => new Response(text, { status, headers });

test("the server's own sentence is shown", async () => {
  const own = answer(426, { "nnvisu-reason": "upgrade" }, "A proxy must pass on Upgrade.\n");
  assert.equal(await reasonFor(own), "A proxy must pass on Upgrade.");
});

test("what another program answers is not shown", async () => {
  const html = "<script>alert(1)</script>";
  assert.match(await reasonFor(answer(404, {}, html)), /status 404/);
  assert.match(await reasonFor(answer(401, {}, html)), /sign in/);
  assert.doesNotMatch(await reasonFor(answer(200, {}, html)), /script/);
});

test("a proxy whose server is down is no reason of its own", async () => {
  for (const status of [502, 503, 504]) assert.equal(await reasonFor(answer(status, {}, "")), "");
});

test("the page asks after the second failure, and then about once a minute", () => {
  const asked = Array.from({ length: 60 }, (_, index) => index + 1).filter(asksReason);
  assert.deepEqual(asked, [2, 6, 18, 30, 42, 54]);
});
