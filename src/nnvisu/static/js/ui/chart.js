// The loss chart: the recorded history and the newest moment.

import { effect, untracked } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { createChart } from "../draw/chart.js";
import { loadUPlot } from "../globals/uplot.js";
import { isRegression } from "../model/layout.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
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
        await loadUPlot();
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
  return html`<div class="loss">
    <span class="caption">
      loss by epoch: <b>training</b>${store.shown.value?.test ? ", test dashed" : ""}
    </span>
    <div class="chart" ref=${element} role="img" aria-label="Loss chart"></div>
  </div>`;
}

/**
 * @param {import("../state/store.js").Store} store
 * @param {HTMLElement} element
 * @param {ReturnType<typeof createChart>} chart in this element
 * @returns {(() => void)[]} stop it
 */
function draw(store, element, chart) {
  const { size, stop } = watchSize(element);
  return [
    drawOnChange(() => {
      if (size.value.width > 0) chart.resize();
      chart.update(curves(store), { dark: dark.value });
    }),
    drawOnChange(() => chart.cursor(store.scrubbed.value?.checkpoint.epoch ?? null)),
    stop,
    () => chart.dispose(),
  ];
}

/**
 * The losses by epoch. Moments of the other task are left out: the two losses have no common scale.
 * @param {import("../state/store.js").Store} store
 */
function curves({ history, live, wanted }) {
  const { moments } = history.value;
  const newest = live.value;
  const all = newest && newest !== moments.at(-1) ? [...moments, newest] : moments;
  const regression = isRegression(newest?.checkpoint.network ?? wanted.value);
  /** @type {{ epochs: number[], training: (number | null)[], test: (number | null)[] }} */
  const drawn = { epochs: [], training: [], test: [] };
  for (const { checkpoint, training, test } of all) {
    if (isRegression(checkpoint.network) !== regression) continue;
    if (training && (drawn.epochs.at(-1) ?? -1) <= checkpoint.epoch) {
      drawn.epochs.push(checkpoint.epoch);
      drawn.training.push(training.loss);
      drawn.test.push(test?.loss ?? null);
    }
  }
  return drawn;
}
