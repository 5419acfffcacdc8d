// The decision map: the field, the points over it, and the tools that edit them.

import { useEffect, useRef } from "preact/hooks";

import { createField } from "../draw/field.js";
import { createPoints } from "../draw/points.js";
import { eraserRadius } from "../state/commands.js";
import { insideSquare, nearestPoint, toData } from "../base/geometry.js";
import { predict } from "../model/forward.js";
import { sizes } from "../model/layout.js";
import { beginGesture } from "../state/gestures.js";
import { Axes, coordinates } from "./axes.js";
import { counted, signed } from "./data.js";
import { drawOnChange } from "./frame.js";
import { Legend } from "./legend.js";
import { Text } from "./text.js";
import { html } from "./html.js";
import { watchSize } from "./size.js";
import { dark } from "./theme.js";

/** @typedef {import("../main.js").Model} Model */
/** @typedef {import("../state/store.js").Store} Store */
/** @typedef {import("../state/store.js").Position} Position */

/** The step of the crosshair for an arrow key, in data units; with Shift a fifth. */
const CROSSHAIR_STEP = 0.05;
/** The distance within which the pointer highlights a point, in data units. */
const HOVER_REACH = 0.035;

/** The button that a pen reports for its eraser. */
const PEN_ERASER = 5;

const ARROWS = /** @type {Record<string, [number, number]>} */ ({
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
});

/** @param {{ model: Model }} props */
export function DecisionMap({ model: { store, commands } }) {
  const frame = useRef(/** @type {HTMLDivElement | null} */ (null));
  const field = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const overlay = useRef(/** @type {HTMLCanvasElement | null} */ (null));
  const gesture = useRef(/** @type {import("../state/gestures.js").Gesture | null} */ (null));
  /** The id of the pointer that draws; others (a second finger, a palm) are ignored. */
  const activePointer = useRef(-1);
  const activeType = useRef("");

  useEffect(() => {
    if (!frame.current || !field.current || !overlay.current) return undefined;
    return drawMap(store, frame.current, field.current, overlay.current);
  }, [store]);

  /** @param {{ clientX: number, clientY: number }} event @returns {Position} */
  function at({ clientX, clientY }) {
    const box = /** @type {HTMLDivElement} */ (frame.current).getBoundingClientRect();
    return toData(box, clientX - box.left, clientY - box.top);
  }

  /** @param {PointerEvent & { currentTarget: HTMLElement }} event */
  function down(event) {
    const erasing = event.pointerType === "pen" && event.button === PEN_ERASER;
    if (event.button !== 0 && !erasing) return;
    // A hand may touch the screen before the pen does.
    if (gesture.current && event.pointerType === "pen" && activeType.current === "touch") release();
    if (gesture.current) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    activePointer.current = event.pointerId;
    activeType.current = event.pointerType;
    store.crosshair.value = null;
    store.pointer.value = at(event);
    gesture.current = beginGesture(erasing ? "erase" : store.view.value.tool, commands, at(event));
  }

  /** @param {PointerEvent} event */
  function moved(event) {
    if (gesture.current && event.pointerId !== activePointer.current) return;
    store.pointer.value = at(event);
    if (!gesture.current) return;
    const coalesced = event.getCoalescedEvents?.() ?? [];
    const events = coalesced.length > 0 ? coalesced : [event];
    for (const position of events) gesture.current.to(at(position));
  }

  function release() {
    gesture.current?.end();
    gesture.current = null;
    activePointer.current = -1;
  }

  /** @param {PointerEvent} event */
  function up({ pointerId }) {
    if (pointerId === activePointer.current) release();
  }

  /** @param {KeyboardEvent} event */
  function key(event) {
    const position = store.crosshair.value ?? { x: 0, y: 0 };
    const arrow = ARROWS[event.key];
    if (arrow) {
      event.preventDefault();
      event.stopPropagation();
      const step = event.shiftKey ? CROSSHAIR_STEP / 5 : CROSSHAIR_STEP;
      const to = { x: round(position.x + arrow[0] * step), y: round(position.y + arrow[1] * step) };
      if (!insideSquare(to.x, to.y)) return;
      store.crosshair.value = to;
      gesture.current?.to(to);
    } else if (event.key === "Enter" && !event.repeat) {
      event.preventDefault();
      store.crosshair.value = position;
      const { tool } = store.view.value;
      const held = gesture.current;
      if (!held) gesture.current = beginGesture(tool, commands, position);
      // Moving takes two presses: one picks the point up, the other puts it down.
      if (held || tool !== "move") release();
    }
  }

  return html`<div class="map-area">
      <div class="map-frame">
        <div
          class=${`map ${store.view.value.tool}`}
          ref=${frame}
          id="map"
          role="application"
          aria-label="Decision map"
          aria-description="Arrow keys move a crosshair, Enter uses the tool there"
          tabindex="0"
          onPointerDown=${down}
          onPointerMove=${moved}
          onPointerUp=${up}
          onPointerCancel=${up}
          onLostPointerCapture=${up}
          onPointerLeave=${() => {
            store.pointer.value = null;
          }}
          onKeyDown=${key}
          onBlur=${() => {
            release();
            store.crosshair.value = null;
          }}
        >
          <canvas ref=${field}></canvas>
          <${Axes} store=${store} />
          <canvas ref=${overlay}></canvas>
        </div>
      </div>
    </div>
    <div class="under-map">
      <${Legend} store=${store} />
      <${Problem} store=${store} />
      <${Outcome} store=${store} />
    </div>
    <${Crosshair} store=${store} />`;
}

