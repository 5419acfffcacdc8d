// Checks whether training is possible, and says what is missing if it is not.

import { classesInUse } from "../data/points.js";
import { part } from "../data/split.js";

/** @typedef {import("../data/split.js").Parted} Points */

/**
 * @param {Points} points
 * @param {boolean} regression then one training point is enough; otherwise two classes are needed
 * @returns {string} why training is impossible, for the page; empty if it is possible
 */
export function whatIsMissing(points, regression) {
  if (regression) {
    if (points.x.length === 0) {
      return "There is nothing to learn yet: draw points on the map, or choose a generator.";
    }
    return part(points, 0).x.length > 0
      ? ""
      : "No training points are left: draw more points, or lower the test share.";
  }
  const inUse = classesInUse(points);
  if (points.label.length === 0) {
    return "There is nothing to learn yet: draw points of two classes on the map, or choose a generator.";
  }
  if (inUse.length < 2) {
    return `All points are of class ${inUse[0] + 1}: draw some of a second class to train.`;
  }
  if (classesInUse(part(points, 0)).length < 2) {
    return "Fewer than two classes have training points: draw more points, or lower the test share.";
  }
  return "";
}

/**
 * @param {number | null} patience of early stopping, in epochs
 * @param {Points} points
 * @returns {string} why early stopping is impossible; empty if it is possible or off
 */
export function whatPatienceLacks(patience, points) {
  if (patience === null || points.test.includes(1)) return "";
  return "Early stopping (patience) needs test points: raise the test share, or leave the patience empty.";
}
