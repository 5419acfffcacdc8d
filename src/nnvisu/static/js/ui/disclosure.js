// A part of the page that opens and closes; the view stores its state.

import { html } from "./html.js";

/** @typedef {import("../state/store.js").View} View */

/**
 * @param {{
 *   view: import("@preact/signals").Signal<View>, name: "advanced" | "inside",
 *   summary: unknown, children: import("./html.js").Children
 * }} props
 */
export function Disclosure({ view, name, summary, children }) {
  const open = view.value[name];
  /** @param {boolean} wanted */
  const fold = (wanted) => {
    if (wanted !== view.value[name]) view.value = { ...view.value, [name]: wanted };
  };

  /** @param {MouseEvent & { currentTarget: HTMLElement }} event */
  function click(event) {
    // The browser fires `toggle` only in a later task, but the view has to be stored at once.
    event.preventDefault();
    fold(!open);
    // The opened part may be out of sight; it is rendered by the next frame.
    const { parentElement } = event.currentTarget;
    requestAnimationFrame(() => parentElement?.scrollIntoView({ block: "nearest" }));
  }

  return html`<details
    open=${open}
    onToggle=${(/** @type {{ currentTarget: HTMLDetailsElement }} */ { currentTarget }) =>
      fold(currentTarget.open)}
  >
    <summary onClick=${click}>${summary}</summary>
    ${children}
  </details>`;
}
