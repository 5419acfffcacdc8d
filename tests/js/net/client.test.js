import assert from "node:assert/strict";
import { test } from "node:test";

import { delay_s, timeout_s } from "../../../src/nnvisu/static/js/net/client.js";

test("the reconnection delay doubles from 0.2 s to 5 s, with jitter over its second half", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 60].map((attempt) => delay_s(attempt, 1));
  assert.deepEqual(longest, [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5]);
  for (const attempt of [0, 3, 60]) {
    assert.equal(delay_s(attempt, 0), delay_s(attempt, 1) / 2);
  }
});

test("the reply timeout allows for the transfer of large messages over a slow link", () => {
  const [typical, largest] = [3_000, 1_100_000];
  const slow_s = (largest * 8) / 1e6;
  assert.ok(timeout_s(10, typical) < 10.2);
  assert.ok(timeout_s(10, largest) > 3 * slow_s);
});
