// Local Storage: an experiment has several keys, `nnvisu/<experiment>/<part>`, so that a small change
// writes a small value. Every value is a part of the Document with a version and a checksum; a damaged
// value is kept under another key.

import { crc32 } from "../base/binary.js";
import { isFull, keysIn, StorageFailure } from "./browser_storage.js";

/** The version of the stored format; other versions are treated as damaged. */
const VERSION = 1;
const ASIDE = ".damaged";

/** @typedef {import("../settings/settings.js").Task} Task */

/**
 * `run/<run>` holds a run's head, `run/<run>/<moment>` each of its moments.
 * @typedef {"settings" | "view" | `data/${Task}` | `run/${number}` | `run/${number}/${number}`} Key
 */

/** Matches a key of an experiment: its name, and the part. */
export const KEY = /^nnvisu\/([^/]+)\/(settings|view|data\/[a-z]+|run\/\d+(?:\/\d+)?)$/;

/**
 * @param {string} json
 * @returns {string} the JSON after its version and checksum
 */
export function seal(json) {
  return `${VERSION}:${crc32(json)}:${json}`;
}

/**
 * @param {string} text
 * @returns {unknown} the value that was sealed
 * @throws {Error} if the text was damaged or is of another version
 */
export function unseal(text) {
  const [version, checksum] = text.split(":", 2);
  const json = text.slice(version.length + (checksum ?? "").length + 2);
  if (version !== String(VERSION)) throw new Error("it is of another version");
  if (checksum !== crc32(json)) throw new Error("its checksum is wrong");
  return JSON.parse(json);
}

/**
 * The keys of an experiment, without those of damaged values.
 * @param {globalThis.Storage} local
 * @param {string} name the experiment's
 * @returns {Key[]}
 */
export function keysOf(local, name) {
  return keysIn(local).flatMap((key) => {
    const [, owner, part] = KEY.exec(key) ?? [];
    return owner === name ? [/** @type {Key} */ (part)] : [];
  });
}

/**
 * How a value was lost. `aside`: damaged, and kept under another key; `damaged`: no room to keep it.
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
     * @param {(value: unknown) => T} check converts the value, or throws
     * @returns {{ value: T, loss: null } | { value: null, loss: Loss }} a damaged value is moved to
     *   another key
     */
    read(key, check) {
      const text = local.getItem(full(key));
      if (text === null) return { value: null, loss: "missing" };
      try {
        return { value: check(unseal(text)), loss: null };
      } catch (error) {
        if (!(error instanceof Error) || error instanceof StorageFailure) throw error;
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
    if (isFull(error)) return false;
    throw error;
  }
}

/**
 * Moves values one by one, so that it needs no room for a second copy. If the storage fails, every value
 * is still there, under the one name or the other.
 * @param {globalThis.Storage} local
 * @param {string} from the prefix of the keys, such as `nnvisu/Two moons/`
 * @param {string} to
 * @returns {boolean} false if there is no room; then nothing has changed
 */
export function move(local, from, to) {
  const keys = keysIn(local).filter((key) => key.startsWith(from));
  const target = (/** @type {string} */ key) => to + key.slice(from.length);
  return keys.every((key, index) => {
    if (moveOne(local, key, target(key))) return true;
    for (const moved of keys.slice(0, index)) moveOne(local, target(moved), moved);
    return false;
  });
}

/**
 * @param {globalThis.Storage} local
 * @param {string} from a key
 * @param {string} to
 * @returns {boolean} false if there is no room; then nothing has changed
 */
function moveOne(local, from, to) {
  const text = local.getItem(from) ?? "";
  if (put(local, to, text)) {
    local.removeItem(from);
    return true;
  }
  // There is no room for two copies.
  local.removeItem(from);
  if (put(local, to, text)) return true;
  put(local, from, text);
  return false;
}
