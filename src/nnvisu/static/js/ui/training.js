// The "Training" region: the optimiser and what governs it.

import { html } from "./html.js";
import { changes, ChoiceSetting, ladder, NumberSetting } from "./settings.js";

/** @param {{ model: import("../main.js").Model }} props */
export function Training({ model }) {
  const { view } = model.store;
  const most = model.schema.bounds("Initialise", "seed").maximum ?? 1;
  return html`<section class="card training" aria-label="Training">
    <h2>Training</h2>
    <div class="fields">
      <${ChoiceSetting} model=${model} name="optimiser" />
      <${NumberSetting} model=${model} name="learning_rate" nudge=${ladder} />
      <${NumberSetting} model=${model} name="batch_size" empty="full" nudge=${batch} />
    </div>
    <details
      open=${view.value.advanced}
      onToggle=${(/** @type {{ currentTarget: HTMLDetailsElement }} */ { currentTarget }) => {
        if (currentTarget.open !== view.value.advanced) {
          view.value = { ...view.value, advanced: currentTarget.open };
        }
      }}
    >
      <summary><b>Advanced</b> L2, dropout, seed</summary>
      <div class="fields">
        <${NumberSetting} model=${model} name="l2" nudge=${ladder} />
        <${NumberSetting} model=${model} name="dropout" nudge=${tenth} />
        <${NumberSetting} model=${model} name="seed" nudge=${one} />
        <button
          class="quiet"
          title="Take another seed for the next Reset model"
          onClick=${() => changes(model)({ seed: Math.floor(Math.random() * Math.min(most, 1e6)) })}
        >
          Another seed
        </button>
      </div>
    </details>
  </section>`;
}

/** @param {number | null} value @param {1 | -1} direction */
function batch(value, direction) {
  return value === null ? 10 : value + direction;
}

/** @param {number} value @param {1 | -1} direction */
function tenth(value, direction) {
  return Math.round(10 * (value + 0.1 * direction)) / 10;
}

/** @param {number} value @param {1 | -1} direction */
function one(value, direction) {
  return value + direction;
}
