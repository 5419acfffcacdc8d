// The losses or accuracies by epoch, as the chart shows them.

import { isRegression } from "../model/layout.js";

/**
 * Moments of the other task are left out: their figures have no common scale. Of several moments at one
 * epoch the newest counts, whose figures the page shows.
 * @param {Pick<import("./store.js").Store, "history" | "live" | "wanted">} store
 * @param {"loss" | "accuracy"} [curve] in regression, R² takes the place of the accuracy
 */
export function curvesOf({ history, live, wanted }, curve = "loss") {
  const { moments } = history.value;
  const newest = live.value;
  const all = newest && newest !== moments.at(-1) ? [...moments, newest] : moments;
  const regression = isRegression(newest?.checkpoint.network ?? wanted.value);
  const share = regression ? "r2" : "accuracy";
  const quantity = curve === "loss" ? curve : share;
  /** @type {{ epochs: number[], training: (number | null)[], test: (number | null)[] }} */
  const drawn = { epochs: [], training: [], test: [] };
  for (const { checkpoint, training, test } of all) {
    const before = drawn.epochs.at(-1) ?? -1;
    if (isRegression(checkpoint.network) !== regression) continue;
    if (!training || before > checkpoint.epoch) continue;
    const at = before === checkpoint.epoch ? drawn.epochs.length - 1 : drawn.epochs.length;
    drawn.epochs[at] = checkpoint.epoch;
    drawn.training[at] = training[quantity];
    drawn.test[at] = test?.[quantity] ?? null;
  }
  return drawn;
}
