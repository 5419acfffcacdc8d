// Loss and accuracy of weights that no frame brought figures for: fresh ones, or old ones on points
// drawn since. During a training they come from the engine.

import { predict } from "./network.js";

/**
 * @param {import("./protocol.js").Checkpoint} checkpoint
 * @param {import("./protocol.js").Points} points
 * @returns {import("./protocol.js").Metrics | null} null without points, or if a point's class has
 *   no output
 */
export function evaluate(checkpoint, points) {
  const { classes } = checkpoint.network;
  const n = points.label.length;
  const outputs = Array.from(points.label, (label) => classes.indexOf(label));
  if (n === 0 || outputs.includes(-1)) return null;
  const probabilities = predict(checkpoint, points.x, points.y);
  let loss = 0;
  let right = 0;
  const confusion = new Uint16Array(classes.length ** 2);
  for (let sample = 0; sample < n; sample += 1) {
    const each = classes.map((_, output) => probabilities[output * n + sample]);
    loss -= Math.log(Math.max(each[outputs[sample]], Number.MIN_VALUE));
    // Of equals the first wins, as in the engine.
    const said = each.indexOf(Math.max(...each));
    confusion[outputs[sample] * classes.length + said] += 1;
    if (said === outputs[sample]) right += 1;
  }
  return { loss: loss / n, accuracy: right / n, confusion, r2: null };
}
