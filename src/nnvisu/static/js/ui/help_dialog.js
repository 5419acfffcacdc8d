// The help dialog, which the banner's button and the key ? open.

import { signal } from "@preact/signals";
import { useRef } from "preact/hooks";

import { html } from "./html.js";
import { later } from "./later.js";

const HelpContent = later(async () => (await import("./help_content.js")).HelpContent, {
  whenShown: true,
});

const ID = "help";

/** Whether it has been opened; only then its text is loaded. */
const opened = signal(false);

export function openHelp() {
  opened.value = true;
  const dialog = /** @type {HTMLDialogElement | null} */ (document.getElementById(ID));
  if (dialog && !dialog.open) dialog.showModal();
}

/** @param {{ store: import("../state/store.js").Store }} props */
export function HelpDialog({ store }) {
  const dialog = useRef(/** @type {HTMLDialogElement | null} */ (null));
  return html`<dialog ref=${dialog} id=${ID} aria-label="Help">
    <${HelpContent} shown=${opened.value} store=${store} close=${() => dialog.current?.close()} />
  </dialog>`;
}
