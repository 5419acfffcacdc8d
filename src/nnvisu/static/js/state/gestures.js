// The tools Draw, Erase and Move on the map, for pointer and keyboard alike.

import { createTrail } from "../base/geometry.js";

/** @typedef {import("./store.js").Position} Position */

/** The bounds of the brush's radius, in data units, and of the points sprayed on a way of length 1. */
export const BRUSH = { minimum: 0, maximum: 0.4 };
export const DENSITY = { minimum: 2, maximum: 60 };

/**
 * One use of a tool, from press to release; undone as one step.
 * @typedef {{ to: (position: Position) => void, end?: () => void }} Path
 * @typedef {{ to: (position: Position) => void, end: () => void }} Gesture
 */

const TOOLS = { draw: spray, erase, move: drag };

/**
 * @param {import("./store.js").Tool} tool
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Gesture}
 */
export function beginGesture(tool, commands, start) {
  commands.beginStroke();
  const path = TOOLS[tool](commands, start);
  return {
    to: path.to,
    end() {
      path.end?.();
      commands.endStroke();
    },
  };
}

/**
 * A press adds one point; moving on sprays more, at random places under the brush.
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function spray(commands, start) {
  const gesture = {
    /** @param {Position} position */
    to(position) {
      const placed = trail(position).map((at) => beside(at, radius));
      if (placed.length > 0) commands.draw(placed, gesture);
    },
  };
  const { radius, density } = commands.brush();
  const trail = createTrail(start, 1 / density);
  commands.draw([start], gesture);
  return gesture;
}

/**
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function erase(commands, start) {
  let last = start;
  const gesture = {
    /** @param {Position} position */
    to(position) {
      commands.erase(last, position, gesture);
      last = position;
    },
  };
  gesture.to(start);
  return gesture;
}

/**
 * Drags the point at the start and all that are selected with it; from an empty place, draws a frame
 * that selects.
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function drag(commands, start) {
  let grip = commands.grab(start);
  if (!grip) return frame(commands, start);
  const gesture = {
    /** @param {Position} position */
    to(position) {
      grip = grip && commands.move(grip, position, gesture);
    },
  };
  return gesture;
}

/**
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function frame(commands, start) {
  let corner = start;
  commands.selectWithin(start, start, true);
  return {
    to(position) {
      corner = position;
      commands.selectWithin(start, corner, false);
    },
    end: () => commands.selectWithin(start, corner, true),
  };
}

/** @param {Position} position @param {number} radius @returns {Position} at random within the circle */
function beside({ x, y }, radius) {
  const distance = radius * Math.sqrt(Math.random());
  const angle = 2 * Math.PI * Math.random();
  return { x: x + distance * Math.cos(angle), y: y + distance * Math.sin(angle) };
}
