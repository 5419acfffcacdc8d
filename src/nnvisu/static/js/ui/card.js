// The card of a unit, a weight or a bias: what it is, and its value, which can be edited.

import { useEffect, useRef } from "preact/hooks";

import { createField } from "../draw/field.js";
import { createPoints } from "../draw/points.js";
import { unitScale } from "../draw/shade.js";
import { ACTIVATIONS } from "../model/activations.js";
import { hasPart, parameterIndex, sizes } from "../model/layout.js";
import { parseNumber } from "../settings/parse.js";
import { Typed } from "./fields.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { nameOf } from "./parts.js";
import { ladder } from "./setting_fields.js";
import { Text } from "./text.js";
import { dark } from "./theme.js";

/** @typedef {import("../model/layout.js").Part} Part */

const TITLES = { edge: "Weight", bias: "Bias", unit: "Unit" };
/** What a weight or a bias may be. */
export const PARAMETER_BOUNDS = { integer: false, minimum: -1e6, maximum: 1e6, nullable: false };
const WIDTH = 248;
/** Where the map may be out of sight, the card itself shows the unit; side in CSS pixels. */
const NARROW = matchMedia("(width < 860px)");
const PICTURE = 222;

/**
 * @param {{
 *   model: import("../main.js").Model, part: Part, close: () => void, show: (part: Part) => void,
 *   place: import("../base/geometry.js").Position, room: number
 * }} props
 */
export function Card({ model, part, close, show, place, room }) {
  const { store, commands } = model;
  const card = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    card.current?.querySelector("input")?.select();
    card.current
      ?.querySelector(/** @type {"input"} */ ("input, button"))
      ?.focus({ preventScroll: true });
    card.current?.scrollIntoView({ block: "nearest" });
  }, []);
  const checkpoint = store.shown.value?.checkpoint;
  if (!checkpoint) return null;
  const { network, parameters } = checkpoint;
  const title = TITLES[part.kind];
  const left = Math.max(0, Math.min(room - WIDTH, place.x - WIDTH / 2));
  return html`<div
    class="part-card"
    ref=${card}
    role="dialog"
    aria-label=${title}
    style=${{ left: `${left}px`, top: `${place.y + 16}px`, width: `${WIDTH}px` }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      event.stopPropagation();
      if (event.key === "Escape") close();
    }}
  >
    <p>
      <b>${title}</b> <${Text} text=${nameOf(network, part).replace(/^(weight|bias of) /, "")} />
    </p>
    ${
      part.kind === "unit"
        ? html`${NARROW.matches && html`<${Picture} ...${{ store, part }} />`}
            <${Unit} ...${{ checkpoint, part, show }} />`
        : store.scrubbed.value
          ? html`<p class="hint">
              ${parameters[parameterIndex(network, part)].toFixed(4)}. To edit it, move the History
              slider to its end.
            </p>`
          : html`<${Typed}
              number
              label="Value"
              help="Enter takes it over; training goes on from it"
              value=${parameters[parameterIndex(network, part)]}
              show=${(/** @type {number} */ value) => value.toFixed(4)}
              parse=${(/** @type {string} */ text) => parseNumber(text, PARAMETER_BOUNDS, { label: "Value" })}
              commit=${(/** @type {number} */ value) => commands.setParameter(part, value)}
              nudge=${stepParameter}
              patient
            />`
    }
    <button class="quiet" onClick=${close}>Close</button>
  </div>`;
}

/** The next of 1, 2, 5, 10, ... on either side of zero. @param {number} value @param {1 | -1} direction */
export function stepParameter(value, direction) {
  if (value < 0) return -ladder(-value, /** @type {1 | -1} */ (-direction)) || 0;
  return value === 0 ? direction * 0.1 : ladder(value, direction);
}

/**
 * @param {{
 *   checkpoint: import("../net/protocol.js").Checkpoint, part: Part & { kind: "unit" },
 *   show: (part: Part) => void
 * }} props
 */
function Unit({ checkpoint, part, show }) {
  const { network, parameters } = checkpoint;
  const last = sizes(network).length - 1;
  if (part.layer === 0) return html`<p class="hint">An input: what the network is given.</p>`;
  const output = part.layer === last;
  const bias = /** @type {Part} */ ({ ...part, kind: "bias" });
  const value = parameters[parameterIndex(network, bias)].toFixed(3);
  const activation = ACTIVATIONS[network.activation];
  const full = unitScale(checkpoint, part);
  const formula = output
    ? network.classes.length > 0
      ? "softmax of the weighted sums: a probability"
      : "the weighted sum plus the bias"
    : `${activation.label}(weighted sum + bias)`;
  return html`<p class="hint"><${Text} text=${formula} /></p>
    <p class="hint">
      <${Text}
        text=${output && network.classes.length > 0 ? "shown from 0 to 1" : `shown from −${short(full)} to ${short(full)}`}
      />
    </p>
    <button onClick=${() => show(bias)}><${Text} text=${`Bias ${value}`} /></button>`;
}

/** The unit over the plane, with the points. @param {{ store: import("../state/store.js").Store, part: Part & { kind: "unit" } }} props */
function Picture({ store, part }) {
  const below = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const above = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  useEffect(() => {
    if (!below.current || !above.current) return undefined;
    const field = createField(below.current);
    const points = createPoints(above.current);
    const size = { width: PICTURE, height: PICTURE };
    const end = drawOnChange(() => {
      const checkpoint = store.shown.value?.checkpoint;
      if (!checkpoint || !hasPart(checkpoint.network, part)) return;
      const look = { dark: dark.value, colouring: store.view.value.colouring, boundary: false };
      field.draw({ checkpoint, unit: part, ...look, ...size });
      const all = { points: store.points.value, testShown: true, wrong: null };
      points.draw({ ...all, dark: dark.value, ...size });
    });
    return () => {
      end();
      field.dispose();
    };
  }, []);
  return html`<div class="unit-picture" style=${{ width: `${PICTURE}px`, height: `${PICTURE}px` }}>
    <canvas ref=${below}></canvas><canvas ref=${above}></canvas>
  </div>`;
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toPrecision(3)));
}
