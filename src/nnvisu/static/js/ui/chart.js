// The loss chart: the recorded history and the newest moment.

import { effect, untracked } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { loadUPlot } from "../globals/uplot.js";
import { curvesOf } from "../state/curves.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { Text } from "./text.js";
import { watchSize } from "./size.js";
import { dark } from "./theme.js";

/** @param {{ store: import("../state/store.js").Store }} props */
export function LossChart({ store }) {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  useEffect(() => {
    if (!element.current) return undefined;
    const { current } = element;
    /** @type {(() => void)[]} */
    const ends = [];
    let disposed = false;
    let tried = false;
    /** Remains true once the library is loaded. */
    let loading = false;
    async function load() {
      tried = loading = true;
      try {
        const [{ createChart }] = await Promise.all([import("../draw/chart.js"), loadUPlot()]);
        if (!disposed) ends.push(...draw(store, current, createChart(current)));
      } catch {
        // The server can't be reached; the effect below retries once it is connected.
        loading = false;
      }
    }
    const stop = effect(() => {
      const connected = store.connection.value.kind === "open";
      if (!loading && (connected || !tried)) untracked(load);
    });
    return () => {
      disposed = true;
      stop();
      for (const end of ends) end();
    };
  }, [store]);
  return html`<header>
      <h2>Chart</h2>
      <span class="caption">
        <span>loss by epoch:</span> <b>training</b>
        <${Text} text=${store.shown.value?.test ? ", test dashed" : ""} />
      </span>
    </header>
    <div class="chart" ref=${element} role="img" aria-label="Loss chart"></div>`;
}

/**
 * @param {import("../state/store.js").Store} store
 * @param {HTMLElement} element
 * @param {ReturnType<typeof import("../draw/chart.js").createChart>} chart in this element
 * @returns {(() => void)[]} stop it
 */
function draw(store, element, chart) {
  const { size, stop } = watchSize(element);
  return [
    drawOnChange(() => {
      if (size.value.width > 0) chart.resize();
      chart.update(curvesOf(store), { dark: dark.value });
    }),
    drawOnChange(() => chart.cursor(store.scrubbed.value?.checkpoint.epoch ?? null)),
    stop,
    () => chart.dispose(),
  ];
}
