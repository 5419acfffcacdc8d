// The lease on an experiment: one tab at a time works on it. Where Web Locks exist (https and
// localhost), the browser keeps the lease; elsewhere the tabs ask each other.

const PATIENCE_MS = 300;
const TRIES = 4;

/**
 * @param {string} name of the experiment
 * @param {() => void} onLost called if another tab holds the lease but was too busy to answer in
 *   time
 * @returns {Promise<boolean>} whether this tab holds the lease, until the page is closed
 */
export async function lease(name, onLost) {
  try {
    if (navigator.locks) return await leaseByLock(`nnvisu/${name}`);
  } catch {
    // Denied, as site data are.
  }
  return leaseByAsking(name, onLost);
}

/** @param {string} name */
async function leaseByLock(name) {
  // After a reload, the lock of the previous page may not be released yet.
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const held = await new Promise((resolve, reject) => {
      navigator.locks
        .request(name, { ifAvailable: true }, (lock) => {
          resolve(lock !== null);
          return lock && new Promise(() => {});
        })
        .catch(reject);
    });
    if (held) return true;
    await new Promise((resolve) => {
      setTimeout(resolve, PATIENCE_MS / TRIES);
    });
  }
  return false;
}

/** @returns {BroadcastChannel | null} null where it is denied */
function openChannel() {
  try {
    return new BroadcastChannel("nnvisu/leases");
  } catch {
    return null;
  }
}

/**
 * Asks all tabs. The tab that holds the lease answers; of two that ask at the same time, the one with
 * the higher ticket gives way.
 * @param {string} name
 * @param {() => void} onLost
 * @returns {Promise<boolean>}
 */
export function leaseByAsking(name, onLost) {
  const opened = openChannel();
  // Tabs that cannot reach each other share no storage either.
  if (!opened) return Promise.resolve(true);
  const channel = opened;
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  const ticket = high * 2 ** 20 + low / 2 ** 12;
  let held = false;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      held = true;
      resolve(true);
    }, PATIENCE_MS);
    function giveWay() {
      clearTimeout(timer);
      channel.close();
      if (held) onLost();
      else resolve(false);
    }
    channel.onmessage = ({ data }) => {
      if (data.name !== name) return;
      if (data.kind === "held" && data.ticket === ticket) giveWay();
      else if (data.kind === "ask" && (held || ticket < data.ticket)) {
        channel.postMessage({ kind: "held", name, ticket: data.ticket });
      } else if (data.kind === "ask") giveWay();
    };
    channel.postMessage({ kind: "ask", name, ticket });
  });
}
