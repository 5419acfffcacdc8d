// The moment in view at a rate that numbers can be read at: tables that follow every frame of a training
// take more time than map and diagram together.

import { effect, signal } from "@preact/signals";

/** The least time between two moments while the network trains. */
const READING_MS = 100;

/**
 * @param {Pick<import("../state/store.js").Store, "shown" | "training">} store
 * @returns {{
 *   shown: import("@preact/signals").Signal<import("../state/store.js").Moment | null>, stop: () => void
 * }} `shown`: that of the store, at once unless the network trains
 */
export function readable(store) {
  const shown = signal(store.shown.peek());
  let put_ms = -Infinity;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;
  const end = effect(() => {
    const newest = store.shown.value;
    const rest_ms = store.training.value ? put_ms + READING_MS - performance.now() : 0;
    clearTimeout(waiting);
    if (rest_ms > 0) waiting = setTimeout(put, rest_ms);
    else put();

    function put() {
      put_ms = performance.now();
      shown.value = newest;
    }
  });
  return {
    shown,
    stop() {
      end();
      clearTimeout(waiting);
    },
  };
}
