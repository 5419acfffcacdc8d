// Which experiment this tab works on. The tab remembers its experiment's name in sessionStorage and
// holds a lease on it; a tab that finds it leased works on a copy under a new name.

import { lease } from "./tab_lock.js";
import { keysOf, PARTS, put, seal, unseal } from "./local_storage.js";

const INDEX = "nnvisu/index";
const FIRST_NAME = "Two moons";
/** A key of an experiment, whichever of its parts is left. */
const PART = new RegExp(`^nnvisu/([^/]+)/(?:${PARTS.join("|")})$`);
/** Characters in an experiment's name. */
export const MAX_NAME = 40;

/**
 * @param {globalThis.Storage} local
 * @returns {string[]} the names, the newest first; an unreadable index is made again from the keys
 */
export function list(local) {
  const present = new Set(Object.keys(local).flatMap((key) => PART.exec(key)?.[1] ?? []));
  const known = readIndex(local).filter((name) => present.has(name));
  return [...known, ...[...present].filter((name) => !known.includes(name)).sort()];
}

/**
 * @param {globalThis.Storage} local
 * @param {globalThis.Storage} session
 * @param {() => void} onLost called if another tab turns out to have the experiment
 * @returns {Promise<{ name: string, notice: string }>} the experiment to work on, and what there is
 *   to say about it
 */
export async function claim(local, session, onLost) {
  const names = list(local);
  const wanted = session.getItem("nnvisu") ?? names[0] ?? FIRST_NAME;
  if (await lease(wanted, onLost)) {
    remember(local, session, wanted);
    return { name: wanted, notice: "" };
  }
  for (let number = 2; ; number += 1) {
    const name = numbered(wanted, number);
    if (names.includes(name) || !(await lease(name, onLost))) continue;
    const whole = copy(local, wanted, name);
    remember(local, session, name);
    const rest = whole ? "" : " The browser's storage had no room for all of it.";
    const notice = `“${wanted}” is open in another tab; this is a copy of it, “${name}”.${rest}`;
    return { name, notice };
  }
}

/**
 * @param {globalThis.Storage} local
 * @param {string} name
 * @returns {string} a name like it that no experiment has
 */
export function unused(local, name) {
  const names = list(local);
  if (!names.includes(name)) return name;
  let number = 2;
  while (names.includes(numbered(name, number))) number += 1;
  return numbered(name, number);
}

/**
 * Copies what there is room for; the history, which is the largest part, comes last.
 * @param {globalThis.Storage} local
 * @param {string} from
 * @param {string} to
 * @returns {boolean} whether all of it fitted
 */
export function copy(local, from, to) {
  const keys = keysOf(local, from).filter((key) => key !== "history");
  // A list of moments that did not fit would name lost ones.
  return [...keys, "history"].every((key) => {
    const text = local.getItem(`nnvisu/${from}/${key}`);
    return text === null || put(local, `nnvisu/${to}/${key}`, text);
  });
}

/**
 * Moves key by key, so that it needs no room for two.
 * @param {globalThis.Storage} local
 * @param {string} from
 * @param {string} to
 * @returns {boolean} false if there is no room, and all is as it was
 */
export function move(local, from, to) {
  const keys = keysOf(local, from);
  return keys.every((key, index) => {
    const [old, fresh] = [`nnvisu/${from}/${key}`, `nnvisu/${to}/${key}`];
    const text = local.getItem(old) ?? "";
    local.removeItem(old);
    if (put(local, fresh, text)) return true;
    put(local, old, text);
    for (const moved of keys.slice(0, index)) {
      const back = local.getItem(`nnvisu/${to}/${moved}`) ?? "";
      local.removeItem(`nnvisu/${to}/${moved}`);
      put(local, `nnvisu/${from}/${moved}`, back);
    }
    return false;
  });
}

/**
 * @param {globalThis.Storage} local
 * @param {string} name its keys go, the ones kept aside too
 */
export function remove(local, name) {
  for (const key of Object.keys(local)) {
    if (key.startsWith(`nnvisu/${name}/`)) local.removeItem(key);
  }
}

/**
 * Makes an experiment the one that this tab, and the next new one, opens.
 * @param {globalThis.Storage} local
 * @param {globalThis.Storage} session
 * @param {string} name
 */
export function remember(local, session, name) {
  session.setItem("nnvisu", name);
  const others = readIndex(local).filter((known) => known !== name);
  put(local, INDEX, seal(JSON.stringify([name, ...others])));
}

/**
 * @param {string} name
 * @param {number} number
 */
function numbered(name, number) {
  return `${name.replace(/ \d+$/, "")} ${number}`;
}

/**
 * @param {globalThis.Storage} local
 * @returns {string[]}
 */
function readIndex(local) {
  const text = local.getItem(INDEX);
  if (text === null) return [];
  try {
    const names = unseal(text);
    return Array.isArray(names) ? names.filter((name) => typeof name === "string") : [];
  } catch (error) {
    if (error instanceof Error) return [];
    throw error;
  }
}

/**
 * What a person does with experiments. Each of them ends with another experiment in this tab, which
 * begins as every visit does: by loading the page.
 * @param {{
 *   local: globalThis.Storage, session: globalThis.Storage, name: string,
 *   saver: { flush: () => void, abandon: () => void }
 * }} options
 */
export function createExperiments({ local, session, name, saver }) {
  /** @param {string} next */
  function go(next) {
    session.setItem("nnvisu", next);
    location.reload();
  }

  return {
    list: () => list(local),
    open: go,
    create: () => go(unused(local, "Experiment")),

    /** @returns {string} why it can't be; empty if it can */
    duplicate() {
      saver.flush();
      const next = unused(local, name);
      if (!copy(local, name, next)) {
        remove(local, next);
        return "The browser's storage has no room for a second one.";
      }
      go(next);
      return "";
    },

    /** Deletes this experiment for good; a fresh one takes its place. */
    remove() {
      saver.abandon();
      remove(local, name);
      go(unused(local, FIRST_NAME));
    },

    /**
     * @param {string} wish
     * @returns {string} why it can't have that name; empty if it can
     */
    rename(wish) {
      if (wish === name) return "";
      if (!/^[^/]{1,40}$/.test(wish)) {
        return `A name has 1 to ${MAX_NAME} characters and no slash.`;
      }
      if (list(local).includes(wish)) return `There is another experiment named “${wish}”.`;
      saver.flush();
      if (!move(local, name, wish)) return "The browser's storage has no room for a longer name.";
      saver.abandon();
      remove(local, name);
      go(wish);
      return "";
    },
  };
}
