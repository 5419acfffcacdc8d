// The region "Network": input features, diagram and the settings of the architecture.

import { useEffect, useRef } from "preact/hooks";

import { createDiagram } from "../draw/diagram.js";
import { FEATURES } from "../model/features.js";
import { parameterCount, sizes } from "../model/layout.js";
import { parseHiddenLayers } from "../settings/parse.js";
import { choices, SETTINGS } from "../settings/settings.js";
import { Typed } from "./fields.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { Text } from "./text.js";
import { ChoiceSetting, NumberSetting } from "./setting_fields.js";
import { watchSize } from "./size.js";
import { dark } from "./theme.js";

/** @typedef {import("../main.js").Model} Model */
/** @typedef {import("../draw/diagram.js").Hit} Hit */

const KEEP = "Reset model starts from this seed again, not from another one";

/** @param {{ model: Model }} props */
export function Network({ model }) {
  const { store, schema } = model;
  const { definition, field, label, help } = SETTINGS.hidden_layers;
  const bounds = schema.list(definition, field);
  const network = store.shown.value?.checkpoint.network ?? store.wanted.value;
  const count = parameterCount(network);
  return html`<section class="card network" aria-label="Network">
    <header>
      <h2>Network</h2>
      <span class="hint">
        <${Text} text=${`${inShort(sizes(network))} · ${count} parameters`} />
      </span>
    </header>
    <${Features} model=${model} />
    <${Diagram} store=${store} />
    <div class="fields">
      <${ChoiceSetting}
        model=${model}
        name="task"
        change=${(/** @type {Partial<import("../settings/settings.js").Config>} */ { task }) =>
          task && model.commands.setTask(task)}
      />
      <${Typed}
        label=${label}
        help=${help}
        value=${store.config.value.hidden_layers}
        show=${(/** @type {number[]} */ layers) => layers.join("-")}
        parse=${(/** @type {string} */ text) => parseHiddenLayers(text, bounds)}
        commit=${(/** @type {number[]} */ hidden_layers) => model.commands.set({ hidden_layers })}
        patient
      />
      <${ChoiceSetting} model=${model} name="activation" />
      <${ChoiceSetting} model=${model} name="initialiser" />
      <${Seed} model=${model} />
    </div>
  </section>`;
}

/** The seed of Reset model; one that is typed is kept. @param {{ model: Model }} props */
function Seed({ model }) {
  const { view } = model.store;
  /** @param {boolean} keep_seed */
  const keep = (keep_seed) => {
    view.value = { ...view.value, keep_seed };
  };
  return html`<${NumberSetting}
      model=${model}
      name="seed"
      nudge=${(/** @type {number} */ value, /** @type {1 | -1} */ direction) => value + direction}
      change=${(/** @type {Partial<import("../settings/settings.js").Config>} */ seed) => {
        keep(true);
        model.commands.set(seed);
      }}
    />
    <label class="field-row switch" title=${KEEP}>
      <span class="label">Keep seed</span>
      <input
        type="checkbox"
        aria-label="Keep seed"
        aria-description=${KEEP}
        checked=${view.value.keep_seed}
        onChange=${() => keep(!view.value.keep_seed)}
      />
    </label>`;
}

/** The input features; at least one stays checked. @param {{ model: Model }} props */
function Features({ model }) {
  const { definition, field, label, help } = SETTINGS.features;
  const present = model.store.config.value.features;
  const all = choices(model.schema, definition, field);
  return html`<div class="features" role="group" aria-label=${label} title=${help}>
    ${all.map(({ value, label: name }) => {
      const checked = present.includes(value);
      return html`<label class="chip">
        <input
          type="checkbox"
          aria-label=${name}
          checked=${checked}
          disabled=${checked && present.length === 1}
          onChange=${() => {
            const wanted = all.map((choice) => choice.value);
            const features = wanted.filter((one) => present.includes(one) !== (one === value));
            model.commands.set({ features });
          }}
        />
        <span>${name}</span>
      </label>`;
    })}
  </div>`;
}

/** @param {number[]} units @returns {string} such as "2 – 100 × 3 – 2" */
function inShort(units) {
  /** @type {{ width: number, count: number }[]} */
  const runs = [];
  for (const width of units) {
    const last = runs.at(-1);
    if (last?.width === width && runs.length > 1) last.count += 1;
    else runs.push({ width, count: 1 });
  }
  return runs.map(({ width, count }) => (count > 1 ? `${width} × ${count}` : width)).join(" – ");
}

/** @param {{ store: import("../state/store.js").Store }} props */
function Diagram({ store }) {
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const drawn = useRef(/** @type {ReturnType<typeof createDiagram> | null} */ (null));

  useEffect(() => {
    if (!frame.current || !canvas.current) return undefined;
    const diagram = createDiagram(canvas.current);
    drawn.current = diagram;
    const { size, stop: forget } = watchSize(frame.current);
    const stop = drawOnChange(() => {
      const checkpoint = store.shown.value?.checkpoint;
      const hover = store.hovered.value;
      if (checkpoint && size.value.width > 0) {
        diagram.draw({ checkpoint, dark: dark.value, hover, ...size.value });
      }
    });
    return () => {
      stop();
      forget();
    };
  }, [store]);

  /** @param {PointerEvent} event */
  function point({ offsetX, offsetY }) {
    store.hovered.value = drawn.current?.hitTest(offsetX, offsetY) ?? null;
  }
  return html`<div class="diagram" ref=${frame}>
    <canvas
      ref=${canvas}
      role="img"
      aria-label=${describe(store)}
      onPointerMove=${point}
      onPointerDown=${point}
      onPointerLeave=${() => {
        store.hovered.value = null;
      }}
    ></canvas>
    <${Caption} store=${store} />
  </div>`;
}

/** @param {import("../state/store.js").Store} store */
function describe(store) {
  return `Network diagram: ${sizes(store.wanted.value).join(", ")} units by layer`;
}

/** What is under the pointer, in words. @param {{ store: import("../state/store.js").Store }} props */
function Caption({ store }) {
  const hit = store.hovered.value;
  const features = store.shown.value?.checkpoint.network.features;
  if (!hit || !features) return null;
  return html`<span class="caption" aria-hidden="true"
    ><${Text} text=${inWords(hit, features)}
  /></span>`;
}

/** @param {Hit} hit @param {string[]} features */
function inWords(hit, features) {
  if (hit.kind === "edge") return `weight ${hit.weight.toFixed(3)}`;
  if (hit.kind === "bias") return `bias ${hit.bias.toFixed(3)}`;
  if (hit.layer === 0) return `input ${FEATURES[features[hit.unit]]?.label ?? ""}`;
  return `layer ${hit.layer}, unit ${hit.unit + 1}`;
}
