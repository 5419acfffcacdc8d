// A part of the page that is loaded after the page can be used, because nothing of it is seen at first.

import { useEffect, useState } from "preact/hooks";

import { html } from "./html.js";

/**
 * @param {() => Promise<unknown>} load returns the component; called once, and again if that failed
 * @param {{ whenShown?: boolean }} [options] whether it is loaded only when it is shown for the first time,
 *   because many visits never show it
 * @returns a component that shows it if `shown`; all other props are passed on
 */
export function later(load, { whenShown = false } = {}) {
  /** @type {unknown} */
  let Part = null;
  return function Later(/** @type {{ shown: boolean }} */ { shown, ...props }) {
    const [problem, setProblem] = useState("");
    const [, setLoaded] = useState(Part !== null);
    const due = shown || !whenShown;
    useEffect(() => {
      if (Part || !due) return;
      setProblem("");
      load().then(
        (found) => {
          Part = found;
          setLoaded(true);
        },
        () => setProblem("This part of the page did not arrive. Reload the page to see it."),
      );
    }, [due]);
    if (!shown) return null;
    if (problem) return html`<p class="problem" role="alert">${problem}</p>`;
    return Part && html`<${Part} ...${props} />`;
  };
}
