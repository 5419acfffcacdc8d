// Where the decision changes from one class to another: the line between pixels of a picture.

import { BLOCK } from "../model/forward.js";

/** @typedef {ReturnType<typeof createDecisions>} Decisions */

/** A probability that is as good as none. */
const TINY = 1e-300;

/**
 * The most probable class of every pixel, and how far it is ahead of the second, as a logit.
 * @param {number} classes
 * @param {number} columns
 * @param {number} rows
 */
export function createDecisions(classes, columns, rows) {
  const winners = new Uint8Array(columns * rows);
  const margins = new Float32Array(columns * rows);
  return {
    columns,
    rows,
    winners,
    margins,

    /**
     * @param {Float64Array} values (classes, BLOCK) probabilities
     * @param {number} count
     * @param {number} start the first pixel
     */
    note(values, count, start) {
      for (let k = 0; k < count; k += 1) {
        let first = -1;
        let second = -1;
        for (let j = 0, at = k; j < classes; j += 1, at += BLOCK) {
          const p = values[at];
          if (p > first) {
            second = first;
            first = p;
            winners[start + k] = j;
          } else if (p > second) {
            second = p;
          }
        }
        margins[start + k] = Math.log(Math.max(first, TINY) / Math.max(second, TINY));
      }
    },
  };
}

/**
 * The boundary's pieces. Between four neighbouring pixels it runs from side to side, and if it crosses
 * three or four sides, from each to the middle of the crossings.
 * @param {Decisions} decisions
 * @param {(fromX: number, fromY: number, toX: number, toY: number) => void} piece called for each, in
 * pixels from the picture's upper left
 */
export function traceBoundary({ columns, rows, winners, margins }, piece) {
  const xs = new Float64Array(4);
  const ys = new Float64Array(4);
  for (let row = 0; row + 1 < rows; row += 1) {
    for (let column = 0; column + 1 < columns; column += 1) {
      const a = row * columns + column;
      const b = a + 1;
      const c = a + columns;
      const d = c + 1;
      const winner = winners[a];
      if (winner === winners[b] && winner === winners[c] && winner === winners[d]) continue;
      let count = 0;
      /** @param {number} from @param {number} to a neighbour @param {number} x @param {number} y */
      const cross = (from, to, x, y) => {
        if (winners[from] === winners[to]) return;
        const both = margins[from] + margins[to];
        const share = both > 0 ? margins[from] / both : 0.5;
        xs[count] = column + 0.5 + x + (to === from + 1 ? share : 0);
        ys[count] = row + 0.5 + y + (to === from + 1 ? 0 : share);
        count += 1;
      };
      cross(a, b, 0, 0);
      cross(a, c, 0, 0);
      cross(b, d, 1, 0);
      cross(c, d, 0, 1);
      if (count === 2) {
        piece(xs[0], ys[0], xs[1], ys[1]);
        continue;
      }
      const x = mean(xs, count);
      const y = mean(ys, count);
      for (let k = 0; k < count; k += 1) piece(xs[k], ys[k], x, y);
    }
  }
}

/** @param {Float64Array} values @param {number} count */
function mean(values, count) {
  let sum = 0;
  for (let k = 0; k < count; k += 1) sum += values[k];
  return sum / count;
}
