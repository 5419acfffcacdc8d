// The map as an array of pixels, computed by the processor, row by row.

import { BLOCK, createForward } from "../model/forward.js";
import { sizes } from "../model/layout.js";
import { createDecisions } from "./boundary.js";
import { createShade, shownUnit } from "./shade.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("./shade.js").Unit} Unit */
/** @typedef {import("./boundary.js").Decisions} Decisions */

/**
 * @typedef {object} Picture
 * @property {Checkpoint} checkpoint
 * @property {boolean} dark
 * @property {Unit | undefined} [unit] the unit to show; none for the map
 * @property {import("./shade.js").Colouring} colouring of the classes
 * @property {boolean} boundary whether a line is drawn where the decision changes
 */

/** How many times slower the first picture is, before the browser has compiled the loops. */
const COLD = 5;

/**
 * A guess at the time for one pixel, in ms, until there is a measurement.
 * @param {import("../net/protocol.js").Network} network
 */
export function guessPixel_ms(network) {
  const units = sizes(network);
  let ns = 30;
  for (let l = 1; l < units.length; l += 1) ns += units[l] * (3 + 0.4 * units[l - 1]);
  return COLD * ns * 1e-6;
}

/**
 * Paints one picture on a grid of any size, piece by piece.
 * @param {Picture} picture
 * @param {import("./resolution.js").Grid} grid
 */
export function createRaster(picture, { columns, rows }) {
  const { checkpoint, dark } = picture;
  const { network, parameters } = checkpoint;
  const unit = shownUnit(picture);
  const forward = createForward(network);
  const depth = unit === undefined ? sizes(network).length - 1 : unit.layer;
  const shade = createShade(checkpoint, dark, unit, picture.colouring);
  const bounded = picture.boundary && unit === undefined;
  const decisions = bounded ? createDecisions(network.classes.length, columns, rows) : null;
  const pixels = new Uint32Array(columns * rows);
  const xs = new Float32Array(BLOCK);
  const ys = new Float32Array(BLOCK);
  const width = 2 / columns;
  const height = 2 / rows;
  let next = 0;

  return {
    columns,
    rows,
    /** Red, green, blue, alpha of every pixel, row by row from the upper left. */
    bytes: new Uint8ClampedArray(pixels.buffer),
    /** What is decided at every pixel, for the boundary; null if it is not wanted. */
    decisions,

    /** Whether every pixel is painted. */
    get done() {
      return next === pixels.length;
    },

    /** Paints the next pixels, at most a block of them. */
    advance() {
      const count = Math.min(BLOCK, pixels.length - next);
      let column = next % columns;
      let row = (next - column) / columns;
      for (let k = 0; k < count; k += 1) {
        xs[k] = (column + 0.5) * width - 1;
        ys[k] = 1 - (row + 0.5) * height;
        column += 1;
        if (column === columns) {
          column = 0;
          row += 1;
        }
      }
      forward.run(parameters, { xs, ys }, 0, count, depth);
      shade(forward.values[depth], count, pixels, next);
      decisions?.note(forward.values[depth], count, next);
      next += count;
    },
  };
}
