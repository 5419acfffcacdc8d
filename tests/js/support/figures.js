// The page's metrics, to compare with the engine's (tests/unit/model/test_figures.py).
//
// Standard input is a JSON list of cases: a network, parameters and points in base64, and the
// engine's metrics of them. Standard output is a JSON list with, for each case, the page's outputs,
// loss and confusion, and the texts that it shows for its own metrics and for the engine's.

import { readFileSync } from "node:fs";

import { float32sOf, fromBase64 } from "../../../src/nnvisu/static/js/base/binary.js";
import { logits } from "../../../src/nnvisu/static/js/model/logits.js";
import {
  accuracyText,
  evaluate,
  lossText,
  r2Text,
} from "../../../src/nnvisu/static/js/model/metrics.js";

/** @typedef {import("../../../src/nnvisu/static/js/net/protocol.js").Network} Network */
/** @typedef {import("../../../src/nnvisu/static/js/net/protocol.js").Metrics} Metrics */

/**
 * @type {{
 *   network: Network, parameters: string, x: string, y: string, label: string, value: string,
 *   engine: { loss: number | null, accuracy: number | null, confusion: number[], r2: number | null }
 * }[]}
 */
const cases = JSON.parse(readFileSync(0, "utf8"));

/** @param {Metrics | null} metrics */
function texts(metrics) {
  return [lossText(metrics), accuracyText(metrics), r2Text(metrics)];
}

const found = cases.map(({ network, parameters, x, y, label, value, engine }) => {
  const checkpoint = {
    network,
    parameters: float32sOf(fromBase64(parameters)),
    optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
    ...{ step: 0, epoch: 0, seed: 0, position: 0 },
  };
  const points = {
    x: float32sOf(fromBase64(x)),
    y: float32sOf(fromBase64(y)),
    label: fromBase64(label),
    value: float32sOf(fromBase64(value)),
  };
  const page = evaluate(checkpoint, points);
  return {
    outputs: [...logits(checkpoint, points.x, points.y)],
    loss: page?.loss,
    confusion: [...(page?.confusion ?? [])],
    page: texts(page),
    engine: texts({ ...engine, confusion: Uint16Array.from(engine.confusion) }),
  };
});
process.stdout.write(JSON.stringify(found));
