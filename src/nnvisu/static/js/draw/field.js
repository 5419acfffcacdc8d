// The decision map: the whole plane in the classes' colours, mixed by probability; or one unit's
// values over it. Drawn by the graphics processor if there is one; otherwise by the processor, at the
// resolution that it manages in time, and refined to full resolution when nothing changes.

import { mapLine } from "../base/palette.js";
import { traceBoundary } from "./boundary.js";
import { createRaster, guessPixel_ms } from "./raster.js";
import { CLOCK, createRefinement } from "./refine.js";
import { createResolution, grid, refinements } from "./resolution.js";
import { context2d, fit, offscreen, pixelRatio } from "./surface.js";

/** @typedef {import("./raster.js").Picture & import("./surface.js").Extent} FieldView */
/** @typedef {ReturnType<typeof createRaster>} Raster */

/** The time for one picture within a frame; the diagram, the points and the page need the rest. */
const BUDGET_MS = 9;
/** The width of the line where the decision changes, in CSS pixels. */
export const BOUNDARY_WIDTH = 1.5;
/** A step of the refinement that would take longer than this is not begun. */
const PATIENCE_MS = 4000;

/**
 * @param {HTMLCanvasElement} canvas
 * @param {import("./refine.js").Clock} [clock]
 */
export function createField(canvas, clock = CLOCK) {
  const context = context2d(canvas);
  const coarse = offscreen(1, 1);
  const refinement = createRefinement(clock);
  /** @type {import("./gpu.js").Gpu | null} */
  let gpu = null;
  /** @type {FieldView | null} */
  let shown = null;
  let architecture = "";
  let resolution = createResolution(BUDGET_MS, 0);
  let columns = 0;

  canvas.addEventListener("contextrestored", () => {
    shown = null;
  });

  /** @param {Raster} raster */
  function show(raster) {
    const image = new ImageData(raster.bytes, raster.columns, raster.rows);
    columns = raster.columns;
    if (image.width === canvas.width && image.height === canvas.height) {
      context.putImageData(image, 0, 0);
    } else {
      coarse.width = image.width;
      coarse.height = image.height;
      context2d(coarse).putImageData(image, 0, 0);
      context.drawImage(coarse, 0, 0, canvas.width, canvas.height);
    }
    if (raster.decisions) showBoundary(raster.decisions);
  }

  /** @param {import("./boundary.js").Decisions} decisions */
  function showBoundary(decisions) {
    if (!shown) return;
    const across = canvas.width / decisions.columns;
    const down = canvas.height / decisions.rows;
    context.beginPath();
    traceBoundary(decisions, (fromX, fromY, toX, toY) => {
      context.moveTo(fromX * across, fromY * down);
      context.lineTo(toX * across, toY * down);
    });
    context.lineCap = "round";
    context.lineWidth = BOUNDARY_WIDTH * pixelRatio(shown);
    context.strokeStyle = mapLine(shown.dark);
    context.stroke();
  }

  /** @param {FieldView} view */
  function drawByProcessor(view) {
    const divisor = resolution.choose(canvas.width, canvas.height);
    const raster = createRaster(view, grid(canvas.width, canvas.height, divisor));
    const began = clock.now();
    while (!raster.done) raster.advance();
    resolution.measured(raster.columns * raster.rows, clock.now() - began);
    show(raster);
    return divisor;
  }

  /**
   * @param {FieldView} view
   * @param {number} divisor of what is shown
   */
  function refine(view, divisor) {
    const pieces = refinements(divisor)
      .map((finer) => grid(canvas.width, canvas.height, finer))
      .filter((wanted) => wanted.columns * wanted.rows * resolution.pixel_ms < PATIENCE_MS)
      .map((wanted) => () => createRaster(view, wanted));
    refinement.begin(pieces, show);
  }

  return {
    /** Columns of pixels in the picture shown; the width of the canvas once it is refined. */
    get resolution() {
      return columns;
    },

    /** Whether the graphics processor computed the last picture. */
    get accelerated() {
      return gpu !== null && gpu.drawing;
    },

    /** @param {FieldView} view */
    draw(view) {
      const resized = fit(canvas, view);
      if (!resized && shown !== null && same(shown, view)) return;
      shown = view;
      const { network } = view.checkpoint;
      const key = `${network.hidden_layers} ${network.classes.length} ${network.activation}`;
      if (key !== architecture) {
        architecture = key;
        resolution = createResolution(BUDGET_MS, guessPixel_ms(network));
      }
      const line_px = BOUNDARY_WIDTH * pixelRatio(view);
      const source = gpu?.draw(view, canvas.width, canvas.height, line_px) ?? null;
      if (source === null) {
        refine(view, drawByProcessor(view));
      } else {
        columns = source.width;
        context.drawImage(source, 0, 0, canvas.width, canvas.height);
        refine(view, canvas.width / source.width);
      }
    },

    /** Lets the graphics processor draw from the next picture on. @param {typeof gpu} found */
    accelerate(found) {
      gpu = found;
    },

    dispose() {
      refinement.cancel();
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
    a.colouring === b.colouring &&
    a.boundary === b.boundary &&
    a.unit?.layer === b.unit?.layer &&
    a.unit?.unit === b.unit?.unit
  );
}
