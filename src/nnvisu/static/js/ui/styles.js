// Style sheets of parts that are loaded after the page can be used.

/** @type {Map<string, Promise<void>>} */
const sheets = new Map();

/**
 * @param {string} name of a file in css/
 * @returns {Promise<void>} resolved when it applies; rejected if it does not arrive, and asked for again
 *   the next time
 */
export function loadStyles(name) {
  const known = sheets.get(name);
  if (known) return known;
  const { href } = new URL(`../../css/${name}.css`, import.meta.url);
  const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
  const sheet = new Promise((/** @type {(value: void) => void} */ resolve, reject) => {
    link.onload = () => resolve();
    link.onerror = () => {
      link.remove();
      sheets.delete(name);
      reject(new Error(`${href} did not arrive.`));
    };
  });
  document.head.append(link);
  sheets.set(name, sheet);
  return sheet;
}
