// The layer over the map: the points, the crosshair, the eraser, and the point under the pointer.

import { toPixels } from "../base/geometry.js";
import {
  CLASSES,
  css,
  mapLine,
  markerPath,
  paper,
  rgb,
  TEST_MARKER,
  VALUE_MARKER,
  valueColour,
} from "../base/palette.js";
import { context2d, fit, offscreen, pixelRatio } from "./surface.js";

/** @typedef {import("../base/geometry.js").Points} Points */
/** @typedef {import("../base/geometry.js").Position} Position */

/**
 * @typedef {object} PointsView
 * @property {Points} points
 * @property {boolean} dark
 * @property {boolean} testShown whether test points are shown
 * @property {Uint8Array | null} wrong 1 for a point whose class the network does not predict
 * @property {number | undefined} [hover] index of the point to emphasise
 * @property {readonly number[] | undefined} [selected] indices of the points with a frame each
 * @property {[Position, Position] | null | undefined} [frame] corners of a dashed one, in data units
 * @property {Position | undefined} [crosshair] in data units
 * @property {(Position & {radius: number}) | undefined} [eraser] in data units, its radius along x
 */

/** @typedef {PointsView & import("./surface.js").Extent} View */

/**
 * The marker's unit radius, in CSS pixels, on maps of usual widths. Narrower maps have smaller markers;
 * wider ones, which are seen from afar, have larger ones.
 */
const MARKER_RADIUS = 5;
const FULL_WIDTH = 480;
const WIDE = 700;
const SMALLEST = 0.7;
const LARGEST = 2;
/** Outlines of a point, the outer first: how far they reach, and their colour if it is not the map's. */
const RINGS = {
  label: [{ width: 1.25, colour: "#ffffff" }],
  value: [{ width: 0.8, colour: null }],
  test: [
    { width: 2.6, colour: "#39404c" },
    { width: 1.9, colour: "#ffffff" },
  ],
};
const LARGEST_RIM = 2.6;
const HOVER_SCALE = 1.5;
/** The radius of the ring around a wrong point, for a marker's radius of 1. */
const ERROR_SCALE = 1.9;
/** Steps of colour on either side of zero, for points with values. */
const SHADES = 24;

/**
 * How a point is drawn: by its class, or by its value on the scale of colours.
 * @typedef {{ marker: number, shade: number | null }} Style `marker` is that class's
 */

/**
 * The radius of a marker, and the distance at which the pointer takes hold of it.
 * @param {number} width of the map, in CSS pixels
 * @returns {number} in CSS pixels
 */
export function markerRadius(width) {
  const scale = width > WIDE ? Math.min(LARGEST, width / WIDE) : Math.min(1, width / FULL_WIDTH);
  return MARKER_RADIUS * Math.max(SMALLEST, scale);
}

