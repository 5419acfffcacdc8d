// What the region "Inside" shows: confusion matrices and layer statistics of the moment in view.

import { useEffect, useMemo, useRef } from "preact/hooks";

import { layerNames, percent, remarks, significant } from "../model/diagnostics.js";
import { CLASSES, css, mapColour, mix, paper } from "../base/palette.js";
import { sameNetwork } from "../state/store.js";
import { Marker } from "./data.js";
import { Histograms } from "./histograms.js";
import { html } from "./html.js";
import { readable } from "./reading.js";
import { Text } from "./text.js";
import { dark } from "./theme.js";
import { TwoUnits } from "./two_units.js";
import { Weights } from "./weights.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../model/diagnostics.js").Quantity} Quantity */
/** @typedef {readonly import("../net/protocol.js").LayerStatistics[]} Statistics */

/** The share of the map's colour in a cell with all points of its row; text stays legible. */
const MAX_TINT = 0.6;

/**
 * @type {readonly {
 *   quantity: Quantity, label: string, help: string, show: (value: number) => string
 * }[]}
 */
const COLUMNS = [
  {
    quantity: "weight_norm",
    label: "Weights",
    help: "The size of the layer's weights: their Euclidean norm",
    show: significant,
  },
  {
    quantity: "gradient_norm",
    label: "Gradient",
    help: "The size of the loss gradient with respect to the layer's weights: its norm",
    show: significant,
  },
  {
    quantity: "dead",
    label: "Dead",
    help: "Neurons whose gradient is zero at every training point, so that they can't learn",
    show: percent,
  },
  {
    quantity: "saturated",
    label: "Saturated",
    help: "How often a neuron's activation is flat at a training point, so that it hardly learns",
    show: percent,
  },
];

/** @param {{ model: import("../main.js").Model }} props */
export function InsideTables({ model }) {
  const { store } = model;
  const { reading, stop } = useMemo(() => {
    const { shown, stop: end } = readable(store);
    return { reading: { ...model, store: { ...store, shown } }, stop: end };
  }, [model]);
  useEffect(() => stop, [stop]);
  return html`<${Confusions} store=${reading.store} />
    <${Layers} store=${reading.store} />
    <${TwoUnits} store=${store} />
    <h3>Weights and biases</h3>
    <${Weights} model=${reading} />`;
}

/** @param {{ store: Store }} props */
function Confusions({ store }) {
  const { checkpoint, training = null, test = null } = store.shown.value ?? {};
  const classes = checkpoint?.network.classes ?? [];
  if (!training || classes.length === 0) return null;
  return html`<div class="confusions">
    <${Confusion} part="Training" classes=${classes} metrics=${training} />
    <${Confusion} part="Test" classes=${classes} metrics=${test} />
    <p class="hint">Each row is a class, each column a prediction for its points.</p>
  </div>`;
}

/**
 * @param {{
 *   part: string, classes: number[], metrics: import("../net/protocol.js").Metrics | null
 * }} props
 */
function Confusion({ part, classes, metrics }) {
  const n = classes.length;
  // A stored moment may lack the counts.
  if (!metrics || metrics.confusion.length !== n ** 2) return null;
  const { accuracy } = metrics;
  const right = accuracy === null ? "" : `${(100 * accuracy).toFixed(1)} % right`;
  return html`<table
    class="confusion"
    style=${{ "--classes": n }}
    aria-label=${`${part} confusion matrix`}
  >
    <caption>
      <b>${part} </b>
      <${Text} text=${right} />
    </caption>
    <thead>
      <tr>
        <td></td>
        ${classes.map((label) => html`<${ClassHeader} label=${label} scope="col" />`)}
      </tr>
    </thead>
    <tbody>
      ${classes.map((label, row) => {
        const counts = metrics.confusion.subarray(row * n, (row + 1) * n);
        return html`<tr>
          <${ClassHeader} label=${label} scope="row" />
          ${classes.map(
            (predicted, column) => html`<${Cell} counts=${counts} ...${{ predicted, column }} />`,
          )}
        </tr>`;
      })}
    </tbody>
  </table>`;
}

/** @param {{ label: number, scope: "row" | "col" }} props */
function ClassHeader({ label, scope }) {
  const name = `Class ${label + 1}`;
  return html`<th scope=${scope} aria-label=${name} data-help=${`${name}: ${CLASSES[label].name}`}>
    <${Marker} label=${label} /><span class="unseen">${name}</span>
  </th>`;
}

/** @param {{ counts: Uint16Array, predicted: number, column: number }} props `counts` is its row */
function Cell({ counts, predicted, column }) {
  const count = counts[column];
  const all = counts.reduce((sum, each) => sum + each, 0);
  const share = all > 0 ? count / all : 0;
  const tint = mix(paper(dark.value), mapColour(predicted, dark.value), MAX_TINT * share);
  return html`<td
    class=${count === 0 ? "none" : ""}
    style=${{ background: count === 0 ? "none" : css(tint) }}
    data-help=${`${count} of ${all}`}
    translate=${false}
  >
    ${count}
  </td>`;
}

/** @param {{ store: Store }} props */
function Layers({ store }) {
  const network = store.shown.value?.checkpoint.network ?? store.wanted.value;
  const layers = useStatistics(store, network);
  const noted = remarks(network, layers);
  /** @param {number} layer @param {Quantity} quantity */
  const note = (layer, quantity) =>
    noted.find((remark) => remark.layer === layer && remark.quantity === quantity)?.text;
  const names = layerNames(network);
  return html`<div class="layers">
      <table aria-label="Layers">
        <thead>
          <tr>
            <th scope="col">Layer</th>
            ${COLUMNS.map(({ label, help }) => html`<th scope="col" data-help=${help}>${label}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${names.map(
            (name, layer) =>
              html`<tr>
                <th scope="row">${name}</th>
                ${COLUMNS.map(({ quantity, show }) => {
                  const text = note(layer, quantity);
                  const value = layers[layer]?.[quantity];
                  return html`<td class=${text ? "noted" : ""} data-help=${text} translate=${false}>
                    ${value === undefined ? "–" : value === null ? "∞" : show(value)}
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
      <p class="hint">
        <${Text} text=${summary(noted.length > 0 ? noted[0].text : "", layers.length > 0)} />
      </p>
    </div>
    <${Histograms} ...${{ store, layers }} />`;
}

/**
 * @param {Store} store
 * @param {Network} network
 * @returns {Statistics} of the moment in view, if known; the previous ones while they are requested,
 *   so that nothing blinks
 */
function useStatistics({ shown, inspected, training, connection }, network) {
  const last = useRef(/** @type {{ network: Network, layers: Statistics } | null} */ (null));
  const moment = shown.value;
  const requested = inspected.value?.moment === moment ? inspected.value?.layers : undefined;
  const layers = moment?.layers ?? requested;
  if (layers) {
    last.current = { network, layers };
    return layers;
  }
  const awaiting = connection.value.kind === "open" && !training.value && moment?.training;
  return awaiting && last.current && sameNetwork(last.current.network, network)
    ? last.current.layers
    : [];
}

/** @param {string} remark @param {boolean} known */
function summary(remark, known) {
  if (remark) return remark;
  return known ? "Nothing unusual in any layer." : "";
}
