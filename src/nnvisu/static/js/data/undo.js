// Two stacks of immutable steps: those that can be undone, and those that can be redone.

/**
 * @template T
 * @typedef {{ done: readonly T[], undone: readonly T[] }} UndoStack the newest step of each is last
 */

export const MAX_STEPS = 100;

/** @type {UndoStack<never>} */
export const EMPTY_STACK = Object.freeze({ done: Object.freeze([]), undone: Object.freeze([]) });

/**
 * @template T
 * @param {UndoStack<T>} stack
 * @param {T} step
 * @returns {UndoStack<T>} with this step as the next to undo, and nothing to redo
 */
export function push({ done }, step) {
  return { done: [...done, step].slice(-MAX_STEPS), undone: [] };
}

/**
 * @template T
 * @param {UndoStack<T>} stack with something to undo
 * @param {T} step takes the place of the next one to undo
 * @returns {UndoStack<T>} with nothing to redo
 */
export function replaceLast({ done }, step) {
  return { done: [...done.slice(0, -1), step], undone: [] };
}

/**
 * @template T
 * @param {UndoStack<T>} stack
 * @param {(step: T) => T} invert undoes a step, and returns the step that redoes it
 * @returns {UndoStack<T>} the same object if there is nothing to undo
 */
export function undo(stack, invert) {
  const { done, undone } = stack;
  const step = done.at(-1);
  if (step === undefined) return stack;
  return { done: done.slice(0, -1), undone: [...undone, invert(step)] };
}

/**
 * @template T
 * @param {UndoStack<T>} stack
 * @param {(step: T) => T} invert redoes a step, and returns the step that undoes it
 * @returns {UndoStack<T>} the same object if there is nothing to redo
 */
export function redo(stack, invert) {
  const { done, undone } = stack;
  const step = undone.at(-1);
  if (step === undefined) return stack;
  return { done: [...done, invert(step)], undone: undone.slice(0, -1) };
}
