// Headless pages: many instances of the page's store, client and trainer in one process, to test
// their behaviour when a server goes away. Python starts it (tests/support/pages.py).
//
//     node tests/js/support/pages.js '{"url": "ws://...", "count": 500, "config": {...}, "points": {...}}'
//
// They train from the start. When a page starts to connect, is connected, waits, or receives the first
// frame on a connection, it writes a line {page, at_s, state, epoch} to standard output. Any line on
// standard input makes all pages reconnect at once. At the end of standard input, each page writes its
// result, {page, problem, epoch, parameters, slots}, and the process exits.

import { createInterface } from "node:readline";

import { fromBase64, float32sOf, toBase64 } from "../../../src/nnvisu/static/js/base/binary.js";
import { createClient } from "../../../src/nnvisu/static/js/net/client.js";
import {
  defaultConfig,
  FIRST_DISTRIBUTION,
} from "../../../src/nnvisu/static/js/settings/settings.js";
import { createStore } from "../../../src/nnvisu/static/js/state/store.js";
import { createTrainer } from "../../../src/nnvisu/static/js/state/trainer.js";
import { schema } from "./schema.js";

/**
 * @type {{
 *   url: string, count: number, config: Partial<import("../../../src/nnvisu/static/js/settings/settings.js").Config>,
 *   points: { x: string, y: string, label: string }
 * }} `points` in base64
 */
const { url, count, config, points } = JSON.parse(process.argv[2]);
const data = {
  x: float32sOf(fromBase64(points.x)),
  y: float32sOf(fromBase64(points.y)),
  label: fromBase64(points.label),
  value: new Float32Array(0),
};

/** @param {object} line */
function tell(line) {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

/** @param {number} page its number, which is its seed too */
function createPage(page) {
  const store = createStore({
    name: `page ${page}`,
    config: { ...defaultConfig(schema), test_share: 0, ...config, seed: page },
  });
  store.drawn.value = data;
  store.training.value = true;
  let newest = "";

  /** @param {string} state */
  function become(state) {
    const epoch = store.live.value?.checkpoint.epoch ?? 0;
    if (state !== newest) tell({ page, at_s: Date.now() / 1000, state, epoch });
    newest = state;
  }

  const client = createClient({
    url,
    question: url.replace("ws", "http"),
    schema,
    onState(state) {
      if (state.kind !== "open") trainer.lost();
      become(state.kind);
      store.connection.value = state;
    },
    onReply(reply) {
      trainer.receive(reply);
      if (reply.type === "frame") become("frame");
    },
    probe: (id) => ({
      ...{ type: "generate", id, distribution: FIRST_DISTRIBUTION.classification },
      ...{ samples: 1, classes: 2, noise: 0, seed: 0 },
    }),
  });
  const trainer = createTrainer(store, client);
  trainer.start();
  client.open();

  function report() {
    const checkpoint = store.live.value?.checkpoint;
    tell({
      ...{ page, problem: store.errors.transport.value, epoch: checkpoint?.epoch ?? 0 },
      parameters: toBase64(checkpoint?.parameters ?? new Float32Array(0)),
      slots: toBase64(checkpoint?.optimiser.slots ?? new Float32Array(0)),
    });
  }

  return { hurry: client.hurry, report };
}

const pages = Array.from({ length: count }, (_, page) => createPage(page));

const commands = createInterface(process.stdin);
commands.on("line", () => {
  for (const { hurry } of pages) hurry();
});
commands.on("close", () => {
  for (const { report } of pages) report();
  // The output is flushed before the process exits.
  process.stdout.write("", () => process.exit());
});
