// Pages without a screen: the page's own store, client and trainer, many in one process, for tests
// of what becomes of them when a server goes. Python starts it (tests/support/pages.py).
//
//     node tests/js/support/pages.js '{"url": "ws://...", "count": 500, "config": {...}, "points": {...}}'
//
// They train from the start. Whenever a page begins to connect, is connected, waits, or sees the
// first frame on a connection, that is a line {page, at_s, state, epoch} on standard output. A line
// on standard input, whatever it says, makes them all hurry. When it ends, each page says where it
// is, {page, problem, epoch, parameters, slots}, and all is over.

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
    config: { ...defaultConfig(schema), ...config, seed: page },
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
  // What was told is written before the process ends.
  process.stdout.write("", () => process.exit());
});
