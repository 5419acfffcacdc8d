// The size of an element, as a signal.

import { signal } from "@preact/signals";

/** @param {() => void} act called when the device pixels per CSS pixel change @returns {() => void} stops it */
function watchRatio(act) {
  let query = matchMedia("all");
  function follow() {
    query = matchMedia(`(resolution: ${devicePixelRatio}dppx)`);
    query.addEventListener("change", changed, { once: true });
  }
  function changed() {
    follow();
    act();
  }
  follow();
  return () => query.removeEventListener("change", changed);
}

/**
 * @param {Element} element
 * @returns {{ size: import("@preact/signals").Signal<{ width: number, height: number }>, stop: () => void }}
 *   in CSS pixels, without padding
 */
export function watchSize(element) {
  const size = signal({ width: 0, height: 0 });
  const observer = new ResizeObserver(
    ([
      {
        contentRect: { width, height },
      },
    ]) => {
      size.value = { width, height };
    },
  );
  observer.observe(element);
  // The same size needs other pixels on another screen, and new ones when a canvas has lost its own.
  const again = () => {
    size.value = { ...size.value };
  };
  const forget = watchRatio(again);
  element.addEventListener("contextrestored", again, { capture: true });
  return {
    size,
    stop() {
      observer.disconnect();
      forget();
      element.removeEventListener("contextrestored", again, { capture: true });
    },
  };
}
