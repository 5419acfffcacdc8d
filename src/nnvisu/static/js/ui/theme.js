// Light or dark: what was chosen, or else what the system asks for.

import { computed, signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");
const systemDark = signal(query.matches);
query.addEventListener("change", ({ matches }) => {
  systemDark.value = matches;
});

const chosen = signal(/** @type {import("../state/store.js").View["theme"]} */ ("system"));

/** Whether the page is dark now. */
export const dark = computed(() =>
  chosen.value === "system" ? systemDark.value : chosen.value === "dark",
);

/** @param {import("../state/store.js").View["theme"]} theme */
export function followTheme(theme) {
  chosen.value = theme;
  document.documentElement.dataset.theme = dark.value ? "dark" : "light";
}
