// First steps and keys.

import { html } from "./html.js";

const STEPS = [
  ["Draw", "Pick a colour and click or drag on the map; or let a generator do it."],
  ["Shape", "Choose the task, type the hidden layers, such as 10-5, and choose how they learn."],
  ["Train", "Press Train and watch the map bend around the points. You can draw meanwhile."],
  ["Look back", "Drag the history through everything the network has been."],
];

const KEYS = [
  ["Space", "Train or pause"],
  ["S", "Step: one epoch"],
  ["R", "Reset model"],
  ["1 … 9, 0", "Class 1 to 10, in classification"],
  ["D, E, M", "Draw, erase, move"],
  ["← →", "Through the history"],
  ["Ctrl Z", "Undo whatever you changed, Reset model too; with Shift, redo"],
  ["Arrows, Enter", "On the map: move the crosshair, use the tool; with Move, hold and let go"],
  ["?", "This list"],
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

/**
 * @param {{
 *   dialog: { current: HTMLDialogElement | null }, store: import("../state/store.js").Store
 * }} props
 */
export function HelpDialog({ dialog, store }) {
  const close = () => dialog.current?.close();
  return html`<dialog ref=${dialog} id="help" aria-label="Help">
    <h2>Tasks</h2>
    <p class="hint">
      Classification learns which class is where; regression learns a value, from orange at −1 to
      blue at 1, for every place. Each has its own points and its own model, which wait while you
      are at the other.
    </p>
    <h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([key, text]) =>
          html`<dt><kbd>${key}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <div class="buttons">
      <button
        onClick=${() => {
          store.view.value = { ...store.view.value, howto: true };
          close();
        }}
      >
        Show the first steps
      </button>
      <button class="primary" onClick=${close}>Close</button>
    </div>
  </dialog>`;
}
