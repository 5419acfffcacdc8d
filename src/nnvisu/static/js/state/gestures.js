// The tools Draw, Erase and Move on the map, for pointer and keyboard alike.

import { createTrail } from "../base/geometry.js";

/** @typedef {import("./store.js").Position} Position */

/** The distance between the points that a drag sprays, in data units. */
const SPRAY_SPACING = 0.07;

/**
 * One use of a tool, from press to release; undone as one step.
 * @typedef {{ to: (position: Position) => void }} Path
 * @typedef {Path & { end: () => void }} Gesture
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
  const { to } = TOOLS[tool](commands, start);
  return { to, end: commands.endStroke };
}

/**
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function spray(commands, start) {
  const gesture = {
    /** @param {Position} position */
    to(position) {
      const placed = trail(position);
      if (placed.length > 0) commands.draw(placed, gesture);
    },
  };
  const trail = createTrail(start, SPRAY_SPACING);
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
 * @param {import("./commands.js").Commands} commands
 * @param {Position} start
 * @returns {Path}
 */
function drag(commands, start) {
  let grip = commands.grab(start);
  const gesture = {
    /** @param {Position} position */
    to(position) {
      grip = grip && commands.move(grip, position, gesture);
    },
  };
  return gesture;
}