/** @param {HTMLCanvasElement} canvas over the map, of the same size */
export function createPoints(canvas) {
  const context = context2d(canvas);
  /** @type {Map<string, HTMLCanvasElement>} */
  const sprites = new Map();

  /**
   * @param {Style} style
   * @param {boolean} test
   * @param {boolean} dark
   * @param {number} scale device pixels for a CSS pixel
   */
  function sprite(style, test, dark, scale) {
    const key = `${style.marker} ${style.shade} ${test} ${dark} ${scale}`;
    let made = sprites.get(key);
    if (made === undefined) {
      if (sprites.size > 200) sprites.clear();
      made = drawSprite(style, test, dark, scale);
      sprites.set(key, made);
    }
    return made;
  }

  return {
    /** @param {View} view */
    draw(view) {
      const { points, dark, testShown, wrong, hover = -1, crosshair, eraser } = view;
      fit(canvas, view);
      const ratio = pixelRatio(view);
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, canvas.width, canvas.height);

      /** @param {number} k @param {number} size device pixels for a pixel of the marker */
      const stamp = (k, size) => {
        const at = toPixels(view, points.x[k], points.y[k]);
        const picture = sprite(styleOf(points, k), points.test?.[k] === 1, dark, size);
        const half = picture.width / 2;
        const left = Math.round(at.x * ratio - half);
        context.drawImage(picture, left, Math.round(at.y * ratio - half));
      };
      const scale = (ratio * markerRadius(view.width)) / MARKER_RADIUS;
      for (const test of points.test !== undefined && testShown ? [0, 1] : [0]) {
        for (let k = 0; k < points.x.length; k += 1) {
          if ((points.test?.[k] ?? 0) === test && k !== hover) stamp(k, scale);
        }
      }
      if (hover >= 0 && hover < points.x.length) stamp(hover, scale * HOVER_SCALE);

      context.setTransform(ratio, 0, 0, ratio, 0, 0);
      if (wrong !== null) {
        for (let k = 0; k < points.x.length; k += 1) {
          if (wrong[k] === 1 && (testShown || points.test?.[k] !== 1)) drawError(view, k);
        }
      }
      for (const k of view.selected ?? []) drawSelected(view, k);
      if (view.frame) drawFrame(view, view.frame);
      if (eraser !== undefined) drawEraser(view, eraser);
      if (crosshair !== undefined) drawCrosshair(view, crosshair);
    },
  };

  /** A ring around a point. @param {View} view @param {number} k */
  function drawError(view, k) {
    const { x, y } = toPixels(view, view.points.x[k], view.points.y[k]);
    context.beginPath();
    context.arc(x, y, ERROR_SCALE * markerRadius(view.width), 0, 2 * Math.PI);
    strokeTwice(view.dark);
  }

  /** @param {View} view @param {number} k */
  function drawSelected(view, k) {
    const { x, y } = toPixels(view, view.points.x[k], view.points.y[k]);
    const half = ERROR_SCALE * markerRadius(view.width);
    context.beginPath();
    context.roundRect(x - half, y - half, 2 * half, 2 * half, 3);
    strokeTwice(view.dark);
  }

  /** @param {View} view @param {[Position, Position]} corners */
  function drawFrame(view, [from, to]) {
    const a = toPixels(view, from.x, from.y);
    const b = toPixels(view, to.x, to.y);
    context.beginPath();
    context.rect(a.x, a.y, b.x - a.x, b.y - a.y);
    context.fillStyle = css(paper(view.dark), 0.25);
    context.fill();
    context.setLineDash([6, 4]);
    strokeTwice(view.dark);
    context.setLineDash([]);
  }

  /** @param {View} view @param {Position & {radius: number}} eraser */
  function drawEraser(view, eraser) {
    const { x, y } = toPixels(view, eraser.x, eraser.y);
    context.beginPath();
    const across = (eraser.radius * view.width) / 2;
    const down = (eraser.radius * view.height) / 2;
    context.ellipse(x, y, across, down, 0, 0, 2 * Math.PI);
    context.fillStyle = css(paper(view.dark), 0.35);
    context.fill();
    strokeTwice(view.dark);
  }

  /** @param {View} view @param {Position} position */
  function drawCrosshair(view, position) {
    const { x, y } = toPixels(view, position.x, position.y);
    const arm = 14;
    const gap = 4;
    context.beginPath();
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      context.moveTo(x + gap * dx, y + gap * dy);
      context.lineTo(x + arm * dx, y + arm * dy);
    }
    strokeTwice(view.dark);
  }

  /** A dark line on a light one, or the reverse, is seen on any colour. @param {boolean} dark */
  function strokeTwice(dark) {
    context.lineCap = "round";
    context.lineWidth = 4;
    context.strokeStyle = css(paper(dark), 0.85);
    context.stroke();
    context.lineWidth = 1.5;
    context.strokeStyle = css(paper(!dark), 0.95);
    context.stroke();
  }
}

/** @param {Points} points @param {number} k @returns {Style} */
function styleOf({ label, value }, k) {
  if (label.length > 0) return { marker: label[k], shade: null };
  const within = Math.max(-1, Math.min(1, value[k]));
  return { marker: VALUE_MARKER, shade: Math.round(SHADES * within) };
}

/**
 * A training point has its class's marker; a test point is a diamond with a white ring.
 * @param {Style} style
 * @param {boolean} test
 * @param {boolean} dark
 * @param {number} scale device pixels for a CSS pixel
 */
function drawSprite({ marker, shade }, test, dark, scale) {
  const half = Math.ceil((MARKER_RADIUS * 1.4 + LARGEST_RIM + 1) * scale);
  const picture = offscreen(2 * half, 2 * half);
  const context = context2d(picture);
  const path = new Path2D(markerPath(test ? TEST_MARKER : marker, MARKER_RADIUS));
  context.setTransform(scale, 0, 0, scale, half, half);
  context.lineJoin = "round";
  const lines = test ? RINGS.test : shade === null ? RINGS.label : RINGS.value;
  for (const { width, colour } of lines) {
    context.lineWidth = 2 * width;
    context.strokeStyle = colour ?? mapLine(dark);
    context.stroke(path);
  }
  context.fillStyle = css(
    shade === null ? rgb(CLASSES[marker].colour) : valueColour(shade / SHADES, dark),
  );
  context.fill(path);
  return picture;
}
