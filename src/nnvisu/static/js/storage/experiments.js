// The experiments in this browser, and the one that this tab works on. The tab keeps its experiment's
// name in sessionStorage and holds a lease on it; if another tab holds the lease, it works on a copy.

import { keysIn, StorageFailure } from "./browser_storage.js";
import { pruned } from "./history_store.js";
import { lease } from "./tab_lock.js";
import { KEY, keysOf, move, put, seal, unseal } from "./local_storage.js";

const INDEX = "nnvisu/index";
const FIRST_NAME = "Two moons";
/** Characters in an experiment's name. */
export const MAX_NAME = 40;

/**
 * @param {globalThis.Storage} local
 * @returns {string[]} the names, the newest first; an unreadable index is rebuilt from the keys
 */
export function list(local) {
  const present = new Set(keysIn(local).flatMap((key) => KEY.exec(key)?.[1] ?? []));
  const known = readIndex(local).filter((name) => present.has(name));
  return [...known, ...[...present].filter((name) => !known.includes(name)).sort()];
}

/**
 * @param {globalThis.Storage} local
 * @param {globalThis.Storage} session
 * @param {() => void} onLost called if another tab turns out to hold the lease
 * @returns {Promise<{ name: string, notice: string }>} the experiment to work on, and a notice for
 *   the page
 */
export async function claim(local, session, onLost) {
  const names = list(local);
  const wanted = session.getItem("nnvisu") || names[0] || FIRST_NAME;
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
 * @returns {string} this name, or else one with a number that no experiment has
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
 * Copies as much as there is room for; moments come last, the newest first.
 * @param {globalThis.Storage} local
 * @param {string} from
 * @param {string} to
 * @returns {boolean} whether everything was copied
 */
export function copy(local, from, to) {
  const age = (/** @type {string} */ key) => -Number(momentOf(key)?.[2] ?? Infinity);
  const keys = keysOf(local, from).sort((a, b) => Math.sign(age(a) - age(b)) || 0);
  const text = (/** @type {string} */ key) => local.getItem(`nnvisu/${from}/${key}`) ?? "";
  if (keys.every((key) => put(local, `nnvisu/${to}/${key}`, text(key)))) return true;
  // The heads still list the moments that were not copied.
  for (const key of keysOf(local, to).filter((part) => /^run\/\d+$/.test(part))) {
    const isThere = (/** @type {number} */ id) =>
      local.getItem(`nnvisu/${to}/${key}/${id}`) !== null;
    try {
      put(local, `nnvisu/${to}/${key}`, seal(JSON.stringify(pruned(unseal(text(key)), isThere))));
    } catch (error) {
      if (!(error instanceof Error) || error instanceof StorageFailure) throw error;
      // A damaged head: without it, the moments that are there count.
      local.removeItem(`nnvisu/${to}/${key}`);
    }
  }
  return false;
}

/**
 * @param {globalThis.Storage} local
 * @param {string} name all its keys are removed, damaged ones too
 */
export function remove(local, name) {
  removeAll(local, `nnvisu/${name}/`);
}

/** @param {globalThis.Storage} local @param {string} prefix of the keys to remove */
function removeAll(local, prefix) {
  for (const key of keysIn(local)) {
    if (key.startsWith(prefix)) local.removeItem(key);
  }
}

/**
 * Makes an experiment the one that this tab, and the next new tab, opens.
 * @param {globalThis.Storage} local
 * @param {globalThis.Storage} session
 * @param {string} name
 */
export function remember(local, session, name) {
  put(session, "nnvisu", name);
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
    if (error instanceof Error && !(error instanceof StorageFailure)) return [];
    throw error;
  }
}

/**
 * A deleted experiment: its place in the trash, its name, and the new experiment that was opened.
 * @typedef {{ place: number, name: string, replacement: string }} Deletion
 *
 * What this tab can undo (the newest last), and redo: the name of the experiment to delete again.
 * @typedef {{ undo: Deletion[], redo: string | null }} Deletions
 */

const DELETIONS = "nnvisu/deletions";
const NOTICE = "nnvisu/notice";

/**
 * @param {globalThis.Storage} session
 * @returns {string[]} what the page before this one had to say about it
 */
export function takeNotices(session) {
  const text = session.getItem(NOTICE);
  session.removeItem(NOTICE);
  return text ? [text] : [];
}

/**
 * Another tab turns out to hold the lease: what this tab has made becomes a copy, which the page opens when
 * it is loaded again. Without room for one, nothing changes.
 * @param {globalThis.Storage} local
 * @param {globalThis.Storage} session
 * @param {string} name of the experiment, with everything written
 */
export function leave(local, session, name) {
  const next = unused(local, name);
  if (!copy(local, name, next)) {
    remove(local, next);
    return;
  }
  put(session, "nnvisu", next);
  put(session, NOTICE, `“${name}” is open in another tab; this is a copy of it, “${next}”.`);
}

/** @param {globalThis.Storage} session @returns {Deletions} */
function readDeletions(session) {
  /** @type {Deletions} */
  const none = { undo: [], redo: null };
  try {
    const { undo, redo } = JSON.parse(session.getItem(DELETIONS) ?? "") ?? {};
    const sound = Array.isArray(undo) ? undo.filter(isDeletion) : [];
    return { undo: sound, redo: typeof redo === "string" ? redo : null };
  } catch (error) {
    if (error instanceof SyntaxError) return none;
    throw error;
  }
}

