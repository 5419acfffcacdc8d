// Drawing at the screen's rate: changes between two frames cause one drawing of the newest state.

import { effect } from "@preact/signals";

/**
 * Draws in the next frame, and again in the frame after any signal that `draw` read has changed.
 * @param {() => void} draw
 * @returns {() => void} stops it
 */
export function drawOnChange(draw) {
  let pending = requestAnimationFrame(refresh);
  let stop = () => {};
  function refresh() {
    stop();
    let drawn = false;
    // The second run only schedules the next frame; it reads no signal, so it runs once.
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
