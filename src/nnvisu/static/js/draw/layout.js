// The positions of the diagram's units: a column for each layer. A wide layer's column has several
// lanes, so that the tiles of a hundred units stay large enough to read.

import { FEATURES } from "../model/features.js";
import { sizes } from "../model/layout.js";

/** @typedef {import("../net/protocol.js").Network} Network */
/** @typedef {import("../base/geometry.js").Position} Position */

/**
 * A layer's column, in CSS pixels.
 * @typedef {object} Column
 * @property {number} layer 0 for the inputs
 * @property {"input" | "hidden" | "output"} kind
 * @property {number} units
 * @property {number} x of its middle
 * @property {number} tile side of a unit's tile
 * @property {number} lanes units side by side
 * @property {number} pitch from one row to the next
 * @property {number} top of its uppermost tile
 * @property {number} bottom of its lowest tile
 */

export const LARGEST_TILE = 56;
/** The distance of two large tiles' middles, for a tile of side 1. */
const LARGEST_PITCH = 68 / 56;
/** One lane is the easiest to read; if its tiles would be smaller than this, there are more. */
const READABLE = 14;
/** A tile's share of its pitch; the rest is the gap between tiles. */
const FILL = 0.84;
/** The shares of the distance between columns for one lane, and for several; edges need the rest. */
const LANE_SHARE = 0.6;
const LANES_SHARE = 0.46;
/** Room left and right for the inputs' and classes' labels, above, and below for the captions. */
const MARGIN = { side: 24, letter: 6, top: 4, bottom: 30 };

/**
 * @param {Network} network
 * @param {{ width: number, height: number }} size in CSS pixels
 * @param {number} [largest] the side of a tile at most
 * @returns {Column[]}
 */
export function layout(network, { width, height }, largest = LARGEST_TILE) {
  const units = sizes(network);
  const last = units.length - 1;
  const longest = Math.max(...network.features.map((name) => FEATURES[name].label.length));
  const first_x = MARGIN.side + MARGIN.letter * Math.max(0, longest - 2) + largest / 2;
  const between = Math.max(1, (width - 2 * first_x) / last);
  const tall = Math.max(1, height - MARGIN.top - MARGIN.bottom);
  return units.map((count, layer) => {
    const { lanes, pitch, tile } = arrange(count, tall, between, largest);
    const extent = (Math.ceil(count / lanes) - 1) * pitch + tile;
    const top = MARGIN.top + (tall - extent) / 2;
    return {
      layer,
      kind: layer === 0 ? "input" : layer === last ? "output" : "hidden",
      units: count,
      x: first_x + layer * between,
      tile,
      lanes,
      pitch,
      top,
      bottom: top + extent,
    };
  });
}

/**
 * One lane if its tiles are large enough to read, otherwise the number that makes the tiles largest.
 * @param {number} units
 * @param {number} tall in pixels
 * @param {number} wide in pixels, from column to column
 * @param {number} largest
 * @returns {{ lanes: number, pitch: number, tile: number }}
 */
function arrange(units, tall, wide, largest) {
  let best = { lanes: 1, pitch: 0, tile: 0 };
  for (let lanes = 1; lanes <= units; lanes += 1) {
    const down = tall / Math.ceil(units / lanes);
    const across = lanes === 1 ? LANE_SHARE * wide : (LANES_SHARE * wide) / lanes;
    const tile = Math.min(largest, FILL * Math.min(down, across));
    if (tile > best.tile) {
      const pitch = lanes === 1 ? Math.min(LARGEST_PITCH * largest, down) : tile / FILL;
      best = { lanes, pitch, tile };
    }
    if (lanes === 1 && tile >= READABLE) break;
  }
  return best;
}

/**
 * @param {Column} column
 * @param {number} unit
 * @returns {Position} of the tile's middle
 */
export function unitPosition({ x, lanes, pitch, tile, top }, unit) {
  const lane = unit % lanes;
  return {
    x: x + (lane - (lanes - 1) / 2) * pitch,
    y: top + tile / 2 + Math.floor(unit / lanes) * pitch,
  };
}

/**
 * @param {Column} column
 * @param {Position} position
 * @returns {number} the unit whose tile lies there, half of the gap around it included; -1 for none
 */
export function unitAt(column, { x, y }) {
  const { units, lanes, pitch, tile, top } = column;
  const reach = lanes === 1 ? (tile + Math.min(pitch, 1.2 * tile)) / 4 : pitch / 2;
  const lane = lanes === 1 ? 0 : Math.floor((x - column.x) / pitch + lanes / 2);
  const row = Math.floor((y - top - tile / 2) / pitch + 0.5);
  const unit = row * lanes + lane;
  if (lane < 0 || lane >= lanes || row < 0 || unit >= units) return -1;
  const at = unitPosition(column, unit);
  return Math.max(Math.abs(x - at.x), Math.abs(y - at.y)) <= reach ? unit : -1;
}
