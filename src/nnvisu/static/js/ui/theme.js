// The light or dark theme: the user's choice, or else the system's setting.

import { computed, signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  systemDark.value = matches;
});

const chosen = signal(/** @type {import("../state/store.js").View["theme"]} */ ("system"));

/** Whether the dark theme is active. */
export const dark = computed(() =>
  chosen.value === "system" ? systemDark.value : chosen.value === "dark",
);

/** @param {import("../state/store.js").View["theme"]} theme */
export function followTheme(theme) {
  chosen.value = theme;
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
}
