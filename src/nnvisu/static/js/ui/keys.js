// What a key means, on every keyboard layout.

/**
 * @typedef {Pick<KeyboardEvent, "key" | "code" | "shiftKey">} Key
 *
 * @param {Key} event
 * @returns {string} a digit, a small Latin letter, or else the key's own name. Where the layout has other
 *   letters (Cyrillic, Greek), the letter that is printed at this place on a Latin keyboard; where the
 *   digits need Shift (French, Czech), the digit without it.
 */
export function meaningOf({ key, code, shiftKey }) {
  if (/^[\da-z]$/i.test(key)) return key.toLowerCase();
  const digit = /^Digit(\d)$/.exec(code)?.[1];
  if (digit && !shiftKey && key.length === 1) return digit;
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  // A Latin letter with a mark stays itself: there are the letters of the alphabet, too.
  const isForeign = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  return (isForeign && letter ? letter : key).toLowerCase();
}
