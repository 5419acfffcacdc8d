// Losses or accuracies over the epochs: training solid, test dashed.

import uPlot from "uplot";

import { linearAxis, lonePoints } from "./scale.js";

/**
 * Values by epoch, arrays of equal length.
 * @typedef {object} Curves
 * @property {number[]} epochs ascending
 * @property {(number | null)[]} training null beyond the finite range
 * @property {(number | null)[] | undefined} [test]
 */
/** @typedef {import("./scale.js").Axis} Axis */

const COLOURS = {
  light: { training: "#2457c5", test: "#191d24", text: "#5d6470", grid: "#e2e5ea" },
  dark: { training: "#7aa2ff", test: "#e8eaee", text: "#a3abb9", grid: "#2d323b" },
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
  let vertical = linearAxis([]);
  /** The epochs with a vertical line: the one that the page shows, and the one that is pointed at. */
  const marked = {
    shown: /** @type {number | null} */ (null),
    read: /** @type {number | null} */ (null),
  };

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
        y: { range: () => [vertical.low, vertical.high] },
      },
      axes: [
        axis({ size: AXIS_HEIGHT, space: AXIS_SPACE, grid: { show: false }, incrs: WHOLE }),
        axis({
          size: labelWidth,
          splits: () => vertical.splits,
          values: () => vertical.splits.map(vertical.text),
          grid: lines,
        }),
      ],
      series: [
        {},
        series({ label: "training", stroke: () => colours.training, width: 1.75 }),
        series({ label: "test", stroke: () => colours.test, width: 1.75, dash: [5, 4] }),
      ],
      hooks: { draw: [drawMarks] },
    };
  }

  /** @param {uPlot.Axis} more @returns {uPlot.Axis} */
  function axis(more) {
    return { stroke: () => colours.text, font: FONT, gap: 4, ticks: { show: false }, ...more };
  }

  /** @param {uPlot} self */
  function drawMarks(self) {
    drawMark(self, marked.shown, colours.training);
    drawMark(self, marked.read, colours.text);
  }

  /** A vertical line at an epoch. @param {uPlot} self @param {number | null} epoch @param {string} colour */
  function drawMark(self, epoch, colour) {
    if (epoch === null) return;
    const { ctx, bbox } = self;
    const x = Math.round(self.valToPos(epoch, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) return;
    ctx.save();
    ctx.strokeStyle = colour;
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
     * @param {{ dark: boolean, axis: Axis }} view
     */
    update({ epochs, training, test }, { dark, axis: wanted }) {
      colours = dark ? COLOURS.dark : COLOURS.light;
      vertical = wanted;
      const none = Array.from({ length: epochs.length }, () => null);
      plot.setData([epochs, training.map(wanted.place), (test ?? none).map(wanted.place)]);
    },

    /** @param {number} x in CSS pixels from the element's left @returns {number} the nearest epoch's index */
    indexAt(x) {
      return plot.posToIdx(x - plot.bbox.left / uPlot.pxRatio);
    },

    /** Fills the element again, after its size has changed. */
    resize() {
      const wanted = size();
      if (wanted.width !== plot.width || wanted.height !== plot.height) plot.setSize(wanted);
    },

    /**
     * Marks an epoch with a vertical line; null for none.
     * @param {"shown" | "read"} which
     * @param {number | null} epoch
     */
    mark(which, epoch) {
      if (epoch === marked[which]) return;
      marked[which] = epoch;
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
