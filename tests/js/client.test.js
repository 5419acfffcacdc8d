import assert from "node:assert/strict";
import { test } from "node:test";

import { delay_s } from "../../src/nnvisu/static/js/client.js";

test("attempts are spread over half of a delay that doubles from 0.2 s to 5 s", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 60].map((attempt) => delay_s(attempt, 1));
  assert.deepEqual(longest, [0.2, 0.4, 0.8, 1.6, 3.2, 5, 5, 5]);
  for (const attempt of [0, 3, 60]) {
    assert.equal(delay_s(attempt, 0), delay_s(attempt, 1) / 2);
  }
});
