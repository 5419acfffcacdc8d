// The region "Network": input features, diagram and the settings of the architecture.

import { parameterCount, sizes } from "../model/layout.js";
import { parseHiddenLayers } from "../settings/parse.js";
import { choices, SETTINGS } from "../settings/settings.js";
import { Diagram } from "./diagram.js";
import { Typed } from "./fields.js";
import { html } from "./html.js";
import { Text } from "./text.js";
import { ChoiceSetting, NumberSetting } from "./setting_fields.js";

/** @typedef {import("../main.js").Model} Model */

/** The width of the first hidden layer that a button adds. */
const FIRST_WIDTH = 4;
const KEEP = "Reset model starts from this seed again, not from another one";

/** @param {{ model: Model }} props */
export function Network({ model }) {
  const { store, schema } = model;
  const { definition, field, label, help } = SETTINGS.hidden_layers;
  const bounds = schema.list(definition, field);
  const network = store.shown.value?.checkpoint.network ?? store.wanted.value;
  const count = parameterCount(network);
  return html`<section class="card network" aria-label="Network">
    <header>
      <h2>Network</h2>
      <span class="hint" dir="ltr">
        <${Text} text=${`${inShort(sizes(network))} · ${count} parameters`} />
      </span>
    </header>
    <div class="above">
      <${Features} model=${model} />
      <${Layers} model=${model} />
    </div>
    <${Diagram} model=${model} />
    <div class="fields">
      <${ChoiceSetting}
        model=${model}
        name="task"
        change=${(/** @type {Partial<import("../settings/settings.js").Config>} */ { task }) =>
          task && model.commands.setTask(task)}
      />
      <${Typed}
        label=${label}
        help=${help}
        value=${store.config.value.hidden_layers}
        show=${(/** @type {number[]} */ layers) => layers.join("-")}
        parse=${(/** @type {string} */ text) => parseHiddenLayers(text, bounds)}
        commit=${(/** @type {number[]} */ hidden_layers) => model.commands.set({ hidden_layers })}
        patient
      />
      <${ChoiceSetting} model=${model} name="activation" />
      <${ChoiceSetting} model=${model} name="initialiser" />
      <${Seed} model=${model} />
    </div>
  </section>`;
}

/** The seed of Reset model; one that is typed is kept. @param {{ model: Model }} props */
function Seed({ model }) {
  const { view } = model.store;
  /** @param {boolean} keep_seed */
  const keep = (keep_seed) => {
    view.value = { ...view.value, keep_seed };
  };
  return html`<${NumberSetting}
      model=${model}
      name="seed"
      nudge=${(/** @type {number} */ value, /** @type {1 | -1} */ direction) => value + direction}
      change=${(/** @type {Partial<import("../settings/settings.js").Config>} */ seed) => {
        keep(true);
        model.commands.set(seed);
      }}
    />
    <label class="field-row switch" data-help=${KEEP}>
      <span class="label">Keep seed</span>
      <input
        type="checkbox"
        aria-label="Keep seed"
        aria-description=${KEEP}
        checked=${view.value.keep_seed}
        onChange=${() => keep(!view.value.keep_seed)}
      />
    </label>`;
}

/** The input features; at least one stays checked. @param {{ model: Model }} props */
function Features({ model }) {
  const { definition, field, label, help } = SETTINGS.features;
  const present = model.store.config.value.features;
  const all = choices(model.schema, definition, field);
  return html`<div class="features" role="group" aria-label=${label} data-help=${help}>
    ${all.map(({ value, label: name }) => {
      const checked = present.includes(value);
      return html`<label class="chip">
        <input
          type="checkbox"
          aria-label=${name}
          checked=${checked}
          disabled=${checked && present.length === 1}
          onChange=${() => {
            const wanted = all.map((choice) => choice.value);
            const features = wanted.filter((one) => present.includes(one) !== (one === value));
            model.commands.set({ features });
          }}
        />
        <span>${name}</span>
      </label>`;
    })}
  </div>`;
}

/** @param {number[]} units of all layers @returns {string} such as "2 – 100 × 3 – 2" */
export function inShort(units) {
  /** @type {{ width: number, count: number }[]} */
  const runs = [];
  for (const width of units.slice(1, -1)) {
    const last = runs.at(-1);
    if (last?.width === width) last.count += 1;
    else runs.push({ width, count: 1 });
  }
  const hidden = runs.map(({ width, count }) => (count > 1 ? `${width} × ${count}` : width));
  return [units[0], ...hidden, units.at(-1)].join(" – ");
}

/** Buttons for whole layers. @param {{ model: Model }} props */
function Layers({ model }) {
  const { definition, field } = SETTINGS.hidden_layers;
  const { maxItems } = model.schema.list(definition, field);
  const { hidden_layers } = model.store.config.value;
  /** @param {number[]} layers */
  const set = (layers) => model.commands.set({ hidden_layers: layers });
  return html`<span class="sizes">
    <button
      aria-label="Remove layer"
      data-help="Remove the last hidden layer"
      disabled=${hidden_layers.length === 0}
      onClick=${() => set(hidden_layers.slice(0, -1))}
    >
      −
    </button>
    <span aria-hidden="true">layer</span>
    <button
      aria-label="Add layer"
      data-help="Add a hidden layer, as wide as the last one"
      disabled=${hidden_layers.length >= maxItems}
      onClick=${() => set([...hidden_layers, hidden_layers.at(-1) ?? FIRST_WIDTH])}
    >
      +
    </button>
  </span>`;
}
