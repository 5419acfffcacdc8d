// Form controls: a labelled number, text, choice or slider. An invalid value shows the reason beside
// its field, and the last valid value stays in force.

import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";

import { isUnfinished } from "../settings/parse.js";
import { html } from "./html.js";
import { Text } from "./text.js";

/** The pause in typing after which a value takes effect. */
const TYPING_MS = 600;

/**
 * @param {{
 *   children: import("./html.js").Children, label: string, help: string, problem?: string, id?: string
 * }} props `id` of the problem's element
 */
export function Row({ children, label, help, problem = "", id }) {
  return html`<div class="field">
    <label class="field-row" data-help=${help}
      ><span class="label">${label}</span>${children}</label
    >
    <${Problem} ...${{ problem, id }} />
  </div>`;
}

/**
 * A field to type into.
 * @template T
 * @typedef {{
 *   label: string, help: string, value: T, show: (value: T) => string,
 *   parse: (text: string) => import("../settings/parse.js").Parsed<T>, commit: (value: T) => void,
 *   nudge?: (value: T, direction: 1 | -1) => T, number?: boolean, retry?: boolean, patient?: boolean,
 *   bare?: boolean, disabled?: boolean, ladder?: boolean
 * }} TypedProps `nudge`: what the arrow keys do; `retry`: whether a refused value takes effect once it
 *   may; `patient`: whether a value takes effect only with Enter or when the field is left; `bare`: whether
 *   it stands without its label, in a table; `ladder`: whether two
 *   buttons do what the arrow keys do
 */

/** @param {TypedProps<any>} props */
export function Typed(props) {
  const { label, help, value, show, parse, commit, nudge, number, retry = true, patient } = props;
  const { bare, disabled, ladder } = props;
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const [problem, setProblem] = useState("");
  const element = useRef(/** @type {HTMLInputElement | null} */ (null));
  const id = useId();
  const timer = useRef(/** @type {ReturnType<typeof setTimeout> | undefined} */ (undefined));
  const pending = useRef(() => {});
  useEffect(() => {
    // A value that waits for more typing takes effect when the page is closed.
    const finish = () => pending.current();
    addEventListener("pagehide", finish);
    return () => removeEventListener("pagehide", finish);
  }, []);

  useLayoutEffect(() => {
    // A value that changes by itself stays selected, so that typing replaces it.
    const { current } = element;
    if (patient && draft === null && current && current === document.activeElement) {
      current.select();
    }
  }, [value]);

  /** The text that was refused. */
  const refused = useRef("");
  useEffect(() => {
    // The cause of the refusal may be gone: then the value takes effect now.
    const { current } = refused;
    if (!retry || !problem || draft !== current || parse(current).problem !== undefined) return;
    if (settle(current)) setDraft(null);
  });

  useEffect(() => {
    // The message may lie below the end of a scrolling column.
    if (problem) document.getElementById(id)?.scrollIntoView({ block: "nearest" });
  }, [problem]);

  /** @param {string} text */
  function settle(text) {
    clearTimeout(timer.current);
    pending.current = () => {};
    refused.current = text;
    const parsed = parse(text);
    setProblem(parsed.problem ?? "");
    if (parsed.problem === undefined) commit(parsed.value);
    return parsed.problem === undefined;
  }

  /** @param {InputEvent & { currentTarget: HTMLInputElement }} event */
  function input({ currentTarget, inputType, data, isComposing }) {
    const text = currentTarget.value;
    setDraft(text);
    // An input method is not done yet.
    if (isComposing) return;
    const typing = inputType?.startsWith("delete") || (data?.length ?? 2) === 1;
    if (!typing && !patient) {
      settle(text);
      return;
    }
    // Wait for more: 1 may become 1e-3.
    clearTimeout(timer.current);
    pending.current = () => settle(text);
    if (patient || (number && isUnfinished(text))) return;
    timer.current = setTimeout(pending.current, TYPING_MS);
  }

  /** @param {KeyboardEvent & { currentTarget: HTMLInputElement }} event */
  function key(event) {
    if (event.key === "Enter") leave(event);
    if (event.key === "Escape") {
      clearTimeout(timer.current);
      pending.current = () => {};
      setDraft(null);
      setProblem("");
    }
    const direction = event.key === "ArrowUp" ? 1 : event.key === "ArrowDown" ? -1 : 0;
    if (!nudge || direction === 0) return;
    event.preventDefault();
    step(direction);
  }

  /** @param {1 | -1} direction */
  function step(direction) {
    // From what is typed, if that is a value.
    const typed = draft === null ? undefined : parse(draft);
    const from = typed && typed.problem === undefined ? typed.value : value;
    const text = show(nudge?.(from, direction));
    if (parse(text).problem === undefined && settle(text)) setDraft(null);
  }

  /** @param {{ currentTarget: HTMLInputElement }} event */
  function leave({ currentTarget }) {
    if (draft !== null && settle(currentTarget.value)) setDraft(null);
  }

  const field = html`<input
    ref=${element}
    type="text"
    role=${number ? "spinbutton" : undefined}
    inputmode=${number ? "decimal" : undefined}
    aria-label=${label}
    aria-description=${help}
    aria-valuenow=${number && value !== null ? value : undefined}
    aria-valuetext=${number ? show(value) : undefined}
    aria-invalid=${problem ? "true" : undefined}
    aria-describedby=${problem ? id : undefined}
    autocomplete="off"
    spellcheck=${false}
    disabled=${disabled}
    value=${draft ?? show(value)}
    onInput=${input}
    onCompositionEnd=${input}
    onKeyDown=${key}
    onBlur=${leave}
  />`;
  return bare
    ? html`${field}<${Problem} ...${{ problem, id }} />`
    : html`<${Row} ...${{ label, help, problem, id }}>
        ${ladder ? html`<span class="ladder">${rung("−", -1)}${field}${rung("+", 1)}</span>` : field}
      <//>`;

  /** @param {string} sign @param {1 | -1} direction */
  function rung(sign, direction) {
    const name = direction > 0 ? `Raise ${label}` : `Lower ${label}`;
    return html`<button aria-label=${name} onClick=${() => step(direction)}>${sign}</button>`;
  }
}

