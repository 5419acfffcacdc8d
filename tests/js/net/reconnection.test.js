import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { createClient } from "../../../src/nnvisu/static/js/net/client.js";
import { schema } from "../support/schema.js";

/** @typedef {import("../../../src/nnvisu/static/js/state/store.js").Connection} Connection */

const SENTENCE = "A proxy must pass on Upgrade.";

/**
 * Runs a client whose attempts all fail.
 * @param {{ attempts: number, code?: number, told?: string }} run
 * @returns {Promise<{ states: Connection[], questions: number }>}
 */
async function failing({ attempts, code = 1006, told = "" }) {
  let questions = 0;
  let opened = 0;
  /** @type {Connection[]} */
  const states = [];
  mock.timers.enable({ apis: ["setTimeout"] });
  mock.method(globalThis, "fetch", async () => {
    questions += 1;
    return new Response(SENTENCE, { status: 426, headers: { "nnvisu-reason": "upgrade" } });
  });
  const Real = globalThis.WebSocket;
  class Failing extends EventTarget {
    /** @type {((event: { code: number, reason: string }) => void) | null} */
    onclose = null;
    constructor() {
      super();
      opened += 1;
      queueMicrotask(() => this.onclose?.({ code, reason: told }));
    }
    close() {}
  }
  Object.assign(globalThis, { WebSocket: Failing });
  try {
    const client = createClient({
      ...{ url: "ws://a.example/ws", question: "http://a.example/ws", schema },
      onState: (state) => states.push(state),
      onReply: () => assert.fail(),
      probe: () => assert.fail(),
    });
    client.open();
    const isDone = () => opened >= attempts;
    while (!isDone()) {
      await setImmediate();
      mock.timers.tick(1000);
    }
    // The last attempt fails, too, and its timer is the mock's.
    await setImmediate();
  } finally {
    mock.timers.reset();
    mock.restoreAll();
    Object.assign(globalThis, { WebSocket: Real });
  }
  return { states, questions };
}

test("sixty failed attempts ask for the reason six times", async () => {
  assert.equal((await failing({ attempts: 60 })).questions, 6);
});

test("a reason is shown once an attempt after the answer has failed, too", async () => {
  const { states, questions } = await failing({ attempts: 5 });
  assert.equal(questions, 1);
  const third = states.filter(({ kind }) => kind === "connecting")[2];
  assert.equal(third.reason, "");
  assert.equal(states.at(-1)?.reason, SENTENCE);
});

test("a server that closes with a reason is not asked", async () => {
  const { states, questions } = await failing({ attempts: 20, code: 1013, told: "It is full." });
  assert.equal(questions, 0);
  assert.equal(states.at(-1)?.reason, "It is full.");
});
