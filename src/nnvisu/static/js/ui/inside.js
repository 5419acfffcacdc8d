// The region "Inside", which opens and closes.

import { Disclosure } from "./disclosure.js";
import { html } from "./html.js";
import { later } from "./later.js";
import { loadStyles } from "./styles.js";
import { Text } from "./text.js";

const InsideTables = later(
  async () => {
    const [{ InsideTables: found }] = await Promise.all([
      import("./inside_tables.js"),
      loadStyles("inside"),
    ]);
    return found;
  },
  { whenShown: true },
);

/** @param {{ model: import("../main.js").Model }} props */
export function Inside({ model }) {
  const { view, regression } = model.store;
  return html`<section class="card inside" aria-label="Inside">
    <${Disclosure}
      view=${view}
      name="inside"
      summary=${html`<b>Inside</b>
        <${Text}
          text=${regression.value ? "layers, weights" : "confusion matrix, layers, weights"}
        />`}
    >
      <${InsideTables} shown=${view.value.inside} model=${model} />
    <//>
  </section>`;
}
