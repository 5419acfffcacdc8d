// uPlot: its small build is a classic script, which this module loads and hands on. Only the chart imports
// it, after the page can be used.

const script = document.createElement("script");
script.src = new URL("../../vendor/uplot/dist/uPlot.iife.min.js", import.meta.url).href;
await new Promise((resolve, reject) => {
  script.onload = resolve;
  script.onerror = () => reject(new Error(`${script.src} could not be loaded.`));
  document.head.append(script);
});

export default /** @type {any} */ (globalThis).uPlot;
