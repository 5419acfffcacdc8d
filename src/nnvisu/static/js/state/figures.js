// Loss and accuracy of a checkpoint on the points, computed on the page where no frame carries them.

import { part } from "../data/split.js";
import { evaluate } from "../model/metrics.js";

/**
 * @param {import("../data/split.js").Parted} points
 * @param {import("../net/protocol.js").Checkpoint} checkpoint
 */
export function figuresOf(points, checkpoint) {
  return {
    training: evaluate(checkpoint, part(points, 0)),
    test: evaluate(checkpoint, part(points, 1)),
  };
}
