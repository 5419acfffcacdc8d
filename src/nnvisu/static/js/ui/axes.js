// The map's axes: a hairline cross at 0, ticks at -1, 0 and 1, and the pointer's coordinates on them.

import { insideSquare, toPixels } from "../base/geometry.js";
import { signed } from "./data.js";
import { html } from "./html.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Position} Position */

const TICKS = [-1, 0, 1];
/** The side of the square whose pixels are percent. */
const PERCENT = { width: 100, height: 100 };

/** @param {Store} store @returns {Position | null} on the map, by keyboard or pointer */
export function pointedAt({ crosshair, pointer }) {
  const at = crosshair.value ?? pointer.value;
  return at && insideSquare(at.x, at.y) ? at : null;
}

/** @param {{ store: Store }} props */
export function Axes({ store }) {
  const at = pointedAt(store);
  const place = at && toPixels(PERCENT, at.x, at.y);
  return html`<div class="axes" aria-hidden="true" translate=${false} dir="ltr">
    ${TICKS.map(
      (tick) =>
        html`<span class=${`x at${tick}`}>${tick < 0 ? "−1" : tick}</span>
          ${tick >= 0 && html`<span class=${`y at${tick}`}>${tick}</span>`}`,
    )}
    ${
      at &&
      place &&
      html`<b class="x" style=${{ left: `clamp(22px, ${place.x}%, 100% - 22px)` }}
          >${signed(at.x)}</b
        >
        <b class="y" style=${{ top: `clamp(10px, ${place.y}%, 100% - 28px)` }}>${signed(at.y)}</b>`
    }
  </div>`;
}

/** @param {Position} position */
export function coordinates({ x, y }) {
  return `x ${signed(x)}, y ${signed(y)}`;
}
