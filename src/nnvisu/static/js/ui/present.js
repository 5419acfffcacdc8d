// Present: map and diagram side by side over the whole window, for a projector.

import { effect } from "@preact/signals";

import { html } from "./html.js";
import { loadStyles } from "./styles.js";

/** @typedef {import("../state/store.js").Store} Store */

const MISSING = "What Present needs did not arrive. Reload the page to use it.";

/** @param {Store} store */
export function togglePresent({ present, notices }) {
  if (present.value) {
    present.value = "";
    return;
  }
  loadStyles("present").then(
    () => {
      present.value = "only";
    },
    () => {
      notices.value = [...notices.value, MISSING];
    },
  );
}

/** Marks the document for the style sheets. @param {Store} store */
export function followPresent(store) {
  const { present } = store;
  if (new URLSearchParams(location.search).has("present")) togglePresent(store);
  effect(() => {
    document.documentElement.dataset.present = present.value;
    // Diagram and map measure themselves again.
    dispatchEvent(new Event("resize"));
  });
}

/** @param {{ store: Store }} props */
export function PresentBar({ store: { present } }) {
  if (!present.value) return null;
  const open = present.value === "controls";
  return html`<header class="present-bar" role="banner">
    <h1 class="brand"><b>nn</b>visu</h1>
    <button
      aria-expanded=${open}
      onClick=${() => {
        present.value = open ? "only" : "controls";
      }}
    >
      Controls
    </button>
    <button
      onClick=${() => {
        present.value = "";
      }}
    >
      Leave (Esc)
    </button>
  </header>`;
}
