// The page's outputs of one network (tests/unit/model/test_parallel_facts.py).
//
// Standard input is a JSON object: a network, its parameters and the coordinates of positions.
// Standard output is the JSON list of the output units' values there.

import { readFileSync } from "node:fs";

import { logits } from "../../../src/nnvisu/static/js/model/logits.js";

const { network, parameters, x, y } = JSON.parse(readFileSync(0, "utf8"));
const checkpoint = {
  network,
  parameters: Float32Array.from(parameters),
  optimiser: { name: "sgd", slots: new Float32Array(0), steps: 0 },
  ...{ step: 0, epoch: 0, seed: 0, position: 0 },
};
process.stdout.write(
  JSON.stringify([...logits(checkpoint, Float32Array.from(x), Float32Array.from(y))]),
);
