// What the pointer and the keyboard do on the map with the chosen tool.

import { createTrail } from "../base/geometry.js";

/** @typedef {import("./store.js").Position} Position */

/** Between the points that a drag sprays, in data units. */
const SPRAY_SPACING = 0.07;

/**
 * One use of a tool, from pressing to letting go.
 * @typedef {{ to: (position: Position) => void }} Gesture
 */

/**
 * @param {import("./store.js").Tool} tool
 * @param {import("./editor.js").Editor} editor
 * @param {Position} start
 * @returns {Gesture}
 */
export function beginGesture(tool, editor, start) {
  switch (tool) {
    case "draw":
      return spray(editor, start);
    case "erase":
      return rub(editor, start);
    case "move":
      return drag(editor, start);
  }
}

/**
 * @param {import("./editor.js").Editor} editor
 * @param {Position} start
 * @returns {Gesture}
 */
function spray(editor, start) {
  const gesture = {
    /** @param {Position} position */
    to(position) {
      const placed = trail(position);
      if (placed.length > 0) editor.draw(placed, gesture);
    },
  };
  const trail = createTrail(start, SPRAY_SPACING);
  editor.draw([start], gesture);
  return gesture;
}

/**
 * @param {import("./editor.js").Editor} editor
 * @param {Position} start
 * @returns {Gesture}
 */
function rub(editor, start) {
  let last = start;
  const gesture = {
    /** @param {Position} position */
    to(position) {
      editor.erase(last, position, gesture);
      last = position;
    },
  };
  gesture.to(start);
  return gesture;
}

/**
 * @param {import("./editor.js").Editor} editor
 * @param {Position} start
 * @returns {Gesture}
 */
function drag(editor, start) {
  let grip = editor.grab(start);
  const gesture = {
    /** @param {Position} position */
    to(position) {
      grip = grip && editor.move(grip, position, gesture);
    },
  };
  return gesture;
}
