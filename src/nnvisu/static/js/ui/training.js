// The region "Training": the optimiser, its settings and stop conditions.

import { whatPatienceLacks } from "../state/readiness.js";
import { Disclosure } from "./disclosure.js";
import { html } from "./html.js";
import { ChoiceSetting, ladder, NumberSetting, SwitchSetting } from "./setting_fields.js";

/** @param {{ model: import("../main.js").Model }} props */
export function Training({ model }) {
  const { view, config, points } = model.store;
  const { optimiser, schedule } = config.value;
  return html`<section class="card training" aria-label="Training">
    <h2>Training</h2>
    <div class="fields">
      <${ChoiceSetting} model=${model} name="optimiser" />
      <${NumberSetting} model=${model} name="learning_rate" nudge=${ladder} ladder />
      <${NumberSetting} model=${model} name="batch_size" empty="full" nudge=${batch} />
      <${NumberSetting} model=${model} name="l1" nudge=${ladder} />
      <${NumberSetting} model=${model} name="l2" nudge=${ladder} />
      ${optimiser === "momentum" && html`<${SwitchSetting} model=${model} name="nesterov" />`}
      ${
        optimiser === "adamw" &&
        html`<${NumberSetting} model=${model} name="weight_decay" nudge=${ladder} />`
      }
    </div>
    <${Disclosure}
      view=${view}
      name="advanced"
      summary=${html`<b>Advanced</b> schedule, dropout, clipping, stop conditions`}
    >
      <div class="fields">
        <${ChoiceSetting} model=${model} name="schedule" />
        ${
          schedule !== "constant" &&
          html`<${NumberSetting} model=${model} name="schedule_epochs" nudge=${by(10)} />`
        }
        ${
          schedule === "step" &&
          html`<${NumberSetting} model=${model} name="schedule_factor" nudge=${by(0.1)} />`
        }
        <${NumberSetting} model=${model} name="dropout" nudge=${by(0.1)} />
        <${NumberSetting} model=${model} name="clip_norm" empty="none" nudge=${norm} />
      </div>
      <div class="fields">
        <${NumberSetting} model=${model} name="stop_epoch" empty="none" nudge=${by(100)} />
        <${NumberSetting} model=${model} name="stop_loss" empty="none" nudge=${ladder} />
        <${NumberSetting} model=${model} name="stop_seconds" empty="none" nudge=${by(10)} />
        <${NumberSetting}
          model=${model}
          name="stop_patience"
          empty="none"
          nudge=${by(10)}
          refuse=${(/** @type {number | null} */ epochs) => whatPatienceLacks(epochs, points.value)}
        />
      </div>
    <//>
  </section>`;
}

/** @param {number | null} value @param {1 | -1} direction */
function batch(value, direction) {
  return value === null ? 10 : value + direction;
}

/** @param {number | null} value @param {1 | -1} direction */
function norm(value, direction) {
  return value === null ? 1 : ladder(value, direction);
}

/** @param {number} step with at most one decimal */
function by(step) {
  return (/** @type {number | null} */ value, /** @type {1 | -1} */ direction) =>
    Math.round(10 * ((value ?? 0) + step * direction)) / 10;
}
