// The plane as two units of a layer see it: a grid of lines, bent by the network, and the points.

import { BLOCK, createForward } from "../model/forward.js";
import { ACTIVATIONS } from "../model/activations.js";
import { isRegression, sizes } from "../model/layout.js";
import { CLASSES, css, markerPath, paper, VALUE_MARKER, valueColour } from "../base/palette.js";
import { context2d, fit, pixelRatio } from "./surface.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */

/**
 * @typedef {object} TwoUnits
 * @property {Checkpoint} checkpoint
 * @property {number} layer from 1 on
 * @property {number} across unit of that layer
 * @property {number} up
 * @property {import("../base/geometry.js").Points} points
 * @property {boolean} dark
 */

/** Lines of the grid in each direction, and positions along each. */
const LINES = 21;
const ALONG = 61;
/** The time that a frame may take; a wide network's picture takes several frames. */
const SLICE_MS = 6;
/** The rest after a picture that took several frames: the page has more to draw. */
const REST_MS = 250;
const MARGIN = 0.06;
const MARKER = 4;

/** The positions of the grid's lines, one line after the other. */
const GRID = gridPositions();

function gridPositions() {
  const xs = new Float32Array(2 * LINES * ALONG);
  const ys = new Float32Array(2 * LINES * ALONG);
  for (let line = 0; line < 2 * LINES; line += 1) {
    const fixed = (2 * (line % LINES)) / (LINES - 1) - 1;
    for (let k = 0; k < ALONG; k += 1) {
      const moving = (2 * k) / (ALONG - 1) - 1;
      const at = line * ALONG + k;
      [xs[at], ys[at]] = line < LINES ? [fixed, moving] : [moving, fixed];
    }
  }
  return { xs, ys };
}

/** @param {HTMLCanvasElement} canvas */
export function createTwoUnits(canvas) {
  const context = context2d(canvas);
  /** @type {(TwoUnits & import("./surface.js").Extent) | null} */
  let wanted = null;
  let frame = 0;
  let resting_until = 0;
  /** The markers' outlines by label. @type {Map<number, Path2D>} */
  const markers = new Map();

  /** @param {number | undefined} label */
  function markerOf(label) {
    const key = label ?? VALUE_MARKER;
    const marker = markers.get(key) ?? new Path2D(markerPath(key, MARKER));
    markers.set(key, marker);
    return marker;
  }

  /** Computes and draws what is wanted, then what is wanted by then. */
  function work() {
    frame = 0;
    const view = wanted;
    if (!view) return;
    if (performance.now() < resting_until) {
      frame = requestAnimationFrame(work);
      return;
    }
    wanted = null;
    let frames = 1;
    const job = evaluate(view);
    const advance = () => {
      frame = 0;
      const until = performance.now() + SLICE_MS;
      while (!job.done && performance.now() < until) job.advance();
      if (job.done) {
        paint(view, job.values);
        resting_until = frames > 1 ? performance.now() + REST_MS : 0;
        if (wanted) frame = requestAnimationFrame(work);
      } else {
        frames += 1;
        frame = requestAnimationFrame(advance);
      }
    };
    advance();
  }

  /** @param {TwoUnits & import("./surface.js").Extent} view @param {{ u: Float32Array, v: Float32Array }} values */
  function paint(view, { u, v }) {
    fit(canvas, view);
    const ratio = pixelRatio(view);
    const { dark, points } = view;
    const { low, high } = bounds(view, u, v);
    const side = Math.min(view.width, view.height);
    const scale = side / (high - low);
    const left = (view.width - side) / 2;
    const x = (/** @type {number} */ k) => left + (u[k] - low) * scale;
    const y = (/** @type {number} */ k) => side - (v[k] - low) * scale;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, canvas.width, canvas.height);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const lines = new Path2D();
    for (let line = 0; line < 2 * LINES; line += 1) {
      for (let k = 0; k < ALONG; k += 1) {
        const at = line * ALONG + k;
        if (k === 0) lines.moveTo(x(at), y(at));
        else lines.lineTo(x(at), y(at));
      }
    }
    context.lineWidth = 0.75;
    context.strokeStyle = css(paper(!dark), 0.32);
    context.stroke(lines);
    const first = GRID.xs.length;
    for (let k = 0; k < points.x.length; k += 1) {
      const label = points.label[k];
      const marker = markerOf(label);
      context.save();
      context.translate(x(first + k), y(first + k));
      context.lineWidth = 1.5;
      context.strokeStyle = css(paper(dark));
      context.stroke(marker);
      context.fillStyle =
        label === undefined ? css(valueColour(points.value[k], dark)) : CLASSES[label].colour;
      context.fill(marker);
      context.restore();
    }
  }

  return {
    /** @param {TwoUnits & import("./surface.js").Extent} view */
    draw(view) {
      wanted = view;
      if (frame === 0) frame = requestAnimationFrame(work);
    },

    dispose() {
      cancelAnimationFrame(frame);
      wanted = null;
    },
  };
}

/** @param {Float32Array} first @param {Float32Array} second */
function joined(first, second) {
  const all = new Float32Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/**
 * The two units' values at the grid's positions, then at the points, in blocks.
 * @param {TwoUnits} view
 */
function evaluate({ checkpoint, layer, across, up, points }) {
  const forward = createForward(checkpoint.network);
  const xs = joined(GRID.xs, points.x);
  const ys = joined(GRID.ys, points.y);
  const values = { u: new Float32Array(xs.length), v: new Float32Array(xs.length) };
  let next = 0;
  return {
    values,
    get done() {
      return next === xs.length;
    },
    advance() {
      const count = Math.min(BLOCK, xs.length - next);
      forward.run(checkpoint.parameters, { xs, ys }, next, count, layer);
      const rows = forward.values[layer];
      values.u.set(rows.subarray(across * BLOCK, across * BLOCK + count), next);
      values.v.set(rows.subarray(up * BLOCK, up * BLOCK + count), next);
      next += count;
    },
  };
}

/**
 * The ends of both axes: the activation's own bounds, or what the values reach.
 * @param {TwoUnits} view
 * @param {Float32Array} u
 * @param {Float32Array} v
 */
function bounds({ checkpoint: { network }, layer }, u, v) {
  const output = layer === sizes(network).length - 1;
  const bounded = output ? !isRegression(network) : ACTIVATIONS[network.activation].bounded;
  let [low, high] = bounded ? [output ? 0 : -1, 1] : [Infinity, -Infinity];
  if (!bounded) {
    for (const values of [u, v]) {
      for (const value of values) [low, high] = [Math.min(low, value), Math.max(high, value)];
    }
  }
  const room = (high - low || 1) * MARGIN;
  return { low: low - room, high: high + room };
}