/** @param {unknown} value @returns {value is Deletion} */
function isDeletion(value) {
  const { place, name, replacement } = /** @type {Partial<Deletion>} */ (value ?? {});
  return Number.isSafeInteger(place) && typeof name === "string" && typeof replacement === "string";
}

/**
 * The commands of the experiments' menu. Each ends by reloading the page with the next experiment. If the
 * storage fails, it says so with `onNotice`.
 * @param {{
 *   local: globalThis.Storage, session: globalThis.Storage, name: string, kept?: boolean,
 *   saver: ReturnType<typeof import("./autosave.js").save>, trash: import("./trash.js").Trash,
 *   isUntouched: () => boolean, onNotice: (text: string) => void, reload?: () => void
 * }} options `kept`: whether `local` outlasts the page; `isUntouched`: whether this experiment is as a
 *   first visit finds it
 */
export function createExperiments(options) {
  const { local, session, name, saver, trash, isUntouched, onNotice } = options;
  const { kept = true, reload = () => location.reload() } = options;
  const deletions = readDeletions(session);

  function keepDeletions() {
    put(session, DELETIONS, JSON.stringify(deletions));
  }

  /**
   * Calls `act`, which moves or copies this experiment. If it fails, what was left half done under another
   * name is removed once everything is stored under its own again.
   * @param {string} other the prefix of its keys
   * @param {() => boolean} act
   * @returns {boolean} whether it succeeded
   */
  function whole(other, act) {
    let done = false;
    try {
      done = act();
    } finally {
      if (!done) saver.rewrite(() => removeAll(local, other));
    }
    return done;
  }

  /** @param {string} next */
  function go(next) {
    session.setItem("nnvisu", next);
    reload();
  }

  /**
   * @template {unknown[]} Given
   * @param {(...given: Given) => string | void} act
   * @returns {(...given: Given) => string} what `act` returns; empty if it returns nothing
   */
  function guarded(act) {
    return (...given) => {
      try {
        return act(...given) ?? "";
      } catch (error) {
        if (!(error instanceof StorageFailure)) throw error;
        onNotice(error.message);
        return "";
      }
    };
  }

  return {
    /** Whether experiments outlast the page; otherwise no command may reload it. */
    kept,
    list: () => list(local),
    /** @returns {string} why it is impossible, for the page; empty if done */
    open: guarded((/** @type {string} */ next) => {
      // Another tab may have renamed or deleted it since the menu was opened.
      if (!list(local).includes(next)) return `“${next}” is not there any more.`;
      go(next);
      return "";
    }),
    create: guarded(() => go(unused(local, "Experiment"))),

    /** @returns {string} why it is impossible, for the page; empty if done */
    duplicate: guarded(() => {
      saver.flush();
      const next = unused(local, name);
      if (!whole(`nnvisu/${next}/`, () => copy(local, name, next))) {
        remove(local, next);
        return "The browser's storage has no room for a copy.";
      }
      go(next);
      return "";
    }),

    /** Deletes this experiment; a new one opens, in which the deletion can be undone. */
    remove: guarded(() => {
      saver.flush();
      let place = /** @type {number | null} */ (null);
      whole(trash.next(), () => {
        place = trash.take(name);
        return true;
      });
      saver.abandon();
      if (place === null) remove(local, name);
      const replacement = unused(local, FIRST_NAME);
      if (place !== null) deletions.undo.push({ place, name, replacement });
      deletions.redo = null;
      keepDeletions();
      const rest = place === null ? "There was no room to keep it." : "Undo brings it back.";
      put(session, NOTICE, `“${name}” was deleted. ${rest}`);
      go(replacement);
    }),

    /** The names of the experiments whose deletion can be undone, the newest last. */
    undoable: deletions.undo.map((deletion) => deletion.name),
    /** Whether deleting this experiment can be redone. */
    redoable: deletions.redo === name,

    /** Opens the experiment deleted last. This one stays, unless it is the new one, untouched. */
    undoRemove: guarded(() => {
      const deletion = deletions.undo.pop();
      keepDeletions();
      if (!deletion) return;
      if (!trash.has(deletion.place)) {
        onNotice(`“${deletion.name}” is not there any more: its room was needed.`);
        return;
      }
      saver.flush();
      if (deletion.replacement === name && isUntouched()) {
        saver.abandon();
        remove(local, name);
      }
      const back = unused(local, deletion.name);
      if (!trash.giveBack(deletion.place, back)) {
        deletions.undo.push(deletion);
        keepDeletions();
        onNotice("The browser's storage has no room to bring it back.");
        return;
      }
      deletions.redo = back;
      keepDeletions();
      go(back);
    }),

    /** After another change, the deletion can't be redone. */
    forgetRedo() {
      if (deletions.redo === null) return;
      deletions.redo = null;
      keepDeletions();
    },

    /**
     * The parameter is the new name.
     * @returns {string} why the name is not allowed, for the page; empty if done
     */
    rename: guarded((/** @type {string} */ next) => {
      if (next === name) return "";
      if (!/^[^/]{1,40}$/.test(next)) {
        return `A name has 1 to ${MAX_NAME} characters and no slash.`;
      }
      if (list(local).includes(next)) return `There is another experiment named “${next}”.`;
      saver.flush();
      const [from, to] = [`nnvisu/${name}/`, `nnvisu/${next}/`];
      if (!whole(to, () => move(local, from, to))) {
        return "The browser's storage has no room for a longer name.";
      }
      saver.abandon();
      remove(local, name);
      go(next);
      return "";
    }),
  };
}
