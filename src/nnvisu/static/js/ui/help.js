// The first steps.

import { html } from "./html.js";

const STEPS = [
  ["Draw", "Choose a class, then click or drag on the map; or press a generator."],
  ["Shape", "Choose the task, the hidden layers (such as 10-5) and the optimiser."],
  ["Train", "Press Train and watch the map adapt to the points. You can go on drawing."],
  ["Look back", "Drag the History slider to see the network at earlier epochs."],
];

/** @param {{ store: import("../state/store.js").Store }} props */
export function HowTo({ store }) {
  const { view } = store;
  if (!view.value.howto) return null;
  return html`<aside class="howto" aria-label="How to">
    <ol>
      ${STEPS.map(([name, text]) => html`<li><b>${name}</b> <span>${text}</span></li>`)}
    </ol>
    <button
      class="quiet"
      onClick=${() => {
        view.value = { ...view.value, howto: false };
      }}
    >
      Got it
    </button>
  </aside>`;
}
