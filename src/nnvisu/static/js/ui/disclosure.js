// A part of the page that can be folded up; the view remembers whether it is.

import { html } from "./html.js";

/** @typedef {import("../store.js").View} View */

/**
 * @param {{
 *   view: import("@preact/signals").Signal<View>, name: "advanced" | "inside",
 *   summary: unknown, children: import("./html.js").Children
 * }} props
 */
export function Disclosure({ view, name, summary, children }) {
  const open = view.value[name];
  return html`<details
    open=${open}
    onToggle=${(/** @type {{ currentTarget: HTMLDetailsElement }} */ { currentTarget }) => {
      if (currentTarget.open === view.value[name]) return;
      view.value = { ...view.value, [name]: currentTarget.open };
      // What was laid open may lie below the fold; it is rendered by the next frame.
      requestAnimationFrame(() => currentTarget.scrollIntoView({ block: "nearest" }));
    }}
  >
    <summary>${summary}</summary>
    ${children}
  </details>`;
}
