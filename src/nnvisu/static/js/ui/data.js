// The region "Data": classes or values, tools, generators and their settings.

import {
  CLASSES,
  css,
  markerPath,
  VALUE_MARKER,
  valueColour,
  mapLine,
  valueScale,
} from "../base/palette.js";
import { choices } from "../settings/settings.js";
import { BRUSH, DENSITY } from "../state/gestures.js";
import { Slider } from "./fields.js";
import { html } from "./html.js";
import { Text } from "./text.js";
import { NumberSetting, SliderSetting } from "./setting_fields.js";
import { dark } from "./theme.js";

/** @typedef {import("../main.js").Model} Model */

const TOOLS = /** @type {const} */ ({ draw: "Draw", erase: "Erase", move: "Move" });
/** Points in a thumbnail, and their radius; a surface of values needs more points. */
const THUMBNAIL = { labels: { points: 66, radius: 0.075 }, values: { points: 110, radius: 0.1 } };

/** @param {{ label: number, radius?: number }} props */
export function Marker({ label, radius = 5.5 }) {
  return html`<svg class="marker" viewBox="-9 -9 18 18" aria-hidden="true">
    <path d=${markerPath(label, radius)} fill=${CLASSES[label].colour} />
  </svg>`;
}

/** @param {{ model: Model }} props */
export function Data({ model }) {
  const { store, commands, examples } = model;
  const { points, inUse, errors, regression, selection } = store;
  const { origin } = points.value;
  const count = points.value.x.length;
  const generators = choices(model.schema, "Generate", "distribution").filter(
    ({ value }) => examples[value].value.length > 0 === regression.value,
  );
  return html`<section class="card data" aria-label="Data">
    <h2>Data</h2>
    ${regression.value ? html`<${Target} store=${store} />` : html`<${Classes} store=${store} />`}
    <${Tools} store=${store} />
    <${Brush} store=${store} />
    <div class="buttons">
      <button class="quiet" disabled=${count === 0} onClick=${commands.clear}>Clear data</button>
      ${
        selection.value.length > 0 &&
        html`<button class="quiet" onClick=${commands.deleteSelected}>
          <${Text} text=${`Delete ${selection.value.length} selected`} />
        </button>`
      }
    </div>
    <hr />
    <div class=${regression.value ? "generators few" : "generators"}>
      ${generators.map(
        ({ value, label }) =>
          html`<${Generator} key=${value} model=${model} name=${value} caption=${label} />`,
      )}
      <button
        class="generator"
        disabled=${!origin}
        data-help="The same shape from another seed; for generated points without edits"
        onClick=${commands.regenerate}
      >
        <svg viewBox="0 0 24 24" aria-hidden="true">
          <path class="again" d="M19 12a7 7 0 1 1-2.2-5.1M17.5 3v4.2h-4.2" />
        </svg>
        <span>Regenerate</span>
      </button>
    </div>
    ${errors.data.value && html`<p class="problem" role="alert"><${Text} text=${errors.data.value} /></p>`}
    <${NumberSetting} model=${model} name="samples" nudge=${by(10)} change=${commands.adjust} />
    ${
      !regression.value &&
      html`<${NumberSetting}
        model=${model}
        name="classes"
        nudge=${by(1)}
        change=${commands.adjust}
      />`
    }
    <${SliderSetting}
      model=${model}
      name="noise"
      step=${0.01}
      show=${(/** @type {number} */ value) => value.toFixed(2)}
      change=${commands.adjust}
    />
    <${SliderSetting}
      model=${model}
      name="test_share"
      step=${0.05}
      show=${(/** @type {number} */ value) => `${Math.round(100 * value)} %`}
    />
    <p class="hint"><${Text} text=${summary(points.value, inUse.value.length)} /></p>
  </section>`;
}

/**
 * @param {import("../data/split.js").Parted} points
 * @param {number} classes in use; 0 in regression
 */
function summary({ test }, classes) {
  if (test.length === 0) return "No points yet";
  const tests = test.reduce((sum, one) => sum + one, 0);
  if (tests > 0) return `${test.length - tests} to train, ${tests} to test`;
  const all = counted(test.length);
  const kinds = classes === 1 ? "1 class" : `${classes} classes`;
  return classes === 0 ? all : `${all} of ${kinds}`;
}

/** @param {number} points */
export function counted(points) {
  return points === 1 ? "1 point" : `${points} points`;
}

/** @param {number} size */
function by(size) {
  return (/** @type {number} */ value, /** @type {1 | -1} */ direction) => value + size * direction;
}

