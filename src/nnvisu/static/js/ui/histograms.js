// Under "Inside": for each layer how its weights, its units' values and its gradient are distributed.

import { activationHistograms, weightHistograms } from "../model/histogram.js";
import { layerNames } from "../model/diagnostics.js";
import { part } from "../data/split.js";
import { html } from "./html.js";
import { Text } from "./text.js";

/** @typedef {import("../model/histogram.js").Histogram} Histogram */

const WIDTH = 96;
const HEIGHT = 30;

const COLUMNS = [
  ["Weights", "How many of the layer's weights have each size; zero is in the middle"],
  ["Values", "How often its units have each value at the training points"],
  ["Gradient", "How many weights have each derivative of the loss; zero is in the middle"],
];

/**
 * @param {{
 *   store: import("../state/store.js").Store,
 *   layers: readonly import("../net/protocol.js").LayerStatistics[]
 * }} props `layers`: what is known of the moment in view
 */
export function Histograms({ store, layers }) {
  const checkpoint = store.shown.value?.checkpoint;
  if (!checkpoint) return null;
  const points = part(store.points.value, 0);
  const weights = weightHistograms(checkpoint);
  const values = activationHistograms(checkpoint, points);
  const count = points.x.length;
  return html`<div class="histograms">
    <table aria-label="Histograms">
      <thead>
        <tr>
          <th scope="col">Layer</th>
          ${COLUMNS.map(([name, help]) => html`<th scope="col" data-help=${help}>${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${layerNames(checkpoint.network).map(
          (name, layer) =>
            html`<tr>
              <th scope="row">${name}</th>
              <td><${Bars} ...${weights[layer]} what="weights" /></td>
              <td><${Bars} ...${values.layers[layer]} what="values" /></td>
              <td><${Bars} ...${gradients(layers[layer])} what="derivatives" /></td>
            </tr>`,
        )}
      </tbody>
    </table>
    ${
      values.sampled < count &&
      html`<p class="hint">
        <${Text} text=${`Values at ${values.sampled} of ${count} training points.`} />
      </p>`
    }
  </div>`;
}

/** @param {import("../net/protocol.js").LayerStatistics | undefined} statistics @returns {Histogram} */
function gradients(statistics) {
  const { gradients: counts = new Uint16Array(0), gradient_limit = 0 } = statistics ?? {};
  return { counts, low: -(gradient_limit || 1), high: gradient_limit || 1 };
}

/** @param {Histogram & { what: string }} props */
function Bars({ counts, low, high, what }) {
  const most = Math.max(...Array.from(counts), 0);
  if (most === 0) return html`<span class="hint">–</span>`;
  const step = WIDTH / counts.length;
  const path = Array.from(counts, (count, bin) => {
    // The root keeps rare values visible beside common ones.
    const tall = HEIGHT * Math.sqrt(count / most);
    return count > 0
      ? `M${bin * step} ${HEIGHT}v${-tall.toFixed(1)}h${step}v${tall.toFixed(1)}z`
      : "";
  }).join("");
  const zero = (-low / (high - low)) * WIDTH;
  const [from, to] = [signedShort(low), signedShort(high)];
  return html`<svg
      viewBox=${`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label=${`${what} from ${from} to ${to}, most often near ${signedShort(mode(counts, low, high))}`}
    >
      <path class="zero" d=${`M${zero.toFixed(1)} 0v${HEIGHT}`} />
      <path d=${path} />
    </svg>
    <span class="ends" translate=${false}><span>${from}</span><span>${to}</span></span>`;
}

/** @param {ArrayLike<number>} counts @param {number} low @param {number} high the middle of the fullest bin */
function mode(counts, low, high) {
  const all = Array.from(counts);
  return low + ((all.indexOf(Math.max(...all)) + 0.5) / all.length) * (high - low);
}

/** @param {number} value @returns {string} with two significant digits, as there is little room */
function signedShort(value) {
  const rounded = Number(value.toPrecision(2));
  const small = rounded !== 0 && Math.abs(rounded) < 0.001;
  return (small ? rounded.toExponential() : String(rounded)).replaceAll("-", "−");
}
