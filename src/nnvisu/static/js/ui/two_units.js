// Under "Inside": the plane as two chosen units of a layer see it, with the points, live.

import { useEffect, useRef, useState } from "preact/hooks";
import { useSignal } from "@preact/signals";

import { createTwoUnits } from "../draw/two_units.js";
import { layerNames } from "../model/diagnostics.js";
import { sizes } from "../model/layout.js";
import { Select } from "./fields.js";
import { drawOnChange } from "./frame.js";
import { html } from "./html.js";
import { unitName } from "./parts.js";
import { watchSize } from "./size.js";
import { dark } from "./theme.js";

/** @param {{ store: import("../state/store.js").Store }} props */
export function TwoUnits({ store }) {
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const canvas = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const network = store.shown.value?.checkpoint.network ?? store.wanted.value;
  const units = sizes(network);
  /** Layers from the end, so that the last hidden one stays chosen while others are added. */
  const [chosen, setChosen] = useState({ fromEnd: 1, across: 0, up: 1 });
  const layer = Math.max(1, units.length - 1 - chosen.fromEnd);
  const last = units[layer] - 1;
  const [across, up] = [Math.min(chosen.across, last), Math.min(chosen.up, last)];
  const seen = useSignal({ layer, across, up });
  if (seen.value.layer !== layer || seen.value.across !== across || seen.value.up !== up) {
    seen.value = { layer, across, up };
  }
  useEffect(() => {
    if (!frame.current || !canvas.current) return undefined;
    const drawing = createTwoUnits(canvas.current);
    const { size, stop } = watchSize(frame.current);
    const end = drawOnChange(() => {
      const checkpoint = store.shown.value?.checkpoint;
      if (!checkpoint || size.value.width === 0) return;
      const count = sizes(checkpoint.network)[seen.value.layer] ?? 0;
      if (Math.max(seen.value.across, seen.value.up) >= count) return;
      const points = store.points.value;
      drawing.draw({ checkpoint, points, dark: dark.value, ...seen.value, ...size.value });
    });
    return () => {
      end();
      stop();
      drawing.dispose();
    };
  }, [store]);
  const options = Array.from({ length: last + 1 }, (_, unit) => ({
    value: String(unit),
    label: unitName(network, layer, unit),
  }));
  const name = `The plane as ${options[across].label} (across) and ${options[up].label} (up) see it`;
  return html`<div class="two-units">
    <h3>Two units’ view</h3>
    <div class="choices">
      <${Select}
        label="Layer of the view"
        value=${String(layer)}
        options=${layerNames(network).map((label, k) => ({ value: String(k + 1), label }))}
        choose=${(/** @type {string} */ value) =>
          setChosen({ fromEnd: units.length - 1 - Number(value), across: 0, up: 1 })}
      />
      <${Select}
        label="Unit across"
        ...${{ options, value: String(across) }}
        choose=${(/** @type {string} */ unit) => setChosen({ ...chosen, across: Number(unit) })}
      />
      <${Select}
        label="Unit up"
        ...${{ options, value: String(up) }}
        choose=${(/** @type {string} */ unit) => setChosen({ ...chosen, up: Number(unit) })}
      />
    </div>
    <div class="plane" ref=${frame}>
      <canvas ref=${canvas} role="img" aria-label=${name}></canvas>
    </div>
    <p class="hint">
      A square grid over the map, bent by the network. The classes can be told apart once a straight
      line separates them here.
    </p>
  </div>`;
}
