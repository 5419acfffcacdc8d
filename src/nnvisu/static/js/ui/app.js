// The root component: the layout of the page, and its notices.

import { Data } from "./data.js";
import { Header, Reason } from "./header.js";
import { HowTo } from "./help.js";
import { HelpDialog } from "./help_dialog.js";
import { html } from "./html.js";
import { Inside } from "./inside.js";
import { later } from "./later.js";
import { DecisionMap } from "./map.js";
import { Network } from "./network.js";
import { PresentBar } from "./present.js";
import { Training } from "./training.js";
import { Figures, History, Transport } from "./transport.js";

const Bubble = later(async () => (await import("./bubble.js")).Bubble);
const Chart = later(async () => (await import("./chart.js")).Chart);

/** @param {{ model: import("../main.js").Model }} props */
export function App({ model }) {
  const { store } = model;
  return html`
    <${Header} model=${model} />
    <${Reason} store=${store} />
    <${Notices} store=${store} />
    <${HowTo} store=${store} />
    <${PresentBar} store=${store} />
    <main>
      <div class="column first" tabindex="-1"><${Data} model=${model} /></div>
      <div class="column second" tabindex="-1">
        <${Network} model=${model} />
        <${Training} model=${model} />
        <section class="card loss" aria-label="Chart">
          <${Chart} shown=${true} store=${store} />
        </section>
        <${Inside} model=${model} />
      </div>
      <section class="card decision" aria-label="Decision map" tabindex="-1">
        <${DecisionMap} model=${model} />
        <${Transport} model=${model} />
        <div class="moment">
          <${Figures} store=${store} />
          <${History} store=${store} />
        </div>
      </section>
      <${Bubble} shown=${true} />
      <${HelpDialog} store=${store} />
    </main>
    <footer role="contentinfo">
      nnvisu ${store.version.value} · BSD-3-Clause · everything you make stays in this browser
    </footer>
  `;
}

/** @param {{ store: import("../state/store.js").Store }} props */
function Notices({ store: { notices } }) {
  return notices.value.map(
    (text) =>
      html`<p class="notice" role="alert" key=${text}>
        <span>${text}</span>
        <button
          class="quiet"
          onClick=${() => {
            notices.value = notices.value.filter((other) => other !== text);
          }}
        >
          Dismiss
        </button>
      </p>`,
  );
}
