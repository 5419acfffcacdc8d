// uPlot, from the classic script that index.html loads before the modules.

export default /** @type {any} */ (globalThis).uPlot;
