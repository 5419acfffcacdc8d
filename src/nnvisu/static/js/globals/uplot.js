// uPlot: its small build is a classic script, a tenth of the page's weight, which is loaded after the page
// can be used. Until then the default export is undefined.

/** @type {any} */
let uPlot;
export { uPlot as default };

const SCRIPT = new URL("../../vendor/uplot/dist/uPlot.iife.min.js", import.meta.url).href;
const STYLES = new URL("../../vendor/uplot/dist/uPlot.min.css", import.meta.url).href;

/** With LANG=C a browser's language can be "C", which Intl refuses and uPlot passes to it while it loads. */
function mendLanguage() {
  try {
    Intl.getCanonicalLocales(navigator.language);
  } catch {
    Object.defineProperty(navigator, "language", { value: "en" });
  }
}

/** @returns {Promise<void>} rejected if the script does not arrive; it can be asked for again */
export function loadUPlot() {
  mendLanguage();
  if (!document.querySelector(`link[href="${STYLES}"]`)) {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: STYLES });
    document.head.prepend(link);
  }
  const script = Object.assign(document.createElement("script"), { src: SCRIPT });
  return new Promise((resolve, reject) => {
    script.onload = () => {
      ({ uPlot } = /** @type {any} */ (globalThis));
      resolve();
    };
    script.onerror = () => {
      script.remove();
      reject(new Error(`${SCRIPT} could not be loaded.`));
    };
    document.head.append(script);
  });
}
