// The network diagram: each unit is a small map of its values over the plane, each weight a curve in
// the colour of its sign.

import { curveDistance } from "../base/geometry.js";
import { FEATURES } from "../model/features.js";
import { hasPart, isRegression, parameterIndex } from "../model/layout.js";
import { css, markerPath, rgb, CLASSES, signColour, valueColour } from "../base/palette.js";
import { edgesOf, strength, strongestEdges } from "./edges.js";
import { layout, unitAt, unitPosition } from "./layout.js";
import { createMotion } from "./motion.js";
import { context2d, fit, pixelRatio } from "./surface.js";
import { createTiles } from "./tiles.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("./edges.js").Edge} Edge */
/** @typedef {import("./layout.js").Column} Column */

/** @typedef {import("../model/layout.js").Part} Hit what lies under the pointer */

/**
 * @typedef {object} DiagramView
 * @property {Checkpoint} checkpoint
 * @property {boolean} dark
 * @property {Hit | null | undefined} [hover]
 * @property {boolean | undefined} [captions] whether each layer's size stands below it; it does
 * @property {number | undefined} [largest] the side of a tile at most
 * @property {boolean | undefined} [calm] whether columns go to their new places at once
 */

/** Curves of about the same strength are drawn as one path, which is much faster. */
const BINS = 7;
const THINNEST = 0.5;
const THICKEST = 4;
const HOVERED = 2.5;
/** The sizes from which a tile has round corners, and from which its bias is drawn. */
const ROUND = 10;
const ROOMY = 16;
const BIAS_RADIUS = 4;
/** The distance within which the pointer finds a bias. */
const BIAS_REACH = 12;
const EDGE_REACH = 5;
const TEXT_SIZE = 12;
const ACCENT = { light: "#2457c5", dark: "#7aa2ff" };
const TEXT = { light: "#5d6470", dark: "#9aa3b2" };
const RIM = { light: "rgb(20 24 32 / 0.22)", dark: "rgb(255 255 255 / 0.24)" };

