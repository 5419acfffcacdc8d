// The size of an element, as a signal.

import { signal } from "@preact/signals";

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
  return { size, stop: () => observer.disconnect() };
}
