// Drawing at the screen's rate: many changes between two frames cause one drawing of the newest.

import { effect } from "@preact/signals";

/**
 * Draws in the next frame, and again in the frame after any signal that `draw` read has changed.
 * @param {() => void} draw
 * @returns {() => void} ends it
 */
export function drawOnChange(draw) {
  let pending = requestAnimationFrame(refresh);
  let stop = () => {};
  function refresh() {
    stop();
    let drawn = false;
    // The second run only notes that something changed, and follows nothing any more.
    stop = effect(() => {
      if (drawn) pending = requestAnimationFrame(refresh);
      else {
        drawn = true;
        draw();
      }
    });
  }
  return () => {
    stop();
    cancelAnimationFrame(pending);
  };
}
