// The decision map: the whole plane in the classes' colours, mixed by probability; or one unit's
// values over it. Drawn by the graphics processor where there is a real one; else by the processor,
// as finely as it manages in time, and refined to full resolution once nothing new comes.

import { createGpu } from "./gpu.js";
import { createRaster, guessPixel_ms } from "./raster.js";
import { createResolution, grid, refinements } from "./resolution.js";
import { context2d, fit, offscreen } from "./surface.js";

/** @typedef {import("./raster.js").Picture & import("./surface.js").Extent} FieldView */
/** @typedef {ReturnType<typeof createRaster>} Raster */

/**
 * Time, as the refinement sees it.
 * @typedef {object} Clock
 * @property {() => number} now in ms
 * @property {(delay_ms: number, callback: () => void) => () => void} after returns how to cancel
 */

/** What one picture may take of a frame; the diagram, the points and the page want the rest. */
const BUDGET_MS = 9;
/** How long nothing new has to come before the picture is refined. */
const QUIET_MS = 150;
/** Refinement works this long at a time, so that a click is never kept waiting. */
const SLICE_MS = 8;
/** A refinement that would take longer in all is not begun. */
const PATIENCE_MS = 4000;

/** @type {Clock} */
const CLOCK = {
  now: () => performance.now(),
  after(delay_ms, callback) {
    const timer = setTimeout(callback, delay_ms);
    return () => clearTimeout(timer);
  },
};

/**
 * @param {HTMLCanvasElement} canvas
 * @param {object} [options]
 * @param {Clock} [options.clock]
 * @param {import("./gpu.js").Gpu | null} [options.gpu] null for none
 */
export function createField(canvas, { clock = CLOCK, gpu = createGpu() } = {}) {
  const context = context2d(canvas);
  const coarse = offscreen(1, 1);
  /** @type {FieldView | null} */
  let shown = null;
  let architecture = "";
  let resolution = createResolution(BUDGET_MS, 0);
  let cancel = () => {};
  let columns = 0;

  /** @param {CanvasImageSource} source @param {number} width @param {number} height */
  function show(source, width, height) {
    columns = width;
    context.imageSmoothingEnabled = true;
    context.drawImage(source, 0, 0, width, height, 0, 0, canvas.width, canvas.height);
  }

  /** @param {ImageData} image */
  function showImage(image) {
    if (image.width === canvas.width && image.height === canvas.height) {
      columns = image.width;
      context.putImageData(image, 0, 0);
      return;
    }
    coarse.width = image.width;
    coarse.height = image.height;
    context2d(coarse).putImageData(image, 0, 0);
    show(coarse, image.width, image.height);
  }

  /** @param {FieldView} view */
  function drawByProcessor(view) {
    const { network } = view.checkpoint;
    const key = `${network.hidden_layers} ${network.classes.length} ${network.activation}`;
    if (key !== architecture) {
      architecture = key;
      resolution = createResolution(BUDGET_MS, guessPixel_ms(network));
    }
    const divisor = resolution.choose(canvas.width, canvas.height);
    const raster = createRaster(view, grid(canvas.width, canvas.height, divisor));
    const began = clock.now();
    while (!raster.done) raster.advance();
    const { width, height } = raster.image;
    resolution.measured(width * height, clock.now() - began);
    showImage(raster.image);
    refine(view, refinements(divisor), QUIET_MS);
  }

  /**
   * @param {FieldView} view
   * @param {number[]} divisors
   * @param {number} delay_ms
   */
  function refine(view, divisors, delay_ms) {
    const [divisor, ...finer] = divisors;
    if (divisor === undefined) return;
    const wanted = grid(canvas.width, canvas.height, divisor);
    if (wanted.columns * wanted.rows * resolution.pixel_ms > PATIENCE_MS) return;
    /** @type {Raster | null} */
    let raster = null;
    const slice = () => {
      raster ??= createRaster(view, wanted);
      const until = clock.now() + SLICE_MS;
      while (!raster.done && clock.now() < until) raster.advance();
      if (raster.done) {
        showImage(raster.image);
        refine(view, finer, 0);
      } else {
        cancel = clock.after(0, slice);
      }
    };
    cancel = clock.after(delay_ms, slice);
  }

  return {
    /** Columns of pixels computed for what is shown; the canvas' own width once it is refined. */
    get resolution() {
      return columns;
    },

    /** Whether the graphics processor drew what is shown. */
    get accelerated() {
      return gpu !== null && gpu.drawing;
    },

    /** @param {FieldView} view */
    draw(view) {
      const resized = fit(canvas, view);
      if (!resized && shown !== null && same(shown, view)) return;
      cancel();
      shown = view;
      const source = gpu?.draw(view, canvas.width, canvas.height) ?? null;
      if (source === null) drawByProcessor(view);
      else show(source.canvas, source.columns, source.rows);
    },

    dispose() {
      cancel();
      gpu?.dispose();
      shown = null;
    },
  };
}

/** @param {FieldView} a @param {FieldView} b */
function same(a, b) {
  return (
    a.checkpoint === b.checkpoint &&
    a.dark === b.dark &&
    a.unit?.layer === b.unit?.layer &&
    a.unit?.unit === b.unit?.unit
  );
}
