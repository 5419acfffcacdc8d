// The banner: name, menu of experiments, connection, theme and help.

import { useEffect, useRef, useState } from "preact/hooks";

import { MAX_NAME } from "../storage/experiments.js";
import { openHelp } from "./help_dialog.js";
import { togglePresent } from "./present.js";
import { html } from "./html.js";
import { Text } from "./text.js";
import { dark } from "./theme.js";

// The time between the clicks of a double click, as most systems set it.
const DOUBLE_CLICK_MS = 500;

/** @typedef {import("../main.js").Model} Model */

/** @param {{ model: Model }} props */
export function Header({ model }) {
  const { store, commands } = model;
  const name = dark.value ? "Light theme" : "Dark theme";
  return html`<header class="banner" role="banner">
    <button class="skip" onClick=${() => document.getElementById("map")?.focus()}>
      Go to the map
    </button>
    <h1 class="brand"><b>nn</b>visu</h1>
    <${Menu} model=${model} />
    <${ConnectionState} store=${store} />
    <${UndoButton} name=${commands.undoName.value} label="Undo" sign="↶" act=${commands.undo} />
    <${UndoButton} name=${commands.redoName.value} label="Redo" sign="↷" act=${commands.redo} />
    <button
      class="icon present"
      aria-label="Present"
      data-help="Map and diagram over the whole window (F)"
      onClick=${() => togglePresent(store)}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path class="ring" d="M1.5 6V2.5H6M10 2.5h4.500V6M14.500 10v3.500H10M6 13.500H1.500V10" />
      </svg>
    </button>
    <button
      class="icon"
      aria-label=${name}
      data-help=${name}
      onClick=${() => {
        store.view.value = { ...store.view.value, theme: dark.value ? "light" : "dark" };
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 1.5a6.5 6.5 0 1 0 0 13z" />
        <circle cx="8" cy="8" r="6.5" class="ring" />
      </svg>
    </button>
    <button class="icon" aria-label="Help" data-help="Keys and first steps (?)" onClick=${openHelp}>
      ?
    </button>
  </header>`;
}

/**
 * @param {{ name: string, label: string, sign: string, act: () => void }} props `name` is the step to undo or
 *   redo; empty if there is none
 */
function UndoButton({ name, label, sign, act }) {
  return html`<button
    class="icon undo"
    aria-label=${label}
    disabled=${name === ""}
    data-help=${name ? `${label}: ${name}` : label}
    aria-description=${name || undefined}
    onClick=${act}
  >
    <span aria-hidden="true">${sign}</span>
  </button>`;
}

/** @param {{ store: import("../state/store.js").Store }} props */
function ConnectionState({ store }) {
  const connection = store.connection.value;
  const ready = connection.kind === "open" && store.progress.value === 1;
  const text =
    connection.kind === "connecting"
      ? "connecting"
      : connection.kind === "waiting"
        ? `reconnecting in ${connection.seconds} s`
        : ready
          ? "connected"
          : `preparing the engine (first start only), ${Math.round(100 * store.progress.value)} %`;
  return html`<span class=${`connection ${ready ? "ready" : "busy"}`}>
    <i aria-hidden="true"></i
    ><span role="status" aria-label="Connection"><${Text} text=${text} /></span>
  </span>`;
}

/** Why the page cannot connect. @param {{ store: import("../state/store.js").Store }} props */
export function Reason({ store }) {
  const { reason } = store.connection.value;
  return (
    reason &&
    html`<p class="notice" role="alert"><${Text} text=${`${reason} The page keeps trying.`} /></p>`
  );
}

/** The menu of experiments, under the name of the current one. @param {{ model: Model }} props */
function Menu({ model: { store, experiments, commands } }) {
  const details = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const [problem, setProblem] = useState("");
  const [confirming, setConfirming] = useState(false);
  const [ready, setReady] = useState(false);
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  const current = store.name.value;

  useEffect(() => {
    // A focus that goes nowhere does not close it: in some browsers a click takes the focus away from
    // the page before it reaches a button.
    /** @param {Event} event */
    function close({ target }) {
      const { current: menu } = details;
      if (menu?.open && !menu.contains(/** @type {Node} */ (target))) menu.open = false;
    }
    /** After a click the focus may be outside. @param {KeyboardEvent} event */
    function escape({ key }) {
      if (key !== "Escape" || !details.current?.open) return;
      details.current.open = false;
      details.current.querySelector("summary")?.focus();
    }
    const events = ["pointerdown", "focusin"];
    for (const event of events) addEventListener(event, close);
    addEventListener("keydown", escape);
    return () => {
      for (const event of events) removeEventListener(event, close);
      removeEventListener("keydown", escape);
    };
  }, []);

  // The second click of a double click confirms nothing, whatever the browser counts.
  useEffect(() => {
    setReady(false);
    const timer = confirming && setTimeout(() => setReady(true), DOUBLE_CLICK_MS);
    return () => clearTimeout(timer || undefined);
  }, [confirming]);

  /** @param {string} name */
  function open(name) {
    setProblem(experiments.open(name));
    setNames(experiments.list());
  }

  /** @param {SubmitEvent & { currentTarget: HTMLFormElement }} event */
  function rename(event) {
    event.preventDefault();
    setProblem(experiments.rename((draft ?? current).trim()));
  }
  return html`<details
    class="menu"
    ref=${details}
    onToggle=${() => {
      setNames(experiments.list());
      setConfirming(false);
    }}
    onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
      // A key that is held down presses a button once.
      if (event.repeat && event.key === "Enter") event.preventDefault();
    }}
  >
    <summary aria-label=${`Experiment ${current}`}>
      <span>${current}</span><span aria-hidden="true"> ▾</span>
    </summary>
    ${
      experiments.kept
        ? html`<div class="sheet">${sheet()}</div>`
        : html`<p class="sheet">Without site data, there is one experiment.</p>`
    }
  </details>`;

  function sheet() {
    return html`<form onSubmit=${rename}>
        <input
          aria-label="Experiment name"
          value=${draft ?? current}
          maxlength=${MAX_NAME}
          autocomplete="off"
          onInput=${(/** @type {{ currentTarget: HTMLInputElement }} */ { currentTarget }) =>
            setDraft(currentTarget.value)}
        />
        <button>Rename</button>
      </form>
      ${problem && html`<p class="problem" role="alert"><${Text} text=${problem} /></p>`}
      ${names
        .filter((name) => name !== current)
        .map((name) => html`<button class="item" onClick=${() => open(name)}>${name}</button>`)}
      <hr />
      <button class="item" onClick=${experiments.create}>New experiment</button>
      <button
        class="item"
        onClick=${(/** @type {MouseEvent} */ { detail }) => {
          if (detail < 2) setProblem(experiments.duplicate());
        }}
      >
        Duplicate
      </button>
      <button
        class="item"
        aria-disabled=${confirming && !ready}
        onClick=${(/** @type {MouseEvent} */ { detail }) => {
          if (!confirming) setConfirming(true);
          else if (ready && detail < 2) commands.deleteExperiment();
        }}
      >
        <${Text} text=${confirming ? `Yes, delete “${current}”` : "Delete this experiment"} />
      </button>`;
  }
}
