// Says what a part of the page means: elements with `data-help` show it in a bubble, when the pointer rests
// on them, when the keyboard comes to them, and when a finger taps them.

import { useEffect, useRef, useState } from "preact/hooks";

import { html } from "./html.js";
import { Text } from "./text.js";

/** How long the pointer or the focus rests before the bubble appears. */
const REST_MS = 450;
/** The distance from the element, and from the window's edges, in CSS pixels. */
const GAP = 6;
const WIDTH = 260;

/** @typedef {{ text: string, box: DOMRect }} Shown */

/** @param {EventTarget | null} target @returns {HTMLElement | null} the element whose help is meant */
function helped(target) {
  return target instanceof Element ? target.closest("[data-help]") : null;
}

export function Bubble() {
  const [shown, setShown] = useState(/** @type {Shown | null} */ (null));
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    let touched = false;
    /** @param {Element | null} about @param {number} delay_ms */
    function show(about, delay_ms) {
      clearTimeout(timer);
      setShown(null);
      const text = about?.getAttribute("data-help");
      if (!about || !text) return;
      timer = setTimeout(() => setShown({ text, box: about.getBoundingClientRect() }), delay_ms);
    }
    /** @param {PointerEvent} event */
    const over = ({ target, pointerType }) => {
      if (pointerType !== "touch") show(helped(target), REST_MS);
    };
    /** @param {FocusEvent} event */
    const focus = ({ target }) => {
      const seen = target instanceof Element && target.matches(":focus-visible");
      if (seen && !touched) show(helped(target), REST_MS);
    };
    /** @param {PointerEvent} event */
    const down = ({ pointerType }) => {
      touched = pointerType === "touch";
      show(null, 0);
    };
    /** @param {PointerEvent} event */
    const up = ({ target, pointerType }) => {
      if (pointerType === "touch") show(helped(target), 0);
    };
    /** @param {KeyboardEvent} event */
    const key = ({ key: pressed }) => {
      touched = false;
      if (pressed === "Escape") show(null, 0);
    };
    const hide = () => show(null, 0);
    const page = /** @type {[string, (event: any) => void][]} */ ([
      ["pointerover", over],
      ["focusin", focus],
      ["focusout", hide],
      ["pointerdown", down],
      ["pointerup", up],
      ["pointercancel", hide],
      ["keydown", key],
      ["scroll", hide],
    ]);
    for (const [name, act] of page) document.addEventListener(name, act, true);
    return () => {
      clearTimeout(timer);
      for (const [name, act] of page) document.removeEventListener(name, act, true);
    };
  }, []);

  useEffect(() => {
    const { current } = element;
    if (!shown || !current) return;
    const { box } = shown;
    const height = current.offsetHeight;
    const below = box.bottom + GAP;
    const top = below + height + GAP > innerHeight ? Math.max(GAP, box.top - GAP - height) : below;
    const middle = box.left + box.width / 2 - WIDTH / 2;
    current.style.top = `${top}px`;
    current.style.left = `${Math.max(GAP, Math.min(innerWidth - WIDTH - GAP, middle))}px`;
  }, [shown]);

  return (
    shown &&
    html`<p class="bubble" role="tooltip" ref=${element} style=${{ width: `${WIDTH}px` }}>
      <${Text} text=${shown.text} />
    </p>`
  );
}
