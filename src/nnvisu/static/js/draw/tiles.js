// A small map for every unit, all in one picture, evaluated together.

import { ACTIVATIONS } from "../model/activations.js";
import { activations } from "../model/forward.js";
import { layers, sizes } from "../model/layout.js";
import { largest, unitRamp } from "./shade.js";
import { context2d, offscreen } from "./surface.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */

const FINEST = 20;
const COARSEST = 6;
/** The most multiplications for one drawing of all tiles. */
const WORK = 3.4e6;
/** Tiles in a row of the picture. */
const ACROSS = 32;

/**
 * Samples along a tile's side.
 * @param {import("../net/protocol.js").Network} network
 */
export function tileSamples(network) {
  const work = layers(network).reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  return Math.max(COARSEST, Math.min(FINEST, Math.floor(Math.sqrt(WORK / work))));
}

/**
 * A square of positions over the plane, its border included, from the upper left.
 * @param {number} side
 */
export function samplePositions(side) {
  const last = side - 1;
  const xs = Float32Array.from({ length: side * side }, (_, k) => (2 * (k % side)) / last - 1);
  const ys = Float32Array.from(xs, (_, k) => 1 - (2 * Math.floor(k / side)) / last);
  return { xs, ys };
}

/** The picture that holds the tiles, reused from one drawing to the next. */
export function createTiles() {
  const canvas = offscreen(1, 1);
  const context = context2d(canvas);
  /** @type {number[]} */
  let firsts = [];
  let side = 0;
  let rampsKey = "";
  /** @type {Uint32Array[][]} */
  let ramps = [];

  /** @param {Checkpoint} checkpoint @param {boolean} dark */
  function rampsFor(checkpoint, dark) {
    const units = sizes(checkpoint.network);
    const key = `${units} ${checkpoint.network.classes} ${dark}`;
    if (key === rampsKey) return ramps;
    rampsKey = key;
    const signed = unitRamp(checkpoint, dark, { layer: 0, unit: 0 });
    const last = units.length - 1;
    ramps = units.map((count, layer) =>
      Array.from({ length: count }, (_, unit) =>
        layer === last ? unitRamp(checkpoint, dark, { layer, unit }) : signed,
      ),
    );
    return ramps;
  }

  return {
    /**
     * Computes every unit's tile.
     * @param {Checkpoint} checkpoint
     * @param {boolean} dark
     */
    update(checkpoint, dark) {
      const { network } = checkpoint;
      const units = sizes(network);
      side = tileSamples(network);
      firsts = units.map((_, l) => units.slice(0, l).reduce((a, b) => a + b, 0));
      const total = firsts[firsts.length - 1] + units[units.length - 1];
      const image = new ImageData(ACROSS * side, Math.ceil(total / ACROSS) * side);
      const { xs, ys } = samplePositions(side);
      const values = activations(checkpoint, xs, ys);
      const pixels = new Uint32Array(image.data.buffer);
      for (const [layer, ofUnits] of rampsFor(checkpoint, dark).entries()) {
        const inside = layer > 0 && layer < units.length - 1;
        const bounded = !inside || ACTIVATIONS[network.activation].bounded;
        for (const [unit, ramp] of ofUnits.entries()) {
          const own = values[layer].subarray(unit * side * side, (unit + 1) * side * side);
          const tile = firsts[layer] + unit;
          const corner = Math.floor(tile / ACROSS) * side * image.width + (tile % ACROSS) * side;
          paint(own, ramp, bounded ? 1 : largest(own), pixels, corner, image.width, side);
        }
      }
      canvas.width = image.width;
      canvas.height = image.height;
      context.putImageData(image, 0, 0);
    },

    /**
     * Draws one unit's tile. Its outermost samples lie on the border of the plane and of the tile,
     * so that smoothing never reaches into a neighbour.
     * @param {import("./surface.js").Context} to
     * @param {number} layer
     * @param {number} unit
     * @param {number} x left
     * @param {number} y top
     * @param {number} size
     */
    draw(to, layer, unit, x, y, size) {
      const tile = firsts[layer] + unit;
      const left = (tile % ACROSS) * side + 0.5;
      const top = Math.floor(tile / ACROSS) * side + 0.5;
      to.drawImage(canvas, left, top, side - 1, side - 1, x, y, size, size);
    },
  };
}

/**
 * @param {Float32Array} values (side * side,), from the upper left
 * @param {Uint32Array} ramp
 * @param {number} scale the value at which the colour is full
 * @param {Uint32Array} pixels written in place
 * @param {number} corner the tile's first pixel
 * @param {number} stride pixels from one row to the next
 * @param {number} side
 */
function paint(values, ramp, scale, pixels, corner, stride, side) {
  const middle = (ramp.length - 1) / 2;
  for (let k = 0; k < values.length; k += 1) {
    const strength = Math.max(-1, Math.min(1, values[k] / scale));
    const column = k % side;
    const row = (k - column) / side;
    pixels[corner + row * stride + column] = ramp[Math.round(middle + middle * strength)];
  }
}
