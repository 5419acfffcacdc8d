// One run in Local Storage. Every moment has its own key, `run/<run>/<moment>`; the run's head,
// `run/<run>`, has the settings and lists the moments. So a save writes only new moments, and a damaged
// moment does not affect the others.

import { encodeMoment } from "./document.js";

/** @typedef {import("./document.js").Moment} Moment */
/** @typedef {import("./document.js").Run} Run */
/** @typedef {import("./local_storage.js").Loss} Loss */
/** @typedef {Omit<Run, "line" | "newest"> & { line: number[], newest: number | null }} Head */

/**
 * @param {unknown} value a head
 * @param {(id: number) => boolean} isThere
 * @returns {unknown} without the moments that are not there
 */
export function pruned(value, isThere) {
  const head = /** @type {Head} */ (value);
  const newest = head.newest !== null && isThere(head.newest) ? head.newest : null;
  return { ...head, line: head.line.filter(isThere), newest };
}

/**
 * @typedef {ReturnType<typeof createHistoryStore>} HistoryStore
 * @param {import("./local_storage.js").Storage} storage
 * @param {number} run the id of the run
 */
export function createHistoryStore(storage, run) {
  const name = /** @type {const} */ (`run/${run}`);
  /** @param {number} id */
  const keyOf = (id) => /** @type {const} */ (`${name}/${id}`);
  /** The moment stored under each key; null if not read yet. @type {Map<number, Moment | null>} */
  const kept = new Map();
  look();
  let written = "";
  /** The newest moment of the last write. @type {Moment | null} */
  let before = null;

  /** Takes note of what is stored. */
  function look() {
    kept.clear();
    for (const key of storage.keys()) {
      const id = key.startsWith(`${name}/`) ? Number(key.slice(name.length + 1)) : NaN;
      if (Number.isSafeInteger(id)) kept.set(id, null);
    }
  }

  /** @param {number} id */
  function remove(id) {
    storage.remove(keyOf(id));
    kept.delete(id);
  }

  /** @param {Moment} moment @returns {boolean} false if there is no room */
  function writeMoment(moment) {
    if (kept.get(moment.id) === moment) return true;
    if (!storage.write(keyOf(moment.id), JSON.stringify(encodeMoment(moment)))) return false;
    kept.set(moment.id, moment);
    return true;
  }

  /**
   * Writes the head, which lists the stored moments of the run.
   * @param {Run} wanted
   * @returns {boolean} false if there is no room
   */
  function writeHead({ line, newest, ...own }) {
    const there = line.filter((moment) => kept.get(moment.id) === moment).map(({ id }) => id);
    const live = newest ?? line.at(-1);
    const last = live && kept.get(live.id) === live && live.id !== there.at(-1) ? live.id : null;
    const json = JSON.stringify({ ...own, line: there, newest: last });
    if (json === written) return true;
    // Whether it is written is unknown until then: the storage may fail.
    written = "";
    if (!storage.write(name, json)) return false;
    written = json;
    return true;
  }

  /** @param {Run} wanted */
  function removeOthers({ line, newest }) {
    const wanted = new Set([...line, newest]);
    for (const [id, moment] of kept) {
      if (!moment || !wanted.has(moment)) remove(id);
    }
  }

  return {
    /**
     * @param {{ head: (value: unknown) => Head, moment: (value: unknown) => Moment }} check convert a
     *   stored value, or throw
     * @returns {{
     *   head: Head | null, line: Moment[], newest: Moment | null,
     *   lost: { head: Loss | null, newest: Loss | null, moments: Loss[] }
     * }} the sound parts, and how the others were lost. Without a head, all stored moments count.
     */
    read(check) {
      const { value: head, loss } = storage.read(name, check.head);
      const ids = head?.line ?? [...kept.keys()].sort((a, b) => a - b);
      /** @param {number} id @returns {{ value: Moment | null, loss: Loss | null }} */
      const read = (id) => {
        const found = storage.read(keyOf(id), (stored) => {
          const moment = check.moment(stored);
          if (moment.id !== id) throw new Error("it is another moment");
          return moment;
        });
        if (found.value) kept.set(id, found.value);
        else kept.delete(id);
        return found;
      };
      const line = ids.map(read);
      const newest = head && head.newest !== null ? read(head.newest) : null;
      return {
        head,
        line: line.flatMap(({ value }) => value ?? []),
        newest: newest?.value ?? null,
        lost: {
          head: loss,
          newest: newest?.loss ?? null,
          moments: line.flatMap((each) => each.loss ?? []),
        },
      };
    },

    /** Something else has written to the storage: all has to be written again. */
    forget() {
      look();
      written = "";
      before = null;
    },

    /** Removes the run. */
    clear() {
      for (const id of [...kept.keys()]) remove(id);
      if (written) storage.remove(name);
      written = "";
      before = null;
    },

    /**
     * Writes the newest moment and the settings.
     * @param {Run} wanted
     * @returns {boolean} false if there is no room
     */
    writeNewest(wanted) {
      const live = wanted.newest ?? wanted.line.at(-1) ?? null;
      if (live && !writeMoment(live)) return false;
      if (!writeHead(wanted)) return false;
      const { id } = before ?? {};
      if (id !== undefined && id !== live?.id && !wanted.line.some((moment) => moment.id === id)) {
        remove(id);
      }
      before = live;
      return true;
    },

    /**
     * Updates the stored run to this one, moment by moment; after each call the stored run is
     * consistent.
     * @param {Run} wanted
     * @param {number} until by `performance.now()`: when to leave the rest to another call
     * @returns {"done" | "more" | "full"} whether there is more to write, or no room for it
     */
    write(wanted, until) {
      // The head names nothing that is about to go.
      if (!writeHead(wanted)) storage.remove(name);
      removeOthers(wanted);
      const { line, newest } = wanted;
      let outcome = /** @type {"done" | "more" | "full"} */ ("done");
      for (const moment of newest ? [newest, ...line] : line) {
        if (kept.get(moment.id) === moment) continue;
        if (performance.now() >= until) outcome = "more";
        else if (!writeMoment(moment)) outcome = "full";
        if (outcome !== "done") break;
      }
      return writeHead(wanted) ? outcome : "full";
    },
  };
}
