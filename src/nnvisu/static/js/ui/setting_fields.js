// Fields for settings: label and help come from the table of settings, bounds and choices from the
// server's schema.

import { parseNumber } from "../settings/parse.js";
import { choices, SETTINGS } from "../settings/settings.js";
import { Choice, Slider, Typed } from "./fields.js";
import { html } from "./html.js";

/** @typedef {import("../main.js").Model} Model */
/** @typedef {import("../settings/settings.js").SettingName} SettingName */
/** @typedef {Partial<import("../settings/settings.js").Config>} Settings */

/** @param {number | null} value @param {string} empty */
function show(value, empty) {
  return value === null ? empty : String(value);
}

/**
 * @param {{
 *   model: Model, name: SettingName, empty?: string,
 *   nudge?: (value: number, direction: 1 | -1) => number, change?: (settings: Settings) => void,
 *   refuse?: (value: number | null) => string, ladder?: boolean
 * }} props `empty` is the word for "none"; `refuse` returns why a valid value can't be used now, or nothing
 */
export function NumberSetting(props) {
  const { model, name, empty = "", nudge, change = model.commands.set, refuse = () => "" } = props;
  const { definition, field, label, help } = SETTINGS[name];
  const bounds = model.schema.bounds(definition, field);
  return html`<${Typed}
    number
    label=${label}
    help=${help}
    value=${model.store.config.value[name]}
    show=${(/** @type {number | null} */ value) => show(value, empty)}
    parse=${(/** @type {string} */ text) => {
      const parsed = parseNumber(text, bounds, { label, empty });
      const problem = parsed.problem ?? refuse(parsed.value);
      return problem ? { problem } : parsed;
    }}
    commit=${(/** @type {number | null} */ value) => change({ [name]: value })}
    nudge=${nudge}
    ladder=${props.ladder}
    retry=${model.commands.redoName.value === ""}
  />`;
}

/** @param {{ model: Model, name: SettingName, change?: (settings: Settings) => void }} props */
export function ChoiceSetting({ model, name, change = model.commands.set }) {
  const { definition, field, label, help } = SETTINGS[name];
  return html`<${Choice}
    label=${label}
    help=${help}
    value=${model.store.config.value[name]}
    options=${choices(model.schema, definition, field)}
    choose=${(/** @type {string} */ value) => change({ [name]: value })}
  />`;
}

/** @param {{ model: Model, name: SettingName }} props */
export function SwitchSetting({ model, name }) {
  const { label, help } = SETTINGS[name];
  const checked = model.store.config.value[name];
  return html`<label class="field-row switch" data-help=${help}>
    <span class="label">${label}</span>
    <input
      type="checkbox"
      aria-label=${label}
      aria-description=${help}
      checked=${checked}
      onChange=${() => model.commands.set({ [name]: !checked })}
    />
  </label>`;
}

/**
 * @param {{
 *   model: Model, name: SettingName, step: number, show: (value: number) => string,
 *   change?: (settings: Settings, gesture: unknown) => void
 * }} props
 */
export function SliderSetting({ model, name, step, show: text, change = model.commands.set }) {
  const { definition, field, label, help } = SETTINGS[name];
  const { minimum, maximum } = model.schema.bounds(definition, field);
  return html`<${Slider}
    label=${label}
    help=${help}
    value=${model.store.config.value[name]}
    minimum=${minimum}
    maximum=${maximum}
    step=${step}
    show=${text}
    commit=${(/** @type {number} */ value, /** @type {unknown} */ gesture) =>
      change({ [name]: value }, gesture)}
  />`;
}

/**
 * The next of 1, 2, 5, 10, ... times a power of ten, for stepping with the arrow keys.
 * @param {number | null} value 0 and null count as the step below 0.001
 * @param {1 | -1} direction
 */
export function ladder(value, direction) {
  if (!value) return direction > 0 ? 0.001 : 0;
  const rungs = [-7, -6, -5, -4, -3, -2, -1, 0, 1, 2].flatMap((power) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
  );
  const next =
    direction > 0 ? rungs.find((rung) => rung > value) : rungs.findLast((rung) => rung < value);
  return next ?? value;
}
