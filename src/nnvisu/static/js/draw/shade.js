// From values to colours: the classes' colours for the map, a ramp for a single unit.

import { ACTIVATIONS } from "../model/activations.js";
import { BLOCK, createForward } from "../model/forward.js";
import { isRegression, sizes } from "../model/layout.js";
import {
  doubtColour,
  mapColour,
  mapValueColour,
  mix,
  paper,
  valueColour,
} from "../base/palette.js";

/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../base/palette.js").Rgb} Rgb */
/** @typedef {{ layer: number, unit: number }} Unit Layer 0 holds the inputs. */
/** @typedef {import("../base/palette.js").Colouring} Colouring */

/**
 * Writes the colours of the first `count` positions of a layer to `pixels`, from `start`.
 * @callback Shade
 * @param {Float64Array} values
 * @param {number} count
 * @param {Uint32Array} pixels
 * @param {number} start
 * @returns {void}
 */

/** Entries of a ramp on either side of its middle. */
const STEPS = 255;
/** Positions on each side of the grid on which an unbounded unit's largest value is looked up. */
const PROBES = 11;

/** @param {Rgb} colour @returns {number} as ImageData has it on a little-endian machine */
function pack([red, green, blue]) {
  const r = Math.round(red);
  const g = Math.round(green);
  const b = Math.round(blue);
  return ((255 << 24) | (b << 16) | (g << 8) | r) >>> 0;
}

/**
 * The unit whose values a picture shows: the requested one; without a request, the output of
 * regression.
 * @param {{ checkpoint: Checkpoint, unit?: Unit | undefined }} picture
 * @returns {Unit | undefined} none for the classes' mixture
 */
export function shownUnit({ checkpoint: { network }, unit }) {
  if (unit !== undefined || !isRegression(network)) return unit;
  return { layer: sizes(network).length - 1, unit: 0 };
}

/**
 * @param {Checkpoint} checkpoint
 * @param {boolean} dark
 * @param {Unit | undefined} unit none for the classes
 * @param {Colouring} colouring of the classes
 * @returns {Shade}
 */
export function createShade(checkpoint, dark, unit, colouring) {
  if (unit === undefined) return classShade(checkpoint.network.classes, dark, colouring);
  const ramp = unitRamp(checkpoint, dark, unit);
  const factor = STEPS / unitScale(checkpoint, unit);
  const row = unit.unit * BLOCK;
  return (values, count, pixels, start) => {
    for (let k = 0; k < count; k += 1) {
      const step = Math.max(-STEPS, Math.min(STEPS, Math.round(values[row + k] * factor)));
      pixels[start + k] = ramp[STEPS + step];
    }
  };
}

/**
 * "mix": the classes' colours, mixed by probability. "confidence": the same, the paler the less the most
 * probable class stands out; white or black where all are equal. "discrete": the most probable class's.
 * @param {number[]} classes
 * @param {boolean} dark
 * @param {Colouring} colouring
 * @returns {Shade}
 */
function classShade(classes, dark, colouring) {
  const colours = classes.map((label) => mapColour(label, dark));
  const reds = Float64Array.from(colours, ([red]) => red);
  const greens = Float64Array.from(colours, ([, green]) => green);
  const blues = Float64Array.from(colours, ([, , blue]) => blue);
  const neutral = doubtColour(dark);
  const certain = 1 - 1 / classes.length;
  return (values, count, pixels, start) => {
    for (let k = 0; k < count; k += 1) {
      let red = 0;
      let green = 0;
      let blue = 0;
      let most = -1;
      let winner = 0;
      for (let j = 0, at = k; j < reds.length; j += 1, at += BLOCK) {
        const p = values[at];
        red += p * reds[j];
        green += p * greens[j];
        blue += p * blues[j];
        if (p > most) {
          most = p;
          winner = j;
        }
      }
      if (colouring === "discrete") {
        red = reds[winner];
        green = greens[winner];
        blue = blues[winner];
      } else if (colouring === "confidence") {
        const doubt = Math.min(1, (1 - most) / certain);
        red += doubt * (neutral[0] - red);
        green += doubt * (neutral[1] - green);
        blue += doubt * (neutral[2] - blue);
      }
      pixels[start + k] = (255 << 24) | ((blue + 0.5) << 16) | ((green + 0.5) << 8) | (red + 0.5);
    }
  };
}

/**
 * The colours of a unit's values from -1 to 1 of its scale: a class's probability runs from paper
 * to the class's map colour, any other unit's value through orange, neutral and blue; the output of
 * a surface in the map's.
 * @param {Checkpoint} checkpoint
 * @param {boolean} dark
 * @param {Unit} unit
 * @returns {Rgb[]} at -1, 0 and 1
 */
export function unitColours({ network }, dark, { layer, unit }) {
  const output = layer === sizes(network).length - 1;
  if (output && !isRegression(network)) {
    const zero = paper(dark);
    return [zero, zero, mapColour(network.classes[unit], dark)];
  }
  const colour = output ? mapValueColour : valueColour;
  return [colour(-1, dark), colour(0, dark), colour(1, dark)];
}

/**
 * The value at which a unit's colour is full: 1 if its values are bounded, otherwise about the
 * largest magnitude on the plane.
 * @param {Checkpoint} checkpoint
 * @param {Unit} unit
 */
export function unitScale({ network, parameters }, { layer, unit }) {
  const inside = layer > 0 && layer < sizes(network).length - 1;
  if (!inside || ACTIVATIONS[network.activation].bounded) return 1;
  const forward = createForward(network);
  const xs = Float32Array.from({ length: PROBES * PROBES }, (_, k) => (k % PROBES) / 5 - 1);
  const ys = Float32Array.from(xs, (_, k) => Math.floor(k / PROBES) / 5 - 1);
  forward.run(parameters, { xs, ys }, 0, xs.length, layer);
  return largest(forward.values[layer].subarray(unit * BLOCK, unit * BLOCK + xs.length));
}

/**
 * The largest magnitude, or 1 if all are zero.
 * @param {Float64Array | Float32Array} values
 */
export function largest(values) {
  let most = 0;
  for (const value of values) most = Math.max(most, Math.abs(value));
  return most > 0 ? most : 1;
}

/**
 * @param {Checkpoint} checkpoint
 * @param {boolean} dark
 * @param {Unit} unit
 * @returns {Uint32Array} packed, from -1 to 1 of the unit's scale
 */
export function unitRamp(checkpoint, dark, unit) {
  const [low, zero, high] = unitColours(checkpoint, dark, unit);
  return Uint32Array.from({ length: 2 * STEPS + 1 }, (_, k) => {
    const strength = (k - STEPS) / STEPS;
    return pack(mix(zero, strength < 0 ? low : high, Math.abs(strength)));
  });
}
