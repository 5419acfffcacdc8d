// Local Storage: an experiment is several keys, `nnvisu/<experiment>/<part>`, so that a small change
// writes a small key. Every value carries a version and a checksum; a damaged one is kept aside.

import { crc32 } from "../base/binary.js";

/** The form of the values below; another one is refused as damaged. */
const VERSION = 1;
const ASIDE = ".damaged";

/**
 * `history` lists the moments, each of which is a part of its own, named by its epoch.
 * @typedef {"config" | "data" | "weights" | "optimiser" | "view" | "history"} Part
 * @typedef {Part | `history/${number}`} Key
 */

/** @type {readonly Part[]} */
export const PARTS = ["config", "data", "weights", "optimiser", "view", "history"];

/**
 * @param {string} json
 * @returns {string} with version and checksum before it
 */
export function seal(json) {
  return `${VERSION}:${crc32(json)}:${json}`;
}

/**
 * @param {string} text
 * @returns {unknown} the value that was sealed
 * @throws {Error} if the text is not what was written
 */
export function unseal(text) {
  const [version, checksum] = text.split(":", 2);
  const json = text.slice(version.length + (checksum ?? "").length + 2);
  if (version !== String(VERSION)) throw new Error("it is of another version");
  if (checksum !== crc32(json)) throw new Error("its checksum is wrong");
  return JSON.parse(json);
}

/**
 * What an experiment has stored, without what was kept aside.
 * @param {globalThis.Storage} local
 * @param {string} name the experiment's
 * @returns {Key[]} the history's moments last
 */
export function keysOf(local, name) {
  const start = `nnvisu/${name}/`;
  const keys = /** @type {Key[]} */ (
    Object.keys(local)
      .filter((key) => key.startsWith(start) && !key.endsWith(ASIDE))
      .map((key) => key.slice(start.length))
  );
  const isMoment = (/** @type {Key} */ key) => key.startsWith("history/");
  return [...keys.filter((key) => !isMoment(key)), ...keys.filter(isMoment)];
}

/**
 * How a value was found to be lost; what is damaged is kept aside if there is room.
 * @typedef {"missing" | "aside" | "damaged"} Loss
 */

/**
 * One experiment's keys.
 * @typedef {ReturnType<typeof createStorage>} Storage
 * @param {globalThis.Storage} local
 * @param {string} name the experiment's
 */
export function createStorage(local, name) {
  /** @param {string} key */
  const full = (key) => `nnvisu/${name}/${key}`;

  return {
    keys: () => keysOf(local, name),

    /**
     * @template T
     * @param {Key} key
     * @param {(value: unknown) => T} check gives the value its form, or throws
     * @returns {{ value: T, loss: null } | { value: null, loss: Loss }} a damaged value is moved to
     *   a key of its own
     */
    read(key, check) {
      const text = local.getItem(full(key));
      if (text === null) return { value: null, loss: "missing" };
      try {
        return { value: check(unseal(text)), loss: null };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        local.removeItem(full(key));
        return { value: null, loss: put(local, full(key + ASIDE), text) ? "aside" : "damaged" };
      }
    },

    /**
     * @param {Key} key
     * @param {string} json
     * @returns {boolean} false if there is no room
     */
    write(key, json) {
      return put(local, full(key), seal(json));
    },

    /** @param {Key} key */
    remove(key) {
      local.removeItem(full(key));
    },
  };
}

/**
 * @param {globalThis.Storage} local
 * @param {string} key
 * @param {string} text
 * @returns {boolean} false if there is no room
 */
export function put(local, key, text) {
  try {
    local.setItem(key, text);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "QuotaExceededError") return false;
    throw error;
  }
}