/** @param {{ store: import("../state/store.js").Store }} props */
function Classes({ store }) {
  const { view } = store;
  const counts = new Uint16Array(CLASSES.length);
  for (const label of store.points.value.label) counts[label] += 1;
  return html`<div class="classes" role="radiogroup" aria-label="Class">
    ${CLASSES.map(
      ({ name, colour, marker }, label) =>
        html`<label
          class="swatch"
          style=${{ "--colour": colour }}
          data-help=${`Class ${label + 1}: ${name}, ${marker}`}
        >
          <input
            type="radio"
            name="class"
            aria-label=${`Class ${label + 1}`}
            aria-description=${`${name} ${marker}, ${counted(counts[label])}`}
            checked=${view.value.label === label}
            onChange=${() => {
              const tool = view.value.tool === "erase" ? "draw" : view.value.tool;
              view.value = { ...view.value, label, tool };
            }}
          />
          <${Marker} label=${label} />
          <span class="count" translate=${false}>${counts[label] || ""}</span>
        </label>`,
    )}
  </div>`;
}

/** The size of the tools Draw and Erase, and how many points Draw sprays. @param {{ store: import("../state/store.js").Store }} props */
function Brush({ store: { view } }) {
  const { tool, brush, density } = view.value;
  return html`<div class="brush">
    <${Slider}
      label="Brush size"
      help="How far from its path a stroke sprays points, and the radius of the eraser"
      value=${brush}
      ...${BRUSH}
      step=${0.02}
      disabled=${tool === "move"}
      show=${(/** @type {number} */ value) => value.toFixed(2)}
      commit=${(/** @type {number} */ value) => {
        view.value = { ...view.value, brush: value };
      }}
    />
    <${Slider}
      label="Density"
      help="How many points a stroke sprays on a way from the middle of the map to its edge"
      value=${density}
      ...${DENSITY}
      step=${1}
      disabled=${tool !== "draw"}
      show=${String}
      commit=${(/** @type {number} */ value) => {
        view.value = { ...view.value, density: value };
      }}
    />
  </div>`;
}

/** The value of drawn points. @param {{ store: import("../state/store.js").Store }} props */
function Target({ store: { view } }) {
  const { target } = view.value;
  const shown = signed(target);
  const colour = css(valueColour(target, dark.value));
  return html`<div
    class="target"
    style=${{ "--scale": valueScale(dark.value), "--colour": colour }}
  >
    <${Slider}
      label="Value"
      help="The value of the points that you draw, from −1 to 1"
      value=${target}
      minimum=${-1}
      maximum=${1}
      step=${0.05}
      show=${() => shown}
      commit=${(/** @type {number} */ value) => {
        const tool = view.value.tool === "erase" ? "draw" : view.value.tool;
        view.value = { ...view.value, target: value, tool };
      }}
    >
      <svg class="marker" viewBox="-9 -9 18 18" aria-hidden="true">
        <path d=${markerPath(VALUE_MARKER, 6)} fill=${colour} stroke=${mapLine(dark.value)} />
      </svg>
    <//>
  </div>`;
}

/** @param {number} value @returns {string} with two decimals and a typographic minus sign */
export function signed(value) {
  return value
    .toFixed(2)
    .replace(/^-(0\.00)$/, "$1")
    .replace("-", "−");
}

/** @param {{ store: import("../state/store.js").Store }} props */
function Tools({ store }) {
  const { view } = store;
  return html`<div class="tools" role="radiogroup" aria-label="Tool">
    ${Object.entries(TOOLS).map(
      ([tool, label]) =>
        html`<label>
          <input
            type="radio"
            name="tool"
            aria-label=${label}
            checked=${view.value.tool === tool}
            onChange=${() => {
              view.value = { ...view.value, tool: /** @type {keyof typeof TOOLS} */ (tool) };
            }}
          />
          <span>${label}</span>
        </label>`,
    )}
  </div>`;
}

/** @param {{ model: Model, name: string, caption: string }} props */
function Generator({ model: { store, commands, examples }, name, caption }) {
  const { x, y, label, value } = examples[name];
  const { points, radius } = label.length > 0 ? THUMBNAIL.labels : THUMBNAIL.values;
  const every = Math.max(1, Math.floor(x.length / points));
  const sketched = Array.from(x.keys()).filter((index) => index % every === 0);
  /** @param {number} index */
  const colour = (index) =>
    label.length > 0 ? CLASSES[label[index]].colour : css(valueColour(value[index], dark.value));
  const pressed = store.points.value.origin?.distribution === name;
  return html`<button
    class=${pressed ? "generator chosen" : "generator"}
    onClick=${() => commands.generate(name)}
  >
    <svg viewBox="-1.05 -1.05 2.1 2.1" aria-hidden="true">
      ${sketched.map(
        (index) =>
          html`<circle cx=${x[index]} cy=${-y[index]} r=${radius} fill=${colour(index)} />`,
      )}
    </svg>
    <span>${caption}</span>
  </button>`;
}
