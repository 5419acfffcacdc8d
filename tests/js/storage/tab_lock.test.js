import assert from "node:assert/strict";
import { test } from "node:test";

import { leaseByAsking } from "../../../src/nnvisu/static/js/storage/tab_lock.js";

// A lease lasts as long as its page; in the test it must not keep the process alive.
globalThis.BroadcastChannel = class extends BroadcastChannel {
  /** @param {string} name */
  constructor(name) {
    super(name);
    /** @type {any} */ (this).unref();
  }
};

/** Each test uses its own name: a lease lasts as long as the process. */
let names = 0;
const fresh = () => `experiment ${(names += 1)}`;
const never = () => assert.fail("a lease was lost");

/** @param {number} ms */
const after = (ms) =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

test("the first to ask gets the lease, the second does not", async () => {
  const name = fresh();
  assert.equal(await leaseByAsking(name, never), true);
  assert.equal(await leaseByAsking(name, never), false);
  assert.equal(await leaseByAsking(fresh(), never), true);
});

for (const apart_ms of [0, 10, 50, 120, 250]) {
  test(`of two that ask ${apart_ms} ms apart exactly one gets it`, async () => {
    const round = async () => {
      const name = fresh();
      const first = leaseByAsking(name, never);
      if (apart_ms > 0) await after(apart_ms);
      const both = await Promise.all([first, leaseByAsking(name, never)]);
      assert.deepEqual(both.sort(), [false, true]);
    };
    await Promise.all(Array.from({ length: 6 }, round));
  });
}

test("a holder that answered too late gets its lease back", async () => {
  const name = fresh();
  const channel = new BroadcastChannel("nnvisu/leases");
  /** @type {number} */
  let asked = 0;
  channel.onmessage = ({ data }) => {
    asked = data.ticket;
  };
  let lost = 0;
  assert.equal(await leaseByAsking(name, () => (lost += 1)), true);
  channel.postMessage({ kind: "held", name, ticket: asked });
  await after(20);
  channel.close();
  assert.equal(lost, 1);
});
