// What a person chooses once for all experiments of this browser: the theme, whether the first steps are
// shown, and one-key shortcuts.

import { effect } from "@preact/signals";

import { StorageFailure } from "./browser_storage.js";
import { put, seal, unseal } from "./local_storage.js";

const KEY = "nnvisu.preferences";
const THEMES = ["system", "light", "dark"];

/**
 * @typedef {{
 *   theme: import("../state/store.js").View["theme"], howto: boolean, oneKey: boolean
 * }} Preferences
 */

/**
 * @param {globalThis.Storage} local
 * @returns {Partial<Preferences>} those that are stored and sound
 */
export function readPreferences(local) {
  try {
    const stored = /** @type {any} */ (unseal(local.getItem(KEY) ?? ""));
    return {
      ...(THEMES.includes(stored.theme) && { theme: stored.theme }),
      ...(typeof stored.howto === "boolean" && { howto: stored.howto }),
      ...(typeof stored.oneKey === "boolean" && { oneKey: stored.oneKey }),
    };
  } catch (error) {
    if (error instanceof Error) return {};
    throw error;
  }
}

/**
 * Puts preferences into the store, where they replace those of a restored experiment.
 * @param {import("../state/store.js").Store} store
 * @param {Partial<Preferences>} preferences
 */
export function applyPreferences({ view, oneKey }, { oneKey: letters, ...rest }) {
  view.value = { ...view.value, ...rest };
  if (letters !== undefined) oneKey.value = letters;
}

/**
 * Stores the preferences when they change. They are not worth a notice: if they can't be stored, they
 * last as long as the page.
 * @param {import("../state/store.js").Store} store
 * @param {globalThis.Storage} local
 */
export function keepPreferences({ view, oneKey }, local) {
  let written = "";
  effect(() => {
    const { theme, howto } = view.value;
    const json = JSON.stringify({ theme, howto, oneKey: oneKey.value });
    if (json === written) return;
    try {
      if (put(local, KEY, seal(json))) written = json;
    } catch (error) {
      if (!(error instanceof StorageFailure)) throw error;
    }
  });
}
