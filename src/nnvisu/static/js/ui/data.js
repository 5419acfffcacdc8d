// The "Data" region: classes, tools, generators, and what they go by.

import { CLASSES, markerPath } from "../palette.js";
import { choices } from "../settings.js";
import { html } from "./html.js";
import { NumberSetting, SliderSetting } from "./settings.js";

/** @typedef {import("../main.js").Model} Model */

const TOOLS = /** @type {const} */ ({ draw: "Draw", erase: "Erase", move: "Move" });
/** Points in a thumbnail. */
const SKETCHED = 66;

/** @param {{ label: number, radius?: number }} props */
export function Marker({ label, radius = 5.5 }) {
  return html`<svg class="marker" viewBox="-9 -9 18 18" aria-hidden="true">
    <path d=${markerPath(label, radius)} fill=${CLASSES[label].colour} />
  </svg>`;
}

/** @param {{ model: Model }} props */
export function Data({ model }) {
  const { store, editor } = model;
  const { timeline, points, inUse, problem } = store;
  const count = points.value.label.length;
  return html`<section class="card data" aria-label="Data">
    <h2>Data</h2>
    <${Classes} store=${store} />
    <${Tools} store=${store} />
    <div class="buttons">
      <button class="quiet" disabled=${timeline.value.past.length === 0} onClick=${editor.undo}>
        <span aria-hidden="true">↶ </span>Undo
      </button>
      <button class="quiet" disabled=${timeline.value.future.length === 0} onClick=${editor.redo}>
        <span aria-hidden="true">↷ </span>Redo
      </button>
      <button class="quiet" disabled=${count === 0} onClick=${editor.clear}>Clear data</button>
    </div>
    <hr />
    <div class="generators">
      ${choices(model.schema, "Generate", "distribution").map(
        ({ value, label }) => html`<${Generator} model=${model} name=${value} title=${label} />`,
      )}
    </div>
    ${problem.data.value && html`<p class="problem" role="alert">${problem.data.value}</p>`}
    <${NumberSetting} model=${model} name="samples" nudge=${by(10)} change=${editor.adjust} />
    <${NumberSetting} model=${model} name="classes" nudge=${by(1)} change=${editor.adjust} />
    <${SliderSetting}
      model=${model}
      name="noise"
      step=${0.01}
      show=${(/** @type {number} */ value) => value.toFixed(2)}
      change=${editor.adjust}
    />
    <${SliderSetting}
      model=${model}
      name="test_share"
      step=${0.05}
      show=${(/** @type {number} */ value) => `${Math.round(100 * value)} %`}
    />
    <p class="hint">${summary(points.value, inUse.value.length)}</p>
  </section>`;
}

/**
 * @param {import("../split.js").Parted} points
 * @param {number} classes
 */
function summary({ label, test }, classes) {
  if (label.length === 0) return "No points yet";
  const tests = test.reduce((sum, one) => sum + one, 0);
  const all = label.length === 1 ? "1 point" : `${label.length} points`;
  const kinds = classes === 1 ? "1 class" : `${classes} classes`;
  return tests === 0 ? `${all} of ${kinds}` : `${label.length - tests} to train, ${tests} to test`;
}

/** @param {number} size */
function by(size) {
  return (/** @type {number} */ value, /** @type {1 | -1} */ direction) => value + size * direction;
}

/** @param {{ store: import("../store.js").Store }} props */
function Classes({ store }) {
  const { view } = store;
  return html`<div class="classes" role="radiogroup" aria-label="Class">
    ${CLASSES.map(
      ({ name, colour, marker }, label) =>
        html`<label
          class="swatch"
          style=${{ "--colour": colour }}
          title=${`Class ${label + 1}: ${name}, ${marker}`}
        >
          <input
            type="radio"
            name="class"
            aria-label=${`Class ${label + 1}`}
            aria-description=${`${name} ${marker}`}
            checked=${view.value.label === label}
            onChange=${() => {
              const tool = view.value.tool === "erase" ? "draw" : view.value.tool;
              view.value = { ...view.value, label, tool };
            }}
          />
          <${Marker} label=${label} />
        </label>`,
    )}
  </div>`;
}

/** @param {{ store: import("../store.js").Store }} props */
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

/** @param {{ model: Model, name: string, title: string }} props */
function Generator({ model: { store, editor, examples }, name, title }) {
  const { x, y, label } = examples[name];
  const every = Math.max(1, Math.floor(label.length / SKETCHED));
  const sketched = Array.from(label.keys()).filter((index) => index % every === 0);
  const pressed = store.points.value.origin?.distribution === name;
  return html`<button
    class=${pressed ? "generator chosen" : "generator"}
    onClick=${() => editor.generate(name)}
  >
    <svg viewBox="-1.05 -1.05 2.1 2.1" aria-hidden="true">
      ${sketched.map(
        (index) =>
          html`<circle cx=${x[index]} cy=${-y[index]} r="0.075" fill=${CLASSES[label[index]].colour} />`,
      )}
    </svg>
    <span>${title}</span>
  </button>`;
}
