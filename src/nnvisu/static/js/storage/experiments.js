// Which experiment this tab works on. The tab remembers its experiment's name in sessionStorage and
// holds a lease on it; a tab that finds it leased works on a copy under a new name.

import { pruned } from "./history_store.js";
import { lease } from "./tab_lock.js";
import { KEY, keysOf, move, put, seal, unseal } from "./local_storage.js";

const INDEX = "nnvisu/index";
const FIRST_NAME = "Two moons";
/** Characters in an experiment's name. */
export const MAX_NAME = 40;

/**
 * @param {globalThis.Storage} local
 * @returns {string[]} the names, the newest first; an unreadable index is made again from the keys
 */
export function list(local) {
  const present = new Set(Object.keys(local).flatMap((key) => KEY.exec(key)?.[1] ?? []));
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

/** @param {string} key @returns {RegExpExecArray | null} the run and the moment, for a moment's key */
const momentOf = (key) => /^run\/(\d+)\/(\d+)$/.exec(key);

/**
 * Copies what there is room for: the moments last, the newest first.
 * @param {globalThis.Storage} local
 * @param {string} from
 * @param {string} to
 * @returns {boolean} whether all of it fitted
 */
export function copy(local, from, to) {
  const age = (/** @type {string} */ key) => -Number(momentOf(key)?.[2] ?? Infinity);
  const keys = keysOf(local, from).sort((a, b) => Math.sign(age(a) - age(b)) || 0);
  const text = (/** @type {string} */ key) => local.getItem(`nnvisu/${from}/${key}`) ?? "";
  if (keys.every((key) => put(local, `nnvisu/${to}/${key}`, text(key)))) return true;
  // The heads list moments for which there was no room.
  for (const key of keysOf(local, to).filter((part) => /^run\/\d+$/.test(part))) {
    const isThere = (/** @type {number} */ id) =>
      local.getItem(`nnvisu/${to}/${key}/${id}`) !== null;
    put(local, `nnvisu/${to}/${key}`, seal(JSON.stringify(pruned(unseal(text(key)), isThere))));
  }
  return false;
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

/** @typedef {{ place: number, name: string }} Deletion An experiment's place in the trash, and its name. */

const DELETIONS = "nnvisu/deletions";
const NOTICE = "nnvisu/notice";

/** @param {globalThis.Storage} session @returns {string[]} what the page before this one had to say about it */
export function takeNotices(session) {
  const text = session.getItem(NOTICE);
  session.removeItem(NOTICE);
  return text ? [text] : [];
}

/**
 * @param {globalThis.Storage} session
 * @param {import("./trash.js").Trash} trash
 * @returns {Record<"undo" | "redo", Deletion[]>} what this tab deleted and is still there
 */
function readDeletions(session, trash) {
  const { undo, redo } = JSON.parse(session.getItem(DELETIONS) ?? '{"undo":[],"redo":[]}');
  const isThere = (/** @type {Deletion} */ { place }) => trash.has(place);
  return { undo: undo.filter(isThere), redo: redo.filter(isThere) };
}

/** @param {globalThis.Storage} session @param {Record<"undo" | "redo", Deletion[]>} deletions */
function writeDeletions(session, deletions) {
  session.setItem(DELETIONS, JSON.stringify(deletions));
}

/**
 * What a person does with experiments. Each of them ends with another experiment in this tab, which
 * begins as every visit does: by loading the page.
 * @param {{
 *   local: globalThis.Storage, session: globalThis.Storage, name: string,
 *   saver: { flush: () => void, abandon: () => void }, trash: import("./trash.js").Trash
 * }} options
 */
export function createExperiments({ local, session, name, saver, trash }) {
  const deletions = readDeletions(session, trash);

  /** @param {string} next */
  function go(next) {
    session.setItem("nnvisu", next);
    location.reload();
  }

  /**
   * Moves this experiment to the trash.
   * @returns {Deletion[]} it, if there was room
   */
  function discard() {
    saver.flush();
    saver.abandon();
    const place = trash.take(name);
    if (place === null) remove(local, name);
    return place === null ? [] : [{ place, name }];
  }

  /**
   * Puts this experiment into the trash, and takes the one that lies at the end of `from` out of it.
   * @param {"undo" | "redo"} from
   * @param {"undo" | "redo"} to
   */
  function exchange(from, to) {
    const wanted = /** @type {Deletion} */ (deletions[from].pop());
    deletions[to].push(...discard());
    writeDeletions(session, deletions);
    const back = unused(local, wanted.name);
    trash.giveBack(wanted.place, back);
    go(back);
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

    /** Deletes this experiment; a fresh one takes its place, where that can be undone. */
    remove() {
      const deleted = discard();
      deletions.undo.push(...deleted);
      deletions.redo = [];
      writeDeletions(session, deletions);
      if (deleted.length > 0) {
        session.setItem(NOTICE, `“${name}” was deleted. Undo brings it back.`);
      }
      go(unused(local, FIRST_NAME));
    },

    /** The deletions of this tab that can be undone, and that can be redone; the newest is last. */
    deletions,
    /** Brings back the experiment that was deleted last, in the place of this one. */
    undoRemove: () => exchange("undo", "redo"),
    /** Deletes it again, and brings back the one that was in its place. */
    redoRemove: () => exchange("redo", "undo"),

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
      if (!move(local, `nnvisu/${name}/`, `nnvisu/${wish}/`)) {
        return "The browser's storage has no room for a longer name.";
      }
      saver.abandon();
      remove(local, name);
      go(wish);
      return "";
    },
  };
}
