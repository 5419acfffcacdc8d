// A canvas at the screen's own resolution.

/**
 * @typedef {object} Extent
 * @property {number} width in CSS pixels
 * @property {number} height in CSS pixels
 * @property {number | undefined} [ratio] device pixels per CSS pixel, if not the window's
 */

/** @typedef {HTMLCanvasElement | OffscreenCanvas} Canvas */
/** @typedef {CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D} Context */

/** @param {Extent} extent */
export function pixelRatio({ ratio }) {
  return ratio ?? globalThis.devicePixelRatio ?? 1;
}

/**
 * Sets the canvas' size to the screen's pixels under it; only a change of size clears the canvas.
 * @param {Canvas} canvas
 * @param {Extent} extent
 * @returns {boolean} whether its size changed
 */
export function fit(canvas, extent) {
  const ratio = pixelRatio(extent);
  const width = Math.max(1, Math.round(extent.width * ratio));
  const height = Math.max(1, Math.round(extent.height * ratio));
  if (canvas.width === width && canvas.height === height) return false;
  canvas.width = width;
  canvas.height = height;
  return true;
}

/**
 * @param {Canvas} canvas
 * @returns {Context}
 */
export function context2d(canvas) {
  const context = /** @type {Context | null} */ (canvas.getContext("2d"));
  if (context === null) throw new Error("this browser gives no 2D drawing context");
  return context;
}

/**
 * An empty offscreen canvas, for pictures that are reused.
 * @param {number} width in device pixels
 * @param {number} height
 */
export function offscreen(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  return canvas;
}