/**
 * What is at the crosshair, for screen readers: they hear the keyboard's moves and what it has drawn.
 * @param {{ store: Store }} props
 */
function Crosshair({ store }) {
  const at = store.crosshair.value;
  const checkpoint = store.shown.value?.checkpoint;
  const count = store.points.value.x.length;
  const text = at
    ? `${coordinates(at)}: ${checkpoint ? inWords(checkpoint, at) : ""}${counted(count)}`
    : "";
  return html`<span class="unseen" role="status" aria-label="Crosshair">
    ${text && html`<${Text} text=${text} />`}
  </span>`;
}

/** @param {import("../net/protocol.js").Checkpoint} checkpoint @param {Position} at */
function inWords(checkpoint, { x, y }) {
  const shares = predict(checkpoint, Float32Array.of(x), Float32Array.of(y));
  const { classes } = checkpoint.network;
  if (classes.length === 0) return `value ${signed(shares[0])}, `;
  const most = shares.indexOf(Math.max(...shares));
  return `class ${classes[most] + 1}, ${Math.round(100 * shares[most])} %, `;
}

/** The error of training, shown over the legend. @param {{ store: Store }} props */
function Problem({ store }) {
  const text = store.errors.transport.value;
  return text && html`<p class="problem" role="alert"><${Text} text=${text} /></p>`;
}

const PAST = "The past. Training goes on.";

/** Why training stopped by itself, while that moment is in view; or that the past is. @param {{ store: Store }} props */
function Outcome({ store: { outcome, shown, scrubbed, training, errors } }) {
  const { text, moment } = outcome.value ?? {};
  const ended = moment === shown.value && !training.value ? text : "";
  const past = scrubbed.value && training.value ? PAST : "";
  const said = errors.transport.value ? "" : past || ended;
  return html`<p class="outcome" role="status" aria-label="Outcome">
    ${said && html`<${Text} text=${said} />`}
  </p>`;
}

/** To a hundredth, so that steps add up exactly. @param {number} coordinate */
function round(coordinate) {
  return Math.round(coordinate * 100) / 100;
}

/**
 * @param {Store} store
 * @param {HTMLElement} frame
 * @param {HTMLCanvasElement} below
 * @param {HTMLCanvasElement} above
 * @returns {() => void} stops it
 */
function drawMap(store, frame, below, above) {
  const field = createField(below);
  let ended = false;
  // Loaded after the page can be used; without it the processor draws, as it does until then.
  setTimeout(() => {
    import("../draw/gpu.js").then(
      ({ createGpu }) => {
        if (!ended) field.accelerate(createGpu());
      },
      () => {},
    );
  });
  const points = createPoints(above);
  const { size, stop } = watchSize(frame);
  const ends = [
    drawOnChange(() => {
      const checkpoint = store.shown.value?.checkpoint;
      const hit = store.hovered.value;
      const unit = hit?.kind === "unit" && checkpoint && hasUnit(checkpoint, hit) ? hit : undefined;
      if (checkpoint && size.value.width > 0) {
        const { colouring, boundary } = store.view.value;
        field.draw({ checkpoint, dark: dark.value, unit, colouring, boundary, ...size.value });
      }
    }),
    drawOnChange(() => {
      if (size.value.width === 0) return;
      const { tool, test_points, errors } = store.view.value;
      const place = store.crosshair.value ?? store.pointer.value ?? undefined;
      const eraser =
        tool === "erase" && place ? { ...place, radius: eraserRadius(store) } : undefined;
      const hover =
        tool === "move" && place ? nearestPoint(store.points.value, place, HOVER_REACH) : undefined;
      points.draw({
        points: store.points.value,
        dark: dark.value,
        testShown: test_points,
        wrong: errors ? wrongPoints(store) : null,
        selected: store.selection.value,
        frame: store.selectionFrame.value,
        crosshair: store.crosshair.value ?? undefined,
        ...{ eraser, hover },
        ...size.value,
      });
    }),
    () => {
      ended = true;
      field.dispose();
    },
    stop,
  ];
  return () => {
    for (const end of ends) end();
  };
}

/**
 * @param {Store} store
 * @returns {Uint8Array | null} 1 for each point that the network in view takes for another class
 */
function wrongPoints({ points: { value: points }, shown, regression }) {
  const checkpoint = shown.value?.checkpoint;
  if (!checkpoint || regression.value) return null;
  const { classes } = checkpoint.network;
  const shares = predict(checkpoint, points.x, points.y);
  const count = points.x.length;
  return Uint8Array.from(points.label, (label, k) => {
    let most = 0;
    for (let j = 1; j < classes.length; j += 1) {
      if (shares[j * count + k] > shares[most * count + k]) most = j;
    }
    return Number(classes[most] !== label);
  });
}

/**
 * @param {import("../net/protocol.js").Checkpoint} checkpoint
 * @param {{ layer: number, unit: number }} hit found in an earlier network
 */
function hasUnit({ network }, { layer, unit }) {
  return unit < (sizes(network)[layer] ?? 0);
}
