// Starts the page: connects the store, Local Storage, the server and the user interface.

import { effect } from "@preact/signals";
import { h, render } from "preact";

import { createClient } from "./net/client.js";
import { createCommands } from "./state/commands.js";
import { loadExamples } from "./data/examples.js";
import { documentOf, experimentOf, isUntouched, RUN_IDS } from "./storage/experiment.js";
import { claim, createExperiments, leave, takeNotices } from "./storage/experiments.js";
import { createHistoryStore } from "./storage/history_store.js";
import { save } from "./storage/autosave.js";
import { Schema } from "./settings/schema.js";
import { defaultConfig, FIRST_DISTRIBUTION } from "./settings/settings.js";
import { applyPreferences, keepPreferences, readPreferences } from "./storage/preferences.js";
import { openStorages } from "./storage/browser_storage.js";
import { createStorage } from "./storage/local_storage.js";
import { createTrash } from "./storage/trash.js";
import { createStore } from "./state/store.js";
import { createTrainer } from "./state/trainer.js";
import { App } from "./ui/app.js";
import { listenToKeys } from "./ui/keyboard.js";
import { followPresent } from "./ui/present.js";
import { followTheme } from "./ui/theme.js";

const NOT_KEPT =
  "This browser blocks this site's data, so nothing is saved: what you make is gone when the page is closed. To keep it, allow site data for this address, or open the page in a tab of its own.";

const { local, session, kept } = openStorages(window);
/** Leaves the experiment to another tab; replaced once saving has begun. @type {() => void} */
let giveUp = () => location.reload();

/**
 * Lets index.html say what failed. WebKit reports no failure of what a module awaits at its top level; it
 * does report the promise that `then` makes.
 * @template T
 * @param {Promise<T>} promise
 */
function reported(promise) {
  promise.then(() => {});
  return promise;
}

const [schema, examples, { name, notice }] = await reported(
  Promise.all([
    Schema.load("schema.json"),
    loadExamples("examples.json"),
    claim(local, session, () => giveUp()),
  ]),
);

/** @param {import("./settings/settings.js").Task} task */
const first = (task) => examples[FIRST_DISTRIBUTION[task]];

/** @returns {import("./state/store.js").Store} what a first visit finds */
function firstVisit() {
  const visit = createStore({ name, config: defaultConfig(schema) });
  visit.drawn.value = first(visit.config.value.task);
  applyPreferences(visit, preferences);
  return visit;
}

const preferences = readPreferences(local);
const store = firstVisit();
const storage = createStorage(local, name);
store.notices.value = [
  ...takeNotices(session),
  ...(notice ? [notice] : []),
  ...(kept ? [] : [NOT_KEPT]),
];
const histories = {
  classification: createHistoryStore(storage, RUN_IDS.classification),
  regression: createHistoryStore(storage, RUN_IDS.regression),
};
if (storage.keys().length > 0) {
  const { restore } = await reported(import("./storage/restore.js"));
  restore(store, storage, histories, schema);
  applyPreferences(store, preferences);
}
keepPreferences(store, local);

const client = createClient({
  url: Object.assign(new URL("ws", location.href), {
    protocol: location.protocol === "https:" ? "wss:" : "ws:",
  }).href,
  question: `ws?origin=${encodeURIComponent(location.origin)}`,
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

/** @param {string} text */
function notify(text) {
  store.notices.value = [...store.notices.value, text];
}

const trash = createTrash(local);
const saver = save(store, storage, histories, trash);
let given = false;
giveUp = () => {
  given = true;
  try {
    saver.flush();
    leave(local, session, name);
  } finally {
    saver.abandon();
    location.reload();
  }
};
// Another tab that thought this one was gone has written to the experiment, or site data were cleared. That
// tab keeps what it has as a copy; this one writes its own again.
addEventListener("storage", ({ key }) => {
  if (!given && (key === null || key.startsWith(`nnvisu/${name}/`))) saver.rewrite();
});
const experiments = createExperiments({
  ...{ local, session, name, kept, saver, trash },
  isUntouched: () => isUntouched(store, firstVisit()),
  onNotice: notify,
});
const commands = createCommands({
  ...{ store, trainer, client, experiments },
  maxSamples: schema.bounds("Generate", "samples").maximum ?? Infinity,
  newSeed: () => crypto.getRandomValues(new Uint32Array(1))[0],
  first,
});

effect(() => followTheme(store.view.value.theme));
followPresent(store);
trainer.start();
client.open();

addEventListener("pagehide", saver.flush);
addEventListener("pageshow", ({ persisted }) => {
  // Another tab may have claimed the experiment while this page was in the back/forward cache.
  if (persisted) location.reload();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden) saver.flush();
});

/**
 * Passed to every component of the page.
 * @typedef {{
 *   store: import("./state/store.js").Store, schema: Schema,
 *   trainer: import("./state/trainer.js").Trainer, commands: import("./state/commands.js").Commands,
 *   examples: Record<string, import("./data/points.js").Points>,
 *   experiments: ReturnType<typeof createExperiments>
 * }} Model
 */
/** @type {Model} */
const model = { store, schema, trainer, commands, examples, experiments };
listenToKeys(model);

/** The experiment for tests and for the browser's console. */
Object.defineProperty(window, "nnvisu", {
  value: Object.freeze({
    experiment: () => experimentOf(store),
    document: () => documentOf(store),
  }),
});

const app = /** @type {HTMLElement} */ (document.getElementById("app"));
app.replaceChildren();
render(h(App, { model }), app);

// Loaded after the page can be used: only the region Inside needs the one, a page that slept the other.
setTimeout(() => {
  import("./net/wake_up.js").then(
    ({ onWake }) => onWake(client.hurry.bind(client)),
    () => {},
  );
  import("./state/inspector.js").then(
    ({ createInspector }) => createInspector(store, client).start(),
    () => notify("The statistics of the layers did not arrive. Reload the page to see them."),
  );
});
