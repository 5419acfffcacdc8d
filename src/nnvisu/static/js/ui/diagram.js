// The network diagram: pointing at a part shows what it is, a click or Enter opens its card.

import { useEffect, useRef, useState } from "preact/hooks";

import { LARGEST_TILE, layout } from "../draw/layout.js";
import { hasPart, layers, parameterIndex, sizes } from "../model/layout.js";
import { SETTINGS } from "../settings/settings.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { later } from "./later.js";
import { beside, nameOf } from "./parts.js";
import { watchSize } from "./size.js";
import { loadStyles } from "./styles.js";
import { Text } from "./text.js";
import { dark } from "./theme.js";

/** @typedef {import("../model/layout.js").Part} Part */

/** The distance of columns from which buttons fit below them. */
const ROOM_PX = 78;

/** The largest tile on a projector. */
const PRESENTED_TILE = 110;

const reduced = matchMedia("(prefers-reduced-motion: reduce)");

const MISSING = "The network diagram did not arrive. Reload the page to see it.";

const Card = later(async () => {
  const [{ Card: found }] = await Promise.all([import("./card.js"), loadStyles("card")]);
  return found;
});

/** @param {{ model: import("../main.js").Model }} props */
export function Diagram({ model }) {
  const { store } = model;
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const drawn = useRef(
    /** @type {ReturnType<typeof import("../draw/diagram.js").createDiagram> | null} */ (null),
  );
  const [width, setWidth] = useState(0);
  const [edges, setDrawn] = useState(0);
  /** What was under the pointer when it was pressed; the place of a click is rounded. */
  const pressed = useRef(/** @type {Part | null} */ (null));
  /** The part whose card is open. */
  const [open, setOpen] = useState(/** @type {Part | null} */ (null));
  const checkpoint = store.shown.value?.checkpoint;
  const known = open && checkpoint && hasPart(checkpoint.network, open) ? open : null;
  const place = known && drawn.current?.place(known);
  const card = place ? known : null;

  useEffect(() => {
    const box = frame.current;
    const surface = canvas.current;
    if (!box || !surface) return undefined;
    /** @type {(() => void)[]} */
    const ends = [];
    let ended = false;
    // Loaded after the page can be used.
    import("../draw/diagram.js").then(
      ({ createDiagram }) => {
        if (ended) return;
        const diagram = createDiagram(surface);
        drawn.current = diagram;
        const { size, stop } = watchSize(box);
        const draw = drawOnChange(() => {
          const shown = store.shown.value?.checkpoint;
          const hover = store.hovered.value;
          if (!shown || size.value.width === 0) return;
          const largest = store.present.value ? PRESENTED_TILE : LARGEST_TILE;
          const view = { checkpoint: shown, dark: dark.value, hover, captions: false };
          diagram.draw({ ...view, largest, calm: reduced.matches, ...size.value });
          setWidth(size.value.width);
          setDrawn(diagram.edgeCount);
        });
        ends.push(draw, stop);
      },
      () => {
        store.notices.value = [...store.notices.value, MISSING];
      },
    );
    return () => {
      ended = true;
      for (const end of ends) end();
    };
  }, [store]);

  /** @param {PointerEvent} event */
  function point({ offsetX, offsetY }) {
    const hit = drawn.current?.hitTest(offsetX, offsetY) ?? null;
    if (!card) store.hovered.value = hit;
    return hit;
  }

  /** @param {PointerEvent} event */
  function press(event) {
    // What is typed in the card takes effect when its field is left, in every browser before it closes.
    const { activeElement } = document;
    if (activeElement instanceof HTMLElement && frame.current?.contains(activeElement)) {
      activeElement.blur();
    }
    setOpen(null);
    store.hovered.value = null;
    pressed.current = point(event);
  }

  /** @param {Part | null} part */
  function show(part) {
    store.hovered.value = part;
    setOpen(part);
  }

  function close() {
    setOpen(null);
    if (store.hovered.value === open) store.hovered.value = null;
    frame.current?.focus({ preventScroll: true });
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    if (event.target !== frame.current || !checkpoint) return;
    const at = store.hovered.value ?? { kind: "unit", layer: 0, unit: 0 };
    if (event.key === "Enter") {
      event.preventDefault();
      show(/** @type {Part} */ (at));
      return;
    }
    const next = store.hovered.value
      ? beside(checkpoint.network, /** @type {Part} */ (at), event.key, event.shiftKey)
      : at;
    if (!next || !event.key.startsWith("Arrow")) return;
    event.preventDefault();
    event.stopPropagation();
    store.hovered.value = /** @type {Part} */ (next);
  }

  return html`<div
    class="diagram"
    ref=${frame}
    role="group"
    aria-label="Network diagram"
    aria-description=${`${describe(store)}. Arrow keys go from unit to unit and along weights, Enter opens one`}
    tabindex="0"
    onKeyDown=${key}
    onBlur=${() => {
      if (!card) store.hovered.value = null;
    }}
  >
    <canvas
      ref=${canvas}
      onPointerMove=${point}
      onPointerDown=${press}
      onClick=${() => show(pressed.current)}
      onPointerLeave=${() => {
        if (!card) store.hovered.value = null;
      }}
    ></canvas>
    <${Caption} store=${store} />
    <${LeftOut} store=${store} edges=${edges} />
    <${Sizes} model=${model} width=${width} />
    <${Card}
      shown=${card !== null}
      key=${card && JSON.stringify(card)}
      ...${{ model, part: card, close, show }}
      place=${place}
      room=${width}
    />
  </div>`;
}

