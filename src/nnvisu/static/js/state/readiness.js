// Whether there is what a training needs, and the sentence for people where there is not.

import { classesInUse } from "../data/points.js";
import { part } from "../data/split.js";

/** @typedef {import("../data/split.js").Parted} Points */

/**
 * @param {Points} points
 * @param {boolean} regression whether they have values, one of which is enough
 * @returns {string} why it can't be trained on; empty if it can
 */
export function whatIsMissing(points, regression) {
  if (regression) {
    if (points.x.length === 0) {
      return "There is nothing to learn yet: draw points on the map, or choose a generator.";
    }
    return part(points, 0).x.length > 0
      ? ""
      : "There is no point left to train with: draw more points, or lower the test share.";
  }
  const inUse = classesInUse(points);
  if (points.label.length === 0) {
    return "There is nothing to learn yet: draw points of two classes on the map, or choose a generator.";
  }
  if (inUse.length < 2) {
    return `All points are of class ${inUse[0] + 1}: draw some of a second class to train.`;
  }
  if (classesInUse(part(points, 0)).length < 2) {
    return "There are not two classes left to train with: draw more points, or lower the test share.";
  }
  return "";
}

/**
 * @param {number | null} patience the stop condition
 * @param {Points} points
 * @returns {string} why it can't be met; empty if it can
 */
export function whatPatienceLacks(patience, points) {
  if (patience === null || points.test.includes(1)) return "";
  return "Stop without progress needs test points: raise the test share, or leave it empty.";
}
