// Detects that the page may have lost its connection unnoticed: the machine or the tab slept, or the
// network changed.

const BEAT_MS = 500;
/** A clock that advances so much more than a beat means sleep, or that the clock was set. */
const ASLEEP_MS = 2000;

/** @param {() => void} act called at each such event, and sometimes without need */
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
