// Below the map: the meaning of the colours, the prediction at the pointer, and what the map shows.

import { CLASSES, css, mapValueColour, valueScale } from "../base/palette.js";
import { unitColours, unitScale } from "../draw/shade.js";
import { activations, predict } from "../model/forward.js";
import { hasPart, isRegression, sizes } from "../model/layout.js";
import { pointedAt } from "./axes.js";
import { Marker, signed } from "./data.js";
import { html } from "./html.js";
import { nameOf } from "./parts.js";
import { dark } from "./theme.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../model/layout.js").Part} Part */

/** @type {readonly [import("../base/palette.js").Colouring, string, string][]} */
const COLOURINGS = [
  ["confidence", "Confidence", "The classes' colours; the paler, the less certain the network is"],
  ["mix", "Mix", "The classes' colours, mixed by probability"],
  ["discrete", "Discrete", "The colour of the most probable class alone"],
];
/** From so many classes on, each has its marker alone. */
const MANY = 4;

/** @param {{ store: Store }} props */
export function Legend({ store }) {
  const checkpoint = store.shown.value?.checkpoint;
  const at = pointedAt(store);
  const network = checkpoint?.network ?? store.wanted.value;
  const prediction =
    checkpoint && at ? predict(checkpoint, Float32Array.of(at.x), Float32Array.of(at.y)) : null;
  const regression = isRegression(network);
  const unit = checkpoint && hoveredUnit(store, checkpoint);
  return html`<div class="legend">
    ${
      unit
        ? html`<${UnitScale} ...${{ checkpoint, unit, at }} />`
        : regression
          ? html`<${Scale} value=${prediction && prediction[0]} />`
          : html`<${Shares} classes=${network.classes} shares=${prediction} />`
    }
    <span class="shown">
      ${!regression && html`<${Colours} store=${store} />`}
      ${
        !regression &&
        html`<${Switch}
          ...${{ store, field: "boundary", name: "Boundary", text: "Line" }}
          help="A line where the decision changes from one class to another"
        />`
      }
      <${Switch}
        ...${{ store, field: "test_points", name: "Show test points", text: "Test" }}
        help="Show the points that are kept from training, as diamonds"
      />
      ${
        !regression &&
        html`<${Switch}
          ...${{ store, field: "errors", name: "Mark errors", text: "Errors" }}
          help="A ring around each point that the network takes for another class"
        />`
      }
    </span>
  </div>`;
}

/**
 * @param {Store} store
 * @param {import("../net/protocol.js").Checkpoint} checkpoint
 * @returns {(Part & { kind: "unit" }) | null} the unit that the map shows in place of the decision
 */
function hoveredUnit({ hovered }, { network }) {
  const part = /** @type {Part | null} */ (hovered.value);
  return part?.kind === "unit" && hasPart(network, part) ? part : null;
}

/**
 * The scale of the unit that the map shows, and its value at the pointer.
 * @param {{
 *   checkpoint: import("../net/protocol.js").Checkpoint, unit: Part & { kind: "unit" },
 *   at: import("../state/store.js").Position | null
 * }} props
 */
function UnitScale({ checkpoint, unit, at }) {
  const { network } = checkpoint;
  const output = unit.layer === sizes(network).length - 1;
  const probability = output && !isRegression(network);
  const full = probability ? 1 : unitScale(checkpoint, unit);
  const low = probability ? 0 : -full;
  const colours = unitColours(checkpoint, dark.value, unit).map((colour) => css(colour));
  const shown = probability ? colours.slice(1) : colours;
  const value = at
    ? activations(checkpoint, Float32Array.of(at.x), Float32Array.of(at.y))[unit.layer][unit.unit]
    : null;
  return html`<span class="scale">
    <b>${nameOf(network, unit)}</b> ${short(low)}
    <span
      class="bar"
      style=${{ backgroundImage: `linear-gradient(to right, ${shown.join()})` }}
    ></span>
    ${short(full)}
    <span class="winner" translate=${false}>${value !== null && signed(value)}</span>
  </span>`;
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toPrecision(3))).replace("-", "−");
}

/** @param {{ store: Store }} props */
function Colours({ store: { view } }) {
  return html`<span class="segments" role="radiogroup" aria-label="Map colours">
    ${COLOURINGS.map(
      ([colouring, name, help]) =>
        html`<label class="segment" data-help=${help}>
          <input
            type="radio"
            name="colouring"
            aria-label=${name}
            aria-description=${help}
            checked=${view.value.colouring === colouring}
            onChange=${() => {
              view.value = { ...view.value, colouring };
            }}
          />
          <span>${name}</span>
        </label>`,
    )}
  </span>`;
}

/**
 * @param {{
 *   store: Store, field: "boundary" | "test_points" | "errors", name: string, text: string, help: string
 * }} props
 */
function Switch({ store: { view }, field, name, text, help }) {
  return html`<label class="segment alone" data-help=${help}>
    <input
      type="checkbox"
      aria-label=${name}
      aria-description=${help}
      checked=${view.value[field]}
      onChange=${() => {
        view.value = { ...view.value, [field]: !view.value[field] };
      }}
    />
    <span>${text}</span>
  </label>`;
}

/** The map's colours from -1 to 1, with a mark at the value. @param {{ value: number | null }} props */
function Scale({ value }) {
  const within = value === null ? 0 : Math.max(-1, Math.min(1, value));
  return html`<span class="scale">
    −1
    <span class="bar" style=${{ backgroundImage: valueScale(dark.value, mapValueColour) }}>
      ${value !== null && html`<i style=${{ left: `${50 + 50 * within}%` }}></i>`}
    </span>
    1
    <span class="winner" translate=${false}>${value !== null && signed(value)}</span>
  </span>`;
}

/**
 * The classes, each with its probability if there is room; otherwise the most probable one's.
 * @param {{ classes: number[], shares: Float32Array | null }} props
 */
function Shares({ classes, shares }) {
  const most = shares ? shares.indexOf(Math.max(...shares)) : -1;
  const many = classes.length >= MANY;
  /** @param {number} output */
  const percent = (output) => (shares ? `${Math.round(100 * shares[output])} %` : "");
  return html`<span class=${many ? "classes-in-use many" : "classes-in-use"}>
    ${classes.map(
      (label, output) =>
        html`<span
          translate=${false}
          class=${output === most ? "winner" : ""}
          data-help=${CLASSES[label].name}
        >
          <${Marker} label=${label} radius=${6.5} />${many ? "" : percent(output) || label + 1}
        </span>`,
    )}
    ${many && html`<span class="winner share" translate=${false}>${most >= 0 && percent(most)}</span>`}
  </span>`;
}