/**
 * The size of each layer below its column, with buttons that change a hidden one's.
 * @param {{ model: import("../main.js").Model, width: number }} props
 */
function Sizes({ model, width }) {
  const { store, schema, commands } = model;
  const { definition, field } = SETTINGS.hidden_layers;
  const { maximum } = schema.list(definition, field);
  const network = store.wanted.value;
  const largest = store.present.value ? PRESENTED_TILE : LARGEST_TILE;
  const columns = layout(network, { width, height: 0 }, largest);
  const roomy = columns[1].x - columns[0].x >= ROOM_PX;
  /** @param {number} k @param {number} change */
  const set = (k, change) =>
    commands.set({
      hidden_layers: network.hidden_layers.map((units, l) => (l === k ? units + change : units)),
    });
  return columns.map(({ layer, kind, units, x }) => {
    const edited = kind === "hidden" && roomy;
    return html`<span class="sizes below" key=${layer} style=${{ left: `${x}px` }}>
      ${
        edited &&
        html`<button
          aria-label=${`Remove neuron from layer ${layer}`}
          disabled=${units === 1}
          onClick=${() => set(layer - 1, -1)}
        >
          −
        </button>`
      }
      <span translate=${false}>${units}</span>
      ${
        edited &&
        html`<button
          aria-label=${`Add neuron to layer ${layer}`}
          disabled=${units >= (maximum ?? Infinity)}
          onClick=${() => set(layer - 1, 1)}
        >
          +
        </button>`
      }
    </span>`;
  });
}

/**
 * Which weights are not drawn, if there are too many.
 * @param {{ store: import("../state/store.js").Store, edges: number }} props `edges`: how many are
 */
function LeftOut({ store, edges }) {
  const network = store.shown.value?.checkpoint.network ?? store.wanted.value;
  const all = layers(network).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  if (edges === 0 || edges >= all) return null;
  return html`<span class="caption left-out">
    <${Text} text=${`${edges} strongest of ${grouped(all)} weights`} />
  </span>`;
}

/** @param {number} count @returns {string} with a thin space between thousands */
function grouped(count) {
  return String(count).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

/** @param {import("../state/store.js").Store} store */
function describe(store) {
  return `${sizes(store.wanted.value).join(", ")} units by layer`;
}

/**
 * What the pointer or the keyboard is at, with its value now.
 * @param {{ store: import("../state/store.js").Store }} props
 */
function Caption({ store }) {
  const part = store.hovered.value;
  const checkpoint = store.shown.value?.checkpoint;
  const known = part && checkpoint && hasPart(checkpoint.network, part) ? part : null;
  const index = known && checkpoint ? parameterIndex(checkpoint.network, known) : -1;
  const value = index < 0 ? "" : `: ${checkpoint?.parameters[index].toFixed(3)}`;
  return html`<span class="caption" role="status" aria-label="Part of the network">
    ${known && checkpoint && html`<${Text} text=${nameOf(checkpoint.network, known) + value} />`}
  </span>`;
}
