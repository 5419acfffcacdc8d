// Prepared points of every generator, for a first visit and for the generators' thumbnails. Those that are
// only shown as thumbnails have a third of their points.

/**
 * @param {string} url
 * @returns {Promise<Record<string, import("./points.js").Points>>} by distribution
 */
export async function loadExamples(url) {
  const response = await fetch(url).catch(() => {
    throw new Error(`${url} did not arrive.`);
  });
  if (!response.ok) throw new Error(`The server answered ${response.status} for ${url}.`);
  /**
   * @type {{
   *   seed: number,
   *   points: Record<string, Record<keyof import("../net/protocol.js").Points, number[]>>
   * }}
   */
  const { seed, points } = await response.json();
  return Object.fromEntries(
    Object.entries(points).map(([distribution, { x, y, label, value }]) => [
      distribution,
      {
        x: Float32Array.from(x),
        y: Float32Array.from(y),
        label: Uint8Array.from(label),
        value: Float32Array.from(value),
        origin: { distribution, seed },
      },
    ]),
  );
}