/** @param {HTMLCanvasElement} canvas */
export function createDiagram(canvas) {
  const context = context2d(canvas);
  const tiles = createTiles();
  /** @type {Column[]} */
  let columns = [];
  /** @type {Edge[]} */
  let edges = [];
  /** @type {Checkpoint | null} */
  let drawn = null;
  let sampled = "";
  const motion = createMotion();

  /**
   * @param {Edge[]} some
   * @param {boolean} dark
   * @param {number} opacity
   * @param {number} [thinnest] in CSS pixels
   */
  function drawEdges(some, dark, opacity, thinnest = THINNEST) {
    /** @type {Map<number, Path2D>} */
    const paths = new Map();
    for (const edge of some) {
      const bin = Math.round(strength(edge.weight) * BINS) * (edge.weight < 0 ? -1 : 1);
      const key = edge.weight < 0 && bin === 0 ? -0.5 : bin;
      let path = paths.get(key);
      if (path === undefined) {
        path = new Path2D();
        paths.set(key, path);
      }
      const { from, to } = ends(edge);
      const middle = (from.x + to.x) / 2;
      path.moveTo(from.x, from.y);
      path.bezierCurveTo(middle, from.y, middle, to.y, to.x, to.y);
    }
    const full = Math.min(THICKEST, THINNEST + 0.14 * Math.max(...columns.map(({ tile }) => tile)));
    context.lineCap = "butt";
    for (const [key, path] of [...paths].sort(([a], [b]) => Math.abs(a) - Math.abs(b))) {
      const share = Math.floor(Math.abs(key)) / BINS;
      context.lineWidth = thinnest + share * (full - THINNEST);
      context.strokeStyle = css(signColour(key, dark), Math.min(1, opacity * (0.3 + 0.6 * share)));
      context.stroke(path);
    }
  }

  /** @param {Pick<Edge, "layer" | "from" | "to">} edge @returns the middles of the tiles' facing sides, in a single lane */
  function ends({ layer, from, to }) {
    const left = columns[layer];
    const right = columns[layer + 1];
    const begin = unitPosition(left, from);
    const end = unitPosition(right, to);
    if (left.lanes === 1) begin.x += left.tile / 2;
    if (right.lanes === 1) end.x -= right.tile / 2;
    return { from: begin, to: end };
  }

  /** @param {Column} column */
  function corners(column) {
    return Array.from({ length: column.units }, (_, unit) => {
      const { x, y } = unitPosition(column, unit);
      return { x: x - column.tile / 2, y: y - column.tile / 2 };
    });
  }

  /** @param {Column} column @param {boolean} dark */
  function drawTiles(column, dark) {
    const { layer, tile } = column;
    const places = corners(column);
    if (tile < ROUND) {
      for (const [unit, { x, y }] of places.entries()) tiles.draw(context, layer, unit, x, y, tile);
      return;
    }
    const outline = new Path2D();
    for (const { x, y } of places) outline.roundRect(x, y, tile, tile, tile / 6);
    context.save();
    context.clip(outline);
    for (const [unit, { x, y }] of places.entries()) tiles.draw(context, layer, unit, x, y, tile);
    context.restore();
    context.lineWidth = 1;
    context.strokeStyle = dark ? RIM.dark : RIM.light;
    context.stroke(outline);
  }

  /** @param {Column} column @param {Checkpoint} checkpoint @param {boolean} dark */
  function drawBiases(column, checkpoint, dark) {
    if (column.kind === "input" || column.tile < ROOMY) return;
    for (let unit = 0; unit < column.units; unit += 1) {
      const { x, y } = biasPosition(column, unit);
      const bias = valueOf(checkpoint, { kind: "bias", layer: column.layer, unit });
      context.beginPath();
      context.arc(x, y, BIAS_RADIUS, 0, 2 * Math.PI);
      context.fillStyle = dark ? "#1c1f26" : "#ffffff";
      context.fill();
      context.fillStyle = css(signColour(bias, dark), 0.12 + 0.88 * strength(bias));
      context.fill();
      context.lineWidth = 1;
      context.strokeStyle = css(signColour(bias, dark), 0.9);
      context.stroke();
    }
  }

  /** @param {DiagramView} view */
  function drawLabels({ checkpoint, dark, captions = true }) {
    const { classes, features } = checkpoint.network;
    context.font = `${TEXT_SIZE}px system-ui, sans-serif`;
    context.fillStyle = dark ? TEXT.dark : TEXT.light;
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const [unit, name] of features.entries()) {
      const at = unitPosition(columns[0], unit);
      context.fillText(FEATURES[name].label, at.x - columns[0].tile / 2 - 8, at.y);
    }
    if (captions) {
      const between = columns[1].x - columns[0].x;
      context.font = `${Math.min(TEXT_SIZE, 0.42 * between)}px system-ui, sans-serif`;
      context.textAlign = "center";
      for (const { units, x, bottom } of columns) context.fillText(String(units), x, bottom + 14);
    }
    const outputs = columns[columns.length - 1];
    if (isRegression(checkpoint.network)) drawScale(unitPosition(outputs, 0), outputs.tile, dark);
    for (const [unit, label] of classes.entries()) {
      const at = unitPosition(outputs, unit);
      const marker = new Path2D();
      const place = new DOMMatrix([1, 0, 0, 1, at.x + outputs.tile / 2 + 13, at.y]);
      marker.addPath(new Path2D(markerPath(label, Math.min(5, outputs.tile / 3))), place);
      context.fillStyle = css(rgb(CLASSES[label].colour));
      context.fill(marker);
    }
  }

  /**
   * The scale of values, from -1 up to 1, beside the output of regression.
   * @param {import("../base/geometry.js").Position} at the tile's middle
   * @param {number} tile
   * @param {boolean} dark
   */
  function drawScale(at, tile, dark) {
    const top = at.y - tile / 2;
    const gradient = context.createLinearGradient(0, top + tile, 0, top);
    for (const value of [-1, 0, 1]) {
      gradient.addColorStop((value + 1) / 2, css(valueColour(value, dark)));
    }
    context.beginPath();
    context.roundRect(at.x + tile / 2 + 9, top, 6, tile, 2);
    context.fillStyle = gradient;
    context.fill();
    context.lineWidth = 1;
    context.strokeStyle = dark ? RIM.dark : RIM.light;
    context.stroke();
  }

  /** @param {Hit} hover @param {Checkpoint} checkpoint @param {boolean} dark */
  function drawHover(hover, checkpoint, dark) {
    context.strokeStyle = dark ? ACCENT.dark : ACCENT.light;
    context.lineWidth = 2;
    if (hover.kind === "edge") {
      const edge = { ...hover, weight: valueOf(checkpoint, hover) };
      drawEdges([edge], dark, 2, HOVERED);
      return;
    }
    const column = columns[hover.layer];
    if (hover.kind === "bias") {
      const { x, y } = biasPosition(column, hover.unit);
      context.beginPath();
      context.arc(x, y, BIAS_RADIUS + 2, 0, 2 * Math.PI);
    } else {
      const { x, y } = unitPosition(column, hover.unit);
      const size = column.tile + 4;
      context.beginPath();
      context.roundRect(x - size / 2, y - size / 2, size, size, size / 6);
    }
    context.stroke();
  }

  /** @param {DiagramView & import("./surface.js").Extent} view */
  function draw(view) {
    const { checkpoint, dark } = view;
    fit(canvas, view);
    const target = layout(checkpoint.network, view, view.largest);
    columns = motion.toward(target, view.calm ?? true, () => draw(view));
    edges = strongestEdges(checkpoint);
    const theme = dark ? "dark" : "light";
    if (drawn !== checkpoint || sampled !== theme) tiles.update(checkpoint, dark);
    drawn = checkpoint;
    sampled = theme;

    const hover = view.hover && hasPart(checkpoint.network, view.hover) ? view.hover : null;
    const ratio = pixelRatio(view);
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    drawEdges(edges, dark, hover === null ? 1 : 0.3);
    if (hover !== null && hover.kind !== "edge") {
      drawEdges(edgesOf(checkpoint, hover.layer, hover.unit), dark, 1);
    }
    for (const column of columns) drawTiles(column, dark);
    for (const column of columns) drawBiases(column, checkpoint, dark);
    drawLabels(view);
    if (hover !== null) drawHover(hover, checkpoint, dark);
  }

  return {
    draw,

    /** How many weights are drawn. */
    get edgeCount() {
      return edges.length;
    },

    /**
     * @param {number} x in CSS pixels from the canvas' left
     * @param {number} y
     * @returns {Hit | null} for what was drawn last: a bias before its unit, units before edges
     */
    hitTest(x, y) {
      if (drawn === null) return null;
      const at = { x, y };
      for (const column of columns) {
        const bias = biasAt(column, at);
        if (bias >= 0) return { kind: "bias", layer: column.layer, unit: bias };
      }
      for (const column of columns) {
        const unit = unitAt(column, at);
        if (unit >= 0) return { kind: "unit", layer: column.layer, unit };
      }
      let nearest = EDGE_REACH;
      /** @type {Edge | null} */
      let found = null;
      for (const edge of edges) {
        const { from, to } = ends(edge);
        if (x < from.x || x > to.x) continue;
        const distance = curveDistance(at, from, to);
        if (distance <= nearest) {
          nearest = distance;
          found = edge;
        }
      }
      if (found === null) return null;
      return { kind: "edge", layer: found.layer, from: found.from, to: found.to };
    },

    /** @returns {Column[]} the layers' columns as drawn last, for controls laid over them */
    columns() {
      return columns;
    },

    /** @param {Hit} part @returns {import("../base/geometry.js").Position} its middle, as drawn last */
    place(part) {
      if (part.kind === "bias") return biasPosition(columns[part.layer], part.unit);
      if (part.kind === "unit") return unitPosition(columns[part.layer], part.unit);
      const { from, to } = ends(part);
      return { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
    },
  };
}

/** @param {Column} column @param {number} unit */
function biasPosition(column, unit) {
  const { x, y } = unitPosition(column, unit);
  return { x: x - column.tile / 2 + 1, y: y + column.tile / 2 - 1 };
}

/**
 * @param {Column} column
 * @param {import("../base/geometry.js").Position} at
 * @returns {number} the unit whose bias lies there, or -1
 */
function biasAt(column, at) {
  if (column.kind === "input" || column.tile < ROOMY) return -1;
  for (let unit = 0; unit < column.units; unit += 1) {
    const { x, y } = biasPosition(column, unit);
    if (Math.hypot(at.x - x, at.y - y) <= Math.min(BIAS_REACH, column.tile / 3)) return unit;
  }
  return -1;
}

/** @param {Checkpoint} checkpoint @param {Hit} part a weight or a bias */
function valueOf({ network, parameters }, part) {
  return parameters[parameterIndex(network, part)];
}
