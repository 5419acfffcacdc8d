// What the help dialog says: tasks and keys.

import { html } from "./html.js";
import { WORDS } from "./words.js";

const KEYS = [
  ["Space", "Train or pause"],
  ["S", "Step: one epoch"],
  ["R", "Reset model"],
  ["1 … 9, 0", "Class 1 to 10, in classification"],
  ["D, E, M", "Draw, erase, move"],
  ["Delete", "With Move: delete the selected points"],
  ["F", "Present: map and diagram over the whole window"],
  ["← →", "Go back and forth in the history"],
  ["Ctrl Z", "Undo your last change, Reset model included; with Shift, redo"],
  [
    "Arrows, Enter",
    "On the map: move the crosshair, use the tool; with Move, pick up and put down",
  ],
  ["?", "This list"],
];

/** @param {{ store: import("../state/store.js").Store, close: () => void }} props */
export function HelpContent({ store, close }) {
  return html`
    <h2>Tasks</h2>
    <p class="hint">
      Classification predicts a class for every position on the map; regression predicts a value,
      from −1 (orange) to 1 (blue). Each task has its own points and its own model, and keeps them
      while you work on the other.
    </p>
    <h2>Words</h2>
    <dl class="words">
      ${WORDS.map(
        ([word, text]) =>
          html`<dt>${word}</dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <h2>Keys</h2>
    <dl>
      ${KEYS.map(
        ([key, text]) =>
          html`<dt><kbd>${key}</kbd></dt>
            <dd>${text}</dd>`,
      )}
    </dl>
    <label class="field-row switch">
      <span class="label">Keys that are one letter, digit or sign</span>
      <input
        type="checkbox"
        aria-label="One-key shortcuts"
        checked=${store.oneKey.value}
        onChange=${() => {
          store.oneKey.value = !store.oneKey.value;
        }}
      />
    </label>
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
  `;
}
