// Local Storage: an experiment is several keys, `nnvisu/<experiment>/<part>`, so that a small change
// writes a small key. Every value is a part of the Document, with a version and a checksum; a damaged one
// is kept aside.

import { crc32 } from "../base/binary.js";

/** The form of the values below; another one is refused as damaged. */
const VERSION = 1;
const ASIDE = ".damaged";

/** @typedef {import("../settings/settings.js").Task} Task */

/**
 * Under `run/<run>` lies a run's head, and under `run/<run>/<moment>` each of its moments.
 * @typedef {"settings" | "view" | `data/${Task}` | `run/${number}` | `run/${number}/${number}`} Key
 */

/** A key of an experiment: its name, and the part. */
export const KEY = /^nnvisu\/([^/]+)\/(settings|view|data\/[a-z]+|run\/\d+(?:\/\d+)?)$/;

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
 * @returns {Key[]}
 */
export function keysOf(local, name) {
  return Object.keys(local).flatMap((key) => {
    const [, owner, part] = KEY.exec(key) ?? [];
    return owner === name ? [/** @type {Key} */ (part)] : [];
  });
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

/**
 * Moves key by key, so that it needs no room for two.
 * @param {globalThis.Storage} local
 * @param {string} from what the keys begin with, such as `nnvisu/Two moons/`
 * @param {string} to
 * @returns {boolean} false if there is no room, and all is as it was
 */
export function move(local, from, to) {
  const keys = Object.keys(local).filter((key) => key.startsWith(from));
  return keys.every((key, index) => {
    const text = local.getItem(key) ?? "";
    local.removeItem(key);
    if (put(local, to + key.slice(from.length), text)) return true;
    put(local, key, text);
    for (const moved of keys.slice(0, index)) {
      const back = local.getItem(to + moved.slice(from.length)) ?? "";
      local.removeItem(to + moved.slice(from.length));
      put(local, moved, back);
    }
    return false;
  });
}
