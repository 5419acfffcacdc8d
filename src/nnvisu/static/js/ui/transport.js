// The transport bar (Train, Step, Reset model, Speed), the figures, and the History slider.

import { placeOf } from "../state/history.js";
import { isRegression } from "../model/layout.js";
import { accuracyText, lossText, r2Text } from "../model/metrics.js";
import { PACES, SETTINGS } from "../settings/settings.js";
import { Select } from "./fields.js";
import { html } from "./html.js";
import { Text } from "./text.js";

/** @typedef {import("../main.js").Model} Model */
/** @typedef {import("../state/store.js").Store} Store */

/** @param {{ model: Model }} props */
export function Transport({ model }) {
  const { store, trainer, commands } = model;
  const training = store.training.value;
  return html`<div class="transport">
    <button class="primary" onClick=${trainer.toggle}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d=${training ? "M2 1h3v10h-3zM7 1h3v10h-3z" : "M2.5 1l8 5-8 5z"} />
      </svg>
      <${Text} text=${training ? "Pause" : "Train"} />
    </button>
    <button data-help="Train one epoch" onClick=${trainer.step}>Step</button>
    ${
      hasBatches(store) &&
      html`<button
        aria-label="Single update"
        data-help="Train one batch: a single update of the weights"
        onClick=${trainer.singleUpdate}
      >
        Update
      </button>`
    }
    <button
      data-help="New random weights, from another seed unless it is kept"
      onClick=${commands.resetModel}
    >
      Reset model
    </button>
    <${Select}
      label=${SETTINGS.pace.label}
      value=${String(store.config.value.pace)}
      options=${PACES.map((pace) => ({ value: String(pace), label: paceLabel(pace) }))}
      choose=${(/** @type {string} */ value) =>
        commands.set({ pace: value === "null" ? null : Number(value) })}
    />
  </div>`;
}

/** @param {Store} store @returns {boolean} whether an epoch has more than one update */
function hasBatches({ config, points }) {
  const { batch_size } = config.value;
  const { test } = points.value;
  return batch_size !== null && batch_size < test.reduce((sum, one) => sum + 1 - one, 0);
}

/** @param {number | null} pace */
function paceLabel(pace) {
  if (pace === null) return "full speed";
  return pace === 1 ? "1 epoch/s" : `${pace} epochs/s`;
}

/** @type {Readonly<Record<string, string>>} */
const HELP = {
  epoch: "How often the network has passed over all training points.",
  loss: "How wrong it is on the points it learns from; training makes this small.",
  accuracy: "The share of these points whose class it predicts right.",
  "R²": "How much of these values' variation it explains: 1 is all of it.",
  test: "The same on the test points, which it does not learn from.",
};

/** @param {{ store: Store }} props */
export function Figures({ store }) {
  const moment = store.shown.value;
  const { training = null, test = null } = moment ?? {};
  const regression = isRegression(moment?.checkpoint.network ?? store.wanted.value);
  const [share, label, show] = regression
    ? ["R²", "R²", r2Text]
    : ["accuracy", "acc.", accuracyText];
  return html`<div class=${test ? "figures many" : "figures"}>
    <${Figure}
      name="Epoch"
      help=${HELP.epoch}
      text=${moment ? String(moment.checkpoint.epoch) : "–"}
    />
    <${Figure} name="Training loss" help=${HELP.loss} text=${lossText(training)} />
    ${test && html`<${Figure} name="Test loss" help=${HELP.test} text=${lossText(test)} />`}
    <${Figure}
      name=${`Training ${share}`}
      label=${`Training ${label}`}
      help=${HELP[share]}
      text=${show(training)}
    />
    ${
      test &&
      html`<${Figure}
        name=${`Test ${share}`}
        label=${`Test ${label}`}
        help=${HELP.test}
        text=${show(test)}
      />`
    }
  </div>`;
}

/** @param {{ name: string, label?: string, help: string, text: string }} props */
function Figure({ name, label = name, help, text }) {
  return html`<div class="figure-box" data-help=${`${name}. ${help}`}>
    <span class="label" aria-hidden="true"><${Text} text=${label} /></span>
    <output aria-label=${name} aria-description=${help} aria-live="off" translate=${false}
      >${text}</output
    >
  </div>`;
}

/** @param {{ store: Store }} props */
export function History({ store }) {
  const { moments } = store.history.value;
  const newest = Math.max(0, moments.length - 1);
  const { scrubbed } = store;
  const held = scrubbed.value ? placeOf(moments, scrubbed.value) : newest;
  const epoch = store.shown.value?.checkpoint.epoch ?? 0;
  return html`<label
    class="history"
    data-help="The network as it was: drag back to see earlier epochs, to the end to see it now"
  >
    <span class="label">History</span>
    <input
      type="range"
      aria-label="History"
      aria-valuetext=${`epoch ${epoch}`}
      min="0"
      max=${newest}
      disabled=${newest === 0}
      value=${held}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
        scrub(store, currentTarget.valueAsNumber)}
    />
    <span class="figure"><${Text} text=${`epoch ${epoch}`} /></span>
  </label>`;
}

/**
 * Shows a recorded moment; the last index stands for the newest state.
 * @param {Store} store
 * @param {number} index
 */
export function scrub({ history, scrubbed }, index) {
  const { moments } = history.value;
  scrubbed.value = index < moments.length - 1 ? (moments[Math.max(0, index)] ?? null) : null;
}
