// Parses what the user types into a field: a value, or a sentence that explains the problem.

/**
 * @template T
 * @typedef {{ value: T, problem?: undefined } | { value?: undefined, problem: string }} Parsed
 */

const NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d+)?$/i;
/** What may be a whole number with separators between its thousands, or a number with decimals. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}([., '’\u00a0\u202f]\d{3})+$/;
/** What becomes a number only with more typing. */
const UNFINISHED = /^[+-]?(\d*[.,]?\d*)?(\d[.,]|e[+-]?|[+-])$/i;

/** @param {string} text of a number @returns {boolean} whether more has to be typed */
export function isUnfinished(text) {
  return UNFINISHED.test(text.trim());
}

/**
 * @param {string} text with a decimal point or a decimal comma
 * @param {import("./schema.js").Bounds} bounds
 * @param {{ label: string, empty?: string }} names `empty` is the word for "none", where null is
 *   allowed
 * @returns {Parsed<number | null>}
 */
export function parseNumber(text, bounds, { label, empty }) {
  const trimmed = text.trim();
  if (bounds.nullable && (trimmed === "" || trimmed.toLowerCase() === empty)) {
    return { value: null };
  }
  const problem = aboutSeparators(trimmed, bounds, label);
  if (problem) return { problem };
  const value = NUMBER.test(trimmed) ? Number(trimmed.replace(",", ".")) : NaN;
  const { integer, minimum, above, maximum } = bounds;
  const fits =
    Number.isFinite(value) &&
    (!integer || Number.isInteger(value)) &&
    (minimum === undefined || value >= minimum) &&
    (above === undefined || value > above) &&
    (maximum === undefined || value <= maximum);
  if (fits) return { value };
  return { problem: `${label} must be ${describe(bounds, empty)}.` };
}

/**
 * A number with a decimal point and three decimals is as the page itself writes it. All other groups of
 * three digits could be thousands.
 * @param {string} text
 * @param {import("./schema.js").Bounds} bounds
 * @param {string} label
 * @returns {string} empty if the separators can be understood
 */
function aboutSeparators(text, { integer }, label) {
  const digits = text.replace(/[^\d+-]/g, "");
  if (THOUSANDS.test(text) && (integer || !/^[+-]?\d+\.\d+$/.test(text))) {
    const decimal = text.replace(",", ".");
    const other = integer || !NUMBER.test(text) ? "" : `, or ${decimal} with a decimal point`;
    return `${label}: write ${digits} without a separator${other}.`;
  }
  return integer && /^[+-]?\d+[.,]\d*$/.test(text)
    ? `${label} is a whole number: write it without a point or comma.`
    : "";
}

/**
 * @param {import("./schema.js").Bounds} bounds
 * @param {string} [empty]
 * @returns {string} such as "a whole number from 1 to 1000, or full"
 */
function describe({ integer, minimum, above, maximum, nullable }, empty) {
  const kind = integer ? "a whole number" : "a number";
  const low = above === undefined ? `from ${minimum}` : `above ${above}`;
  const high =
    maximum === undefined || maximum === Number.MAX_SAFE_INTEGER
      ? ""
      : above === undefined
        ? ` to ${maximum}`
        : ` and at most ${maximum}`;
  return `${kind} ${low}${high}${nullable ? `, or ${empty}` : ""}`;
}

/**
 * @param {string} text neurons by layer, such as `10-5`; empty for none
 * @param {{ maxItems: number, minimum: number, maximum: number }} bounds
 * @returns {Parsed<number[]>}
 */
export function parseHiddenLayers(text, { maxItems, minimum, maximum }) {
  const trimmed = text.trim();
  if (trimmed === "") return { value: [] };
  const parts = trimmed.split(/\s*[-–,]\s*|\s+/);
  const allowed = `Write up to ${maxItems} layers of ${minimum} to ${maximum} neurons, such as 10-5, or nothing for none.`;
  const odd = parts.find((part) => !/^\d+$/.test(part));
  if (odd !== undefined) {
    return {
      problem:
        odd === ""
          ? `A number is missing. ${allowed}`
          : `“${odd}” is not a whole number. ${allowed}`,
    };
  }
  const layers = parts.map(Number);
  const wide = layers.find((units) => units < minimum || units > maximum);
  if (wide !== undefined) return { problem: `A layer can't have ${wide} neurons. ${allowed}` };
  if (layers.length > maxItems) {
    return { problem: `${layers.length} layers are too many. ${allowed}` };
  }
  return { value: layers };
}
