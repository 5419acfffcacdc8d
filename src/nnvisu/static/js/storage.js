// Local Storage: an experiment is several keys, `nnvisu/<experiment>/<part>`, so that a small change
// writes a small key. Every value carries a version and a checksum; a damaged one is kept aside.

import { crc32 } from "./bytes.js";

/** The form of the values below; another one is refused as damaged. */
const VERSION = 1;

/** @typedef {"config" | "data" | "weights" | "optimiser" | "view" | "history"} Part */

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
 * One experiment's keys.
 * @typedef {ReturnType<typeof createStorage>} Storage
 * @param {globalThis.Storage} local
 * @param {string} name the experiment's
 */
export function createStorage(local, name) {
  /** @param {string} part */
  const key = (part) => `nnvisu/${name}/${part}`;

  return {
    /**
     * @template T
     * @param {Part} part
     * @param {(value: unknown) => T} check gives the value its form, or throws
     * @returns {{ value: T | null, damaged: boolean }} null if it is missing or damaged; a damaged
     *   part is moved to a key of its own
     */
    read(part, check) {
      const text = local.getItem(key(part));
      if (text === null) return { value: null, damaged: false };
      try {
        return { value: check(unseal(text)), damaged: false };
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        setAside(text, part);
        return { value: null, damaged: true };
      }
    },

    /**
     * @param {Part} part
     * @param {string} json
     * @returns {boolean} false if there is no room
     */
    write(part, json) {
      return put(local, key(part), seal(json));
    },
  };

  /** @param {string} text @param {Part} part */
  function setAside(text, part) {
    local.removeItem(key(part));
    put(local, key(`${part}.damaged`), text);
  }
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
