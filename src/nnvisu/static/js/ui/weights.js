// Under "Inside": the weights and biases of a layer as a table whose cells can be edited.

import { useState } from "preact/hooks";

import { layerNames } from "../model/diagnostics.js";
import { hasPart, parameterIndex, sizes } from "../model/layout.js";
import { parseNumber } from "../settings/parse.js";
import { PARAMETER_BOUNDS, stepParameter } from "./card.js";
import { Select, Typed } from "./fields.js";
import { html } from "./html.js";
import { nameOf, unitName } from "./parts.js";

/** @typedef {import("../model/layout.js").Part} Part */
/** @typedef {import("../net/protocol.js").Network} Network */

/** Rows and columns that are shown at once. */
const PAGE = 10;

/** @param {{ model: import("../main.js").Model }} props */
export function Weights({ model }) {
  const { store } = model;
  const [chosen, setChosen] = useState({ layer: 0, rows: 0, columns: 0 });
  const checkpoint = store.shown.value?.checkpoint;
  if (!checkpoint) return null;
  const { network } = checkpoint;
  const names = layerNames(network);
  const layer = Math.min(chosen.layer, names.length - 1);
  const units = sizes(network);
  const [inputs, outputs] = [units[layer], units[layer + 1]];
  const firstColumn = chosen.columns < inputs ? chosen.columns : 0;
  const firstRow = chosen.rows < outputs ? chosen.rows : 0;
  const columns = Array.from(
    { length: Math.min(PAGE, inputs - firstColumn) },
    (_, k) => firstColumn + k,
  );
  const rows = Array.from({ length: Math.min(PAGE, outputs - firstRow) }, (_, k) => firstRow + k);
  return html`<div class="weights">
    <div class="choices">
      <${Select}
        label="Weights of layer"
        value=${String(layer)}
        options=${names.map((name, k) => ({ value: String(k), label: name }))}
        choose=${(/** @type {string} */ k) => setChosen({ layer: Number(k), rows: 0, columns: 0 })}
      />
      <${Pages}
        ...${{ label: "Units", count: outputs, first: firstRow }}
        choose=${(/** @type {number} */ first) => setChosen({ ...chosen, rows: first })}
      />
      <${Pages}
        ...${{ label: "Inputs", count: inputs, first: firstColumn }}
        choose=${(/** @type {number} */ first) => setChosen({ ...chosen, columns: first })}
      />
    </div>
    <div class="scrolled" tabindex="0" role="group" aria-label="Table of weights">
      <table aria-label="Weights">
        <thead>
          <tr>
            <th scope="col">to \\ from</th>
            ${columns.map((from) => html`<th scope="col">${unitName(network, layer, from)}</th>`)}
            <th scope="col">bias</th>
          </tr>
        </thead>
        <tbody>
          ${rows.map(
            (to) =>
              html`<tr key=${`${layer} ${to}`}>
                <th scope="row">${unitName(network, layer + 1, to)}</th>
                ${columns.map((from) => {
                  const part = /** @type {Part} */ ({ kind: "edge", layer, from, to });
                  return html`<td><${Cell} ...${{ model, part }} /></td>`;
                })}
                <td>
                  <${Cell}
                    model=${model}
                    part=${/** @type {Part} */ ({ kind: "bias", layer: layer + 1, unit: to })}
                  />
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </div>`;
}

/** @param {{ label: string, count: number, first: number, choose: (first: number) => void }} props */
function Pages({ label, count, first, choose }) {
  if (count <= PAGE) return null;
  const options = Array.from({ length: Math.ceil(count / PAGE) }, (_, page) => {
    const from = page * PAGE;
    return { value: String(from), label: `${label} ${from + 1}–${Math.min(count, from + PAGE)}` };
  });
  return html`<${Select}
    ...${{ label, options }}
    value=${String(first)}
    choose=${(/** @type {string} */ value) => choose(Number(value))}
  />`;
}

/** @param {{ model: import("../main.js").Model, part: Part }} props */
function Cell({ model, part }) {
  const { store, commands } = model;
  const checkpoint = store.shown.value?.checkpoint;
  if (!checkpoint || !hasPart(checkpoint.network, part)) return null;
  const { network, parameters } = checkpoint;
  return html`<${Typed}
    number
    bare
    patient
    label=${nameOf(network, part)}
    help="Enter takes it over; training goes on from it"
    disabled=${store.scrubbed.value !== null}
    value=${parameters[parameterIndex(network, part)]}
    show=${(/** @type {number} */ value) => value.toFixed(3)}
    parse=${(/** @type {string} */ text) =>
      parseNumber(text, PARAMETER_BOUNDS, { label: nameOf(network, part) })}
    commit=${(/** @type {number} */ value) => commands.setParameter(part, value)}
    nudge=${stepParameter}
  />`;
}
