// Puts the page together: the store, what is stored, the server, and what people see.

import { effect } from "@preact/signals";
import { h, render } from "preact";

import { createClient } from "./client.js";
import { createEditor } from "./editor.js";
import { loadExamples } from "./examples.js";
import { experimentOf } from "./experiment.js";
import { claim, createExperiments } from "./experiments.js";
import { createPast } from "./past.js";
import { restore } from "./restore.js";
import { save } from "./save.js";
import { Schema } from "./schema.js";
import { defaultConfig, FIRST_DISTRIBUTION, PAGE_DEFINITIONS } from "./settings.js";
import { createStorage } from "./storage.js";
import { createStore } from "./store.js";
import { createTrainer } from "./trainer.js";
import { begin } from "./undo.js";
import { onWake } from "./wake.js";
import { App } from "./ui/app.js";
import { listenToKeys } from "./ui/keys.js";
import { followTheme } from "./ui/theme.js";

/** Set once there is something to give up. @type {() => void} */
let giveUp = () => location.reload();

const [schema, examples, { name, notice }] = await Promise.all([
  Schema.load("schema.json", PAGE_DEFINITIONS),
  loadExamples("examples.json"),
  claim(localStorage, sessionStorage, () => giveUp()),
]);

const store = createStore({ name, config: defaultConfig(schema) });
const storage = createStorage(localStorage, name);
if (notice) store.notices.value = [notice];
const past = createPast(storage);
const { found } = restore(store, storage, past, schema);
/** @param {import("./settings.js").Problem} problem */
const first = (problem) => examples[FIRST_DISTRIBUTION[problem]];
if (!found) store.timeline.value = begin(first(store.config.value.problem));

const client = createClient({
  url: Object.assign(new URL("ws", location.href), {
    protocol: location.protocol === "https:" ? "wss:" : "ws:",
  }).href,
  schema,
  onState(state) {
    if (state.kind !== "open") trainer.lost();
    store.connection.value = state;
  },
  onReply: (reply) => trainer.receive(reply),
  probe: (id) => ({
    ...{ type: "generate", id, distribution: FIRST_DISTRIBUTION.classification },
    ...{ samples: 1, classes: 2, noise: 0, seed: 0 },
  }),
});
const trainer = createTrainer(store, client);
const editor = createEditor(store, client, {
  maxSamples: schema.bounds("Generate", "samples").maximum ?? Infinity,
  newSeed: () => crypto.getRandomValues(new Uint32Array(1))[0],
  first,
});

const saver = save(store, storage, past);
giveUp = () => {
  saver.abandon();
  location.reload();
};
const experiments = createExperiments({
  local: localStorage,
  session: sessionStorage,
  name,
  saver,
});
effect(() => followTheme(store.view.value.theme));
trainer.start();
client.open();

onWake(client.hurry.bind(client));
addEventListener("pagehide", saver.flush);
addEventListener("pageshow", ({ persisted }) => {
  // Another tab may have taken the experiment over while this page was put away.
  if (persisted) location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) saver.flush();
});

/** @typedef {{
 *   store: import("./store.js").Store, schema: Schema,
 *   trainer: import("./trainer.js").Trainer, editor: import("./editor.js").Editor,
 *   examples: Record<string, import("./points.js").Points>,
 *   experiments: ReturnType<typeof createExperiments>
 * }} Model What every part of the page gets. */
/** @type {Model} */
const model = { store, schema, trainer, editor, examples, experiments };
listenToKeys(model);

/** For tests and for the curious. */
Object.defineProperty(window, "nnvisu", {
  value: Object.freeze({ experiment: () => experimentOf(store) }),
});

render(h(App, { model }), /** @type {HTMLElement} */ (document.getElementById("app")));
