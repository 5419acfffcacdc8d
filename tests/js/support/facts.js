// The page's own facts about networks (tests/unit/model/test_parallel_facts.py).
//
// Standard input is a JSON list of networks. Standard output is a JSON object: the names in the
// page's tables, slots by optimiser, and the layers and the parameter count of each network.

import { readFileSync } from "node:fs";

import { ACTIVATIONS } from "../../../src/nnvisu/static/js/model/activations.js";
import { FEATURES } from "../../../src/nnvisu/static/js/model/features.js";
import { layers, parameterCount } from "../../../src/nnvisu/static/js/model/layout.js";
import { OPTIMISERS } from "../../../src/nnvisu/static/js/model/optimisers.js";
import { choices } from "../../../src/nnvisu/static/js/settings/settings.js";
import { schema } from "./schema.js";

/** @type {import("../../../src/nnvisu/static/js/net/protocol.js").Network[]} */
const networks = JSON.parse(readFileSync(0, "utf8"));

/** @param {string} definition @param {string} field */
function offered(definition, field) {
  return choices(schema, definition, field).map(({ value }) => value);
}

process.stdout.write(
  JSON.stringify({
    activations: Object.keys(ACTIVATIONS),
    features: Object.keys(FEATURES),
    slots: Object.fromEntries(Object.entries(OPTIMISERS).map(([name, { slots }]) => [name, slots])),
    offered: {
      activation: offered("Network", "activation"),
      features: offered("Network", "features"),
      initialiser: offered("Network", "initialiser"),
      optimiser: offered("Hyperparameters", "optimiser"),
      schedule: offered("Hyperparameters", "schedule"),
      distribution: offered("Generate", "distribution"),
    },
    networks: networks.map((network) => ({
      layers: layers(network),
      parameters: parameterCount(network),
    })),
  }),
);
