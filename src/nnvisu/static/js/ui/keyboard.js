// Keyboard shortcuts, except while the user types into a field.

import { placeOf } from "../state/history.js";
import { openHelp } from "./help_dialog.js";
import { meaningOf } from "./keys.js";
import { togglePresent } from "./present.js";
import { scrub } from "./transport.js";

/** @typedef {import("../main.js").Model} Model */

/** Elements with their own use of all keys, of the arrow keys, and of Space. */
const TEXT = "input:not([type=radio], [type=range], [type=checkbox]), textarea, dialog";
/** Elements with their own use of letters, and none of Undo. */
const CHOICE = "select";
const ARROWED = "input, [role=application], details.menu";
const PRESSED = "button, summary, a, [type=checkbox]";
/** Elements that lose the focus when they are clicked. */
const CLICKED = "button, summary, label:has([type=checkbox])";
/** Keys that repeat while held. */
const HELD = /^arrow|^[zy]$/;
/** Keys that can be switched off: someone may press them by mistake, or dictate text. */
const ONE_KEY = /^.$/;

/** @param {Model} model */
export function listenToKeys(model) {
  addEventListener("keydown", (event) => {
    const target = event.target instanceof Element ? event.target : document.body;
    if (event.defaultPrevented || event.isComposing || target.closest(TEXT)) return;
    // A dialog may be open without the focus in it.
    if (document.querySelector("dialog[open]")) return;
    const key = meaningOf(event);
    if (event.repeat && !HELD.test(key)) return;
    const modified = event.ctrlKey || event.metaKey;
    if (!modified && target.closest(CHOICE)) return;
    const act = modified ? undoing(model, key, event.shiftKey) : plain(model, key, event, target);
    if (!act) return;
    event.preventDefault();
    act();
  });
  // After a click, Space means Train again, not one more press of the same button.
  addEventListener("click", ({ detail, target }) => {
    const pressed = target instanceof Element && detail > 0 ? target.closest(CLICKED) : null;
    const { activeElement } = document;
    if (pressed?.contains(activeElement) && activeElement instanceof HTMLElement) {
      activeElement.blur();
    }
  });
}

/** @param {Model} model @param {string} key @param {boolean} shiftKey */
function undoing({ commands }, key, shiftKey) {
  if (key === "y") return commands.redo;
  if (key !== "z") return null;
  return shiftKey ? commands.redo : commands.undo;
}

/** @param {Model} model @param {string} key @param {KeyboardEvent} event @param {Element} target */
function plain({ store, trainer, commands }, key, { altKey }, target) {
  const { view, history, scrubbed, regression } = store;
  if (altKey || (!store.oneKey.value && ONE_KEY.test(key) && key !== " ")) return null;
  if (/^\d$/.test(key)) {
    if (regression.value) return null;
    return () => {
      view.value = { ...view.value, label: (Number(key) + 9) % 10 };
    };
  }
  switch (key) {
    case " ":
      return target.closest(PRESSED) ? null : trainer.toggle;
    case "s":
      return trainer.step;
    case "r":
      return commands.resetModel;
    case "d":
      return choose("draw");
    case "e":
      return choose("erase");
    case "m":
      return choose("move");
    case "f":
      return () => togglePresent(store);
    case "escape":
      return store.present.value ? () => togglePresent(store) : null;
    case "delete":
    case "backspace":
      return store.selection.value.length > 0 ? commands.deleteSelected : null;
    case "?":
      return openHelp;
    case "arrowleft":
      return target.closest(ARROWED) ? null : () => scrub(store, place() - 1);
    case "arrowright":
      return target.closest(ARROWED) ? null : () => scrub(store, place() + 1);
    default:
      return null;
  }

  /** @param {import("../state/store.js").Tool} tool */
  function choose(tool) {
    return () => {
      view.value = { ...view.value, tool };
    };
  }

  function place() {
    const { moments } = history.value;
    return scrubbed.value ? placeOf(moments, scrubbed.value) : moments.length - 1;
  }
}
