// The banner: name, menu of experiments, connection, theme and help.

import { useRef, useState } from "preact/hooks";

import { MAX_NAME } from "../storage/experiments.js";
import { HelpDialog } from "./help.js";
import { html } from "./html.js";
import { dark } from "./theme.js";

/** @typedef {import("../main.js").Model} Model */

/** @param {{ model: Model }} props */
export function Header({ model }) {
  const { store } = model;
  const help = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const name = dark.value ? "Light theme" : "Dark theme";
  return html`<header class="banner" role="banner">
    <h1 class="brand"><b>nn</b>visu</h1>
    <${Menu} model=${model} />
    <${ConnectionState} store=${store} />
    <button
      class="icon"
      aria-label=${name}
      title=${name}
      onClick=${() => {
        store.view.value = { ...store.view.value, theme: dark.value ? "light" : "dark" };
      }}
    >
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <path d="M8 1.5a6.5 6.5 0 1 0 0 13z" />
        <circle cx="8" cy="8" r="6.5" class="ring" />
      </svg>
    </button>
    <button
      class="icon"
      aria-label="Help"
      title="Keys and first steps (?)"
      onClick=${() => help.current?.showModal()}
    >
      ?
    </button>
    <${HelpDialog} dialog=${help} store=${store} />
  </header>`;
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
    <i aria-hidden="true"></i><span role="status" aria-label="Connection">${text}</span>
  </span>`;
}

/** Why the page cannot connect. @param {{ store: import("../state/store.js").Store }} props */
export function Reason({ store }) {
  const { reason } = store.connection.value;
  return reason && html`<p class="notice" role="alert">${reason} The page keeps trying.</p>`;
}

/** The menu of experiments, under the name of the current one. @param {{ model: Model }} props */
function Menu({ model: { store, experiments, commands } }) {
  const details = useRef(/** @type {HTMLDetailsElement | null} */ (null));
  const [problem, setProblem] = useState("");
  const [confirming, setConfirming] = useState(false);
  const [draft, setDraft] = useState(/** @type {string | null} */ (null));
  const [names, setNames] = useState(/** @type {string[]} */ ([]));
  const current = store.name.value;

  /** @param {{ currentTarget: HTMLElement }} event */
  function left({ currentTarget }) {
    requestAnimationFrame(() => {
      if (details.current && !currentTarget.contains(document.activeElement)) {
        details.current.open = false;
      }
    });
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
    onFocusOut=${left}
    onKeyDown=${(/** @type {KeyboardEvent} */ { key }) => {
      if (key !== "Escape" || !details.current?.open) return;
      details.current.open = false;
      details.current.querySelector("summary")?.focus();
    }}
  >
    <summary aria-label=${`Experiment ${current}`}>
      <span>${current}</span><span aria-hidden="true"> ▾</span>
    </summary>
    <div class="sheet">
      <form onSubmit=${rename}>
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
      ${problem && html`<p class="problem" role="alert">${problem}</p>`}
      ${names
        .filter((name) => name !== current)
        .map(
          (name) =>
            html`<button class="item" onClick=${() => experiments.open(name)}>${name}</button>`,
        )}
      <hr />
      <button class="item" onClick=${experiments.create}>New experiment</button>
      <button class="item" onClick=${() => setProblem(experiments.duplicate())}>Duplicate</button>
      <button
        class="item"
        onClick=${() => (confirming ? commands.deleteExperiment() : setConfirming(true))}
      >
        ${confirming ? `Yes, delete “${current}”` : "Delete this experiment"}
      </button>
    </div>
  </details>`;
}
