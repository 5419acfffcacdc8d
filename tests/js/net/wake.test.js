import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { setImmediate } from "node:timers/promises";

import { encode } from "@msgpack/msgpack";

import { createClient } from "../../../src/nnvisu/static/js/net/client.js";
import { schema } from "../support/schema.js";

/** A connection that the test answers by hand. */
class Quiet {
  static OPEN = 1;
  readyState = 1;
  /** @type {((event: { data: Uint8Array }) => void) | null} */
  onmessage = null;
  send() {}
  close() {}
  /** @param {object} reply */
  answer(reply) {
    this.onmessage?.({ data: encode(reply) });
  }
}

const ERROR = { type: "error", message: "No.", id: 99 };

/**
 * Runs a client that acknowledges every reply, as the trainer does.
 * @param {(client: import("../../../src/nnvisu/static/js/net/client.js").Client, socket: Quiet) => void} act
 * @returns {Promise<number>} how many seconds it takes to give up the connection; Infinity above 20
 */
async function secondsUntilLost(act) {
  mock.timers.enable({ apis: ["setTimeout"] });
  const Real = globalThis.WebSocket;
  /** @type {Quiet[]} */
  const sockets = [];
  Object.assign(globalThis, {
    WebSocket: class extends Quiet {
      constructor() {
        super();
        sockets.push(this);
      }
    },
  });
  try {
    let kind = "";
    const client = createClient({
      ...{ url: "ws://a.example/ws", question: "http://a.example/ws", schema },
      onState: (state) => {
        kind = state.kind;
      },
      onReply: () => client.send({ type: "ack", id: 1, step: 1 }, { answered: true }),
      probe: (id) => ({
        ...{ type: "generate", id, distribution: "moons" },
        ...{ samples: 1, classes: 2, noise: 0, seed: 0 },
      }),
    });
    client.open();
    sockets[0].answer({ type: "engine", version: "1", progress: 1 });
    act(client, sockets[0]);
    for (let tenths = 0; tenths <= 200; tenths += 1) {
      if (kind === "waiting") return tenths / 10;
      mock.timers.tick(100);
      await setImmediate();
    }
    return Infinity;
  } finally {
    mock.timers.reset();
    Object.assign(globalThis, { WebSocket: Real });
  }
}

test("after waking up, a dead connection is given up soon", async () => {
  assert.ok((await secondsUntilLost((client) => client.hurry())) < 1.5);
});

test("a message that was on its way before the connection died does not delay that", async () => {
  const seconds = await secondsUntilLost((client, socket) => {
    client.hurry();
    socket.answer(ERROR);
  });
  assert.ok(seconds < 1.5, `${seconds} s`);
});

test("the reply to the probe ends the doubt", async () => {
  const seconds = await secondsUntilLost((client, socket) => {
    client.hurry();
    socket.answer({ ...ERROR, id: client.id() - 1 });
  });
  assert.equal(seconds, Infinity);
});
