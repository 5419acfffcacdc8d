// The loss over the epochs: training solid, test dashed, on a linear scale from zero.

import uPlot from "uplot";

import { lonePoints, niceTop } from "./scale.js";

/**
 * Losses by epoch, arrays of equal length.
 * @typedef {object} Curves
 * @property {number[]} epochs ascending
 * @property {(number | null)[]} training null beyond the finite range
 * @property {(number | null)[] | undefined} [test]
 */

const COLOURS = {
  light: { training: "#2457c5", test: "#5d6470", text: "#5d6470", grid: "#e2e5ea" },
  dark: { training: "#7aa2ff", test: "#a3abb9", text: "#a3abb9", grid: "#2d323b" },
};
const FONT = "11px system-ui, sans-serif";
/** In CSS pixels: the width of a digit in that font, and the margin beside the numbers. */
const FIGURE = 6.5;
const BESIDE = 8;
const AXIS_HEIGHT = 24;
/** The least distance of two numbers on the epochs' axis, in CSS pixels. */
const AXIS_SPACE = 64;
/** Steps of the epochs' axis: whole numbers only. */
const WHOLE = Array.from({ length: 12 }, (_, k) => [1, 2, 5].map((n) => n * 10 ** k)).flat();
/** The chart's size while its element has none. */
const UNSIZED = { width: 320, height: 120 };

/**
 * A chart that fills its element.
 * @param {HTMLElement} element
 */
export function createChart(element) {
  let colours = COLOURS.light;
  /** @type {number | null} */
  let marked = null;

  const lines = { stroke: () => colours.grid, width: 1 };
  const plot = new uPlot(options(), [[], [], []], element);

  /** @returns {uPlot.Options} */
  function options() {
    return {
      ...size(),
      legend: { show: false },
      cursor: { show: false },
      padding: [7, 16, 0, 0],
      scales: {
        x: { time: false, range: ({ data: [epochs] }) => span(epochs) },
        y: { range: (...[, , most]) => [0, niceTop(most)] },
      },
      axes: [
        axis({ size: AXIS_HEIGHT, space: AXIS_SPACE, grid: { show: false }, incrs: WHOLE }),
        axis({ size: labelWidth, splits: (...[, , , top]) => [0, top / 2, top], grid: lines }),
      ],
      series: [
        {},
        series({ label: "training", stroke: () => colours.training, width: 1.75 }),
        series({ label: "test", stroke: () => colours.test, width: 1.25, dash: [4, 3] }),
      ],
      hooks: { draw: [drawMark] },
    };
  }

  /** @param {uPlot.Axis} more @returns {uPlot.Axis} */
  function axis(more) {
    return { stroke: () => colours.text, font: FONT, gap: 4, ticks: { show: false }, ...more };
  }

  /** The vertical line at the epoch that the page shows. @param {uPlot} self */
  function drawMark(self) {
    if (marked === null) return;
    const { ctx, bbox } = self;
    const x = Math.round(self.valToPos(marked, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = colours.training;
    ctx.globalAlpha = 0.6;
    ctx.lineWidth = uPlot.pxRatio;
    ctx.setLineDash([]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.restore();
  }

  function size() {
    const { clientWidth, clientHeight } = element;
    return { width: clientWidth || UNSIZED.width, height: clientHeight || UNSIZED.height };
  }

  return {
    /**
     * @param {Curves} curves
     * @param {{ dark: boolean }} theme
     */
    update({ epochs, training, test }, { dark }) {
      colours = dark ? COLOURS.dark : COLOURS.light;
      const none = Array.from({ length: epochs.length }, () => null);
      plot.setData([epochs, training, test ?? none]);
    },

    /** Fills the element again, after its size has changed. */
    resize() {
      const wanted = size();
      if (wanted.width !== plot.width || wanted.height !== plot.height) plot.setSize(wanted);
    },

    /** Marks an epoch with a vertical line; null for none. @param {number | null} epoch */
    cursor(epoch) {
      if (epoch === marked) return;
      marked = epoch;
      plot.redraw(false);
    },

    dispose() {
      plot.destroy();
    },
  };
}

/** No line crosses a gap, where a loss is unknown or infinite. @param {uPlot.Series} more @returns {uPlot.Series} */
function series(more) {
  /** @type {uPlot.Series.Points.Filter} */
  const filter = ({ data }, index) => lonePoints(/** @type {any} */ (data[index]));
  return { points: { show: true, size: 5, filter }, spanGaps: false, ...more };
}

/**
 * The width that the numbers of an axis need.
 * @param {uPlot} _
 * @param {string[] | null} numbers none until the axis has its steps
 */
function labelWidth(_, numbers) {
  return BESIDE + FIGURE * Math.max(1, ...(numbers ?? []).map(({ length }) => length));
}

/** @param {ArrayLike<number>} epochs @returns {[number, number]} the ends of their axis */
function span(epochs) {
  const first = epochs.length > 0 ? epochs[0] : 0;
  const last = epochs.length > 0 ? epochs[epochs.length - 1] : 0;
  return [first, Math.max(last, first + 1)];
}
