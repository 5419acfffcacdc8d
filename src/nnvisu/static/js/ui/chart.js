// The chart: the recorded history and the newest moment, with a cursor that reads its values.

import { effect, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { loadUPlot } from "../globals/uplot.js";
import { curvesOf } from "../state/curves.js";
import { Select } from "./fields.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { watchSize } from "./size.js";
import { dark } from "./theme.js";

/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {ReturnType<typeof import("../draw/chart.js").createChart>} Drawing */
/** @typedef {import("../state/store.js").View["curve"]} Curve */

/** @param {{ store: Store }} props */
export function Chart({ store }) {
  const element = useRef(/** @type {HTMLDivElement | null} */ (null));
  const drawing = useRef(/** @type {Drawing | null} */ (null));
  /** The index of the epoch that the cursor reads. */
  const read = useSignal(/** @type {number | null} */ (null));
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
        const [{ createChart }, scales] = await Promise.all([
          import("../draw/chart.js"),
          import("../draw/scale.js"),
          loadUPlot(),
        ]);
        if (disposed) return;
        drawing.current = createChart(current);
        ends.push(...draw(store, current, drawing.current, scales, read));
      } catch {
        // The server can't be reached; the effect below retries once it is connected.
        loading = false;
      }
    }
    const stop = effect(() => {
      const connected = store.connection.value.kind === "open";
      if (!loading && (connected || !tried)) queueMicrotask(load);
    });
    return () => {
      disposed = true;
      stop();
      for (const end of ends) end();
    };
  }, [store]);
  const { curve } = store.view.value;
  return html`<header>
      <h2>Chart</h2>
      <${Choices} store=${store} />
    </header>
    <${Caption} ...${{ store, read }} />
    <${Cursor} ...${{ store, read }}>
      <div
        class="chart"
        ref=${element}
        role="img"
        aria-label=${curve === "loss" ? "Loss chart" : "Accuracy chart"}
        onPointerMove=${(/** @type {PointerEvent & { currentTarget: HTMLElement }} */ event) => {
          const left = event.currentTarget.getBoundingClientRect().left;
          read.value = drawing.current?.indexAt(event.clientX - left) ?? null;
        }}
        onPointerLeave=${() => {
          read.value = null;
        }}
      ></div>
    <//>`;
}

const LOG_HELP = "Each step up is ten times the loss, so that small losses can be told apart";

/** What is drawn, and how. @param {{ store: Store }} props */
function Choices({ store: { view, regression } }) {
  const { curve, log_scale } = view.value;
  return html`<span class="choices">
    <label class="switch" data-help=${LOG_HELP}>
      <input
        type="checkbox"
        aria-label="Log scale"
        aria-description=${LOG_HELP}
        disabled=${curve !== "loss"}
        checked=${log_scale}
        onChange=${() => {
          view.value = { ...view.value, log_scale: !log_scale };
        }}
      />
      Log scale
    </label>
    <${Select}
      label="Curve"
      help="What the chart shows over the epochs"
      value=${curve}
      options=${[
        { value: "loss", label: "Loss" },
        { value: "accuracy", label: regression.value ? "R²" : "Accuracy" },
      ]}
      choose=${(/** @type {Curve} */ value) => {
        view.value = { ...view.value, curve: value };
      }}
    />
  </span>`;
}

/** The lines' names, and what the cursor reads. @param {{ store: Store, read: Read }} props */
function Caption({ store, read }) {
  const curves = curvesOf(store, store.view.value.curve);
  const { epochs, training, test } = curves;
  const index = read.value !== null && read.value < epochs.length ? read.value : epochs.length - 1;
  const [a, b] = [training[index] ?? null, test[index] ?? null];
  const gap = a !== null && b !== null ? Math.abs(b - a) : null;
  return html`<p class="caption reading">
    <span translate=${false}>${read.value === null ? "now" : `epoch ${epochs[index]}`}</span>
    <span
      ><i class="line" aria-hidden="true"></i>training <b translate=${false}>${short(a)}</b></span
    >
    <span
      ><i class="line test" aria-hidden="true"></i>test <b translate=${false}>${short(b)}</b></span
    >
    <span data-help="Generalisation gap: how far the test curve is from the training curve">
      gap
      <output aria-label="Generalisation gap" aria-live="off" translate=${false}
        >${gap === null ? "–" : gap.toPrecision(3)}</output
      >
    </span>
  </p>`;
}

/** @typedef {import("@preact/signals").Signal<number | null>} Read */

/**
 * The cursor for the keyboard: arrow keys go from one recorded epoch to the next.
 * @param {{ store: Store, read: Read, children?: import("./html.js").Children }} props
 */
function Cursor({ store, read, children }) {
  const { epochs, training, test } = curvesOf(store, store.view.value.curve);
  const last = epochs.length - 1;
  const at = Math.min(read.value ?? last, last);
  /** @param {KeyboardEvent} event */
  function key(event) {
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    read.value = Math.max(0, Math.min(last, to));
  }
  const values = `training ${short(training[at] ?? null)}, test ${short(test[at] ?? null)}`;
  return html`<div
    role="slider"
    tabindex="0"
    aria-label="Chart cursor"
    aria-valuemin="0"
    aria-valuemax=${Math.max(0, last)}
    aria-valuenow=${Math.max(0, at)}
    aria-valuetext=${last < 0 ? "nothing recorded yet" : `epoch ${epochs[at]}: ${values}`}
    onKeyDown=${key}
    onBlur=${() => {
      read.value = null;
    }}
  >
    ${children}
  </div>`;
}

/** @param {number | null} value */
function short(value) {
  return value === null ? "–" : String(Number(value.toPrecision(4)));
}

/**
 * @param {Store} store
 * @param {HTMLElement} element
 * @param {Drawing} chart in this element
 * @param {typeof import("../draw/scale.js")} scales
 * @param {Read} read
 * @returns {(() => void)[]} stop it
 */
function draw(store, element, chart, scales, read) {
  const { size, stop } = watchSize(element);
  return [
    drawOnChange(() => {
      if (size.value.width > 0) chart.resize();
      const { curve, log_scale } = store.view.value;
      const curves = curvesOf(store, curve);
      chart.update(curves, { dark: dark.value, axis: axisFor(scales, curves, curve, log_scale) });
    }),
    drawOnChange(() => {
      chart.mark("shown", store.scrubbed.value?.checkpoint.epoch ?? null);
      const { epochs } = curvesOf(store);
      chart.mark("read", read.value === null ? null : (epochs[read.value] ?? null));
    }),
    stop,
    () => chart.dispose(),
  ];
}

/**
 * @param {typeof import("../draw/scale.js")} scales
 * @param {ReturnType<typeof curvesOf>} curves
 * @param {Curve} curve
 * @param {boolean} logarithmic
 */
function axisFor(scales, { training, test }, curve, logarithmic) {
  const values = [...training, ...test].filter((value) => value !== null);
  if (curve !== "loss") return scales.shareAxis(values);
  return logarithmic ? scales.logarithmicAxis(values) : scales.linearAxis(values);
}