/** @param {{ problem: string, id?: string }} props */
function Problem({ problem, id }) {
  return problem && html`<p class="problem" role="alert" id=${id}><${Text} text=${problem} /></p>`;
}

/**
 * @param {{
 *   label: string, help: string, value: string,
 *   options: { value: string, label: string }[], choose: (value: string) => void
 * }} props
 */
export function Choice({ label, help, value, options, choose }) {
  return html`<${Row} label=${label} help=${help}>
    <${Select} label=${label} help=${help} value=${value} options=${options} choose=${choose} />
  <//>`;
}

/**
 * @param {{
 *   label: string, help?: string, value: string,
 *   options: { value: string, label: string }[], choose: (value: string) => void
 * }} props
 */
export function Select({ label, help, value, options, choose }) {
  return html`<span class="select">
    <select
      aria-label=${label}
      aria-description=${help}
      value=${value}
      onChange=${(/** @type {{ currentTarget: HTMLSelectElement }} */ { currentTarget }) =>
        choose(currentTarget.value)}
    >
      ${options.map(
        (option) =>
          html`<option value=${option.value} selected=${option.value === value}>
            ${option.label}
          </option>`,
      )}
    </select>
  </span>`;
}

/**
 * @param {{
 *   label: string, help: string, value: number, minimum: number, maximum: number, step: number,
 *   show: (value: number) => string, commit: (value: number, gesture: unknown) => void,
 *   disabled?: boolean, children?: import("./html.js").Children
 * }} props `children` stand before the figure; all values of
 *   one drag are committed with the same `gesture`
 */
export function Slider(props) {
  const { label, help, value, minimum, maximum, step, show, commit, disabled, children } = props;
  const gesture = useRef({});
  return html`<label class="slider" data-help=${help}>
    <span class="label">${label}</span
    ><span class="figure" translate=${false}>${children}${show(value)}</span>
    <input
      type="range"
      aria-label=${label}
      aria-description=${help}
      aria-valuetext=${show(value)}
      min=${minimum}
      max=${maximum}
      step=${step}
      disabled=${disabled}
      value=${value}
      onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
        commit(currentTarget.valueAsNumber, gesture.current)}
      onChange=${() => {
        gesture.current = {};
      }}
    />
  </label>`;
}
