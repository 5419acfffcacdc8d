// Notices that the page is back: after the machine or the tab slept, or in a network again.

const BEAT_MS = 500;
/** A clock that went on for so much longer than a beat slept in between, or was set: both may count. */
const ASLEEP_MS = 2000;

/** @param {() => void} act is called then, and now and then without need */
export function onWake(act) {
  for (const event of ["online", "pageshow"]) addEventListener(event, act);
  document.addEventListener("resume", act);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) act();
  });
  let last_ms = Date.now();
  setInterval(() => {
    const now_ms = Date.now();
    if (!document.hidden && Math.abs(now_ms - last_ms) > ASLEEP_MS) act();
    last_ms = now_ms;
  }, BEAT_MS);
}
