// The region "Inside", which opens and closes.

import { Disclosure } from "./disclosure.js";
import { html } from "./html.js";
import { later } from "./later.js";

const InsideTables = later(async () => (await import("./inside_tables.js")).InsideTables);

/** @param {{ store: import("../state/store.js").Store }} props */
export function Inside({ store }) {
  const { view, regression } = store;
  return html`<section class="card inside" aria-label="Inside">
    <${Disclosure}
      view=${view}
      name="inside"
      summary=${html`<b>Inside</b> ${regression.value ? "layers" : "confusion matrix, layers"}`}
    >
      <${InsideTables} shown=${view.value.inside} store=${store} />
    <//>
  </section>`;
}
