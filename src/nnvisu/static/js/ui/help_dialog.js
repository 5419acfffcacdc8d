// The help dialog, which the banner's button and the key ? open.

import { html } from "./html.js";
import { later } from "./later.js";

const HelpContent = later(async () => (await import("./help_content.js")).HelpContent);

/**
 * @param {{
 *   dialog: { current: HTMLDialogElement | null }, store: import("../state/store.js").Store
 * }} props
 */
export function HelpDialog({ dialog, store }) {
  return html`<dialog ref=${dialog} id="help" aria-label="Help">
    <${HelpContent} shown=${true} store=${store} close=${() => dialog.current?.close()} />
  </dialog>`;
}
