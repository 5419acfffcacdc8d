// The browser's storages. They can be missing: a setting blocks them, or the page is in a frame of
// another site. Then one in memory takes their place. They can also fail later.

/** The browser refused to read or to write, for another reason than missing room. */
export class StorageFailure extends Error {
  /** @param {unknown} cause what the browser threw; not always a DOMException */
  constructor(cause) {
    super(`The browser refuses to store anything (${nameOf(cause)}).`);
  }
}

/** @param {unknown} error */
function nameOf(error) {
  return String(/** @type {{ name?: unknown } | null} */ (error)?.name ?? error);
}

/** @param {unknown} error @returns {boolean} whether a write failed for lack of room */
export function isFull(error) {
  return /^(QuotaExceededError|NS_ERROR_DOM_QUOTA_REACHED)$/.test(nameOf(error));
}

/**
 * @param {{ readonly localStorage: globalThis.Storage, readonly sessionStorage: globalThis.Storage }} browser
 *   the window
 * @returns {{ local: globalThis.Storage, session: globalThis.Storage, kept: boolean }} `kept`: whether
 *   Local Storage outlasts the page. Apart from missing room, a storage throws only StorageFailure.
 */
export function openStorages(browser) {
  const local = opened(() => browser.localStorage);
  const session = opened(() => browser.sessionStorage);
  return { local: local ?? inMemory(), session: session ?? inMemory(), kept: local !== null };
}

/**
 * @param {() => globalThis.Storage | null} access
 * @returns {globalThis.Storage | null} null if it can't be read
 */
function opened(access) {
  try {
    const storage = access();
    if (!storage) return null;
    storage.getItem("nnvisu");
    return guarded(storage);
  } catch {
    return null;
  }
}

/** @param {globalThis.Storage} storage @returns {globalThis.Storage} */
function guarded(storage) {
  /** @template T @param {() => T} act @returns {T} */
  function attempt(act) {
    try {
      return act();
    } catch (error) {
      throw isFull(error) ? error : new StorageFailure(error);
    }
  }
  return {
    get length() {
      return attempt(() => storage.length);
    },
    key: (index) => attempt(() => storage.key(index)),
    getItem: (key) => attempt(() => storage.getItem(key)),
    setItem: (key, text) => attempt(() => storage.setItem(key, text)),
    removeItem: (key) => attempt(() => storage.removeItem(key)),
    clear: () => attempt(() => storage.clear()),
  };
}

/** @returns {globalThis.Storage} that ends with the page */
function inMemory() {
  /** @type {Map<string, string>} */
  const texts = new Map();
  return {
    get length() {
      return texts.size;
    },
    key: (index) => [...texts.keys()][index] ?? null,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
    clear: () => texts.clear(),
  };
}

/** @param {globalThis.Storage} storage @returns {string[]} */
export function keysIn(storage) {
  return Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "");
}
