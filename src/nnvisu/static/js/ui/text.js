// A text that changes. A browser that translates the page moves text nodes into elements of its own, so
// that a change of such a node is not seen. Therefore each text gets an element of its own.

import { html } from "./html.js";

/** @param {{ text: string }} props */
export function Text({ text }) {
  return html`<span key=${text}>${text}</span>`;
}
