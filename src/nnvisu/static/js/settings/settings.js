// The table of settings: the field of the protocol that each one sets, its label and its help text.
// Bounds, choices and defaults are looked up in the server's schema by that field.

import { ACTIVATIONS } from "../model/activations.js";
import { FEATURES } from "../model/features.js";
import { OPTIMISERS } from "../model/optimisers.js";

/**
 * @typedef {"classification" | "regression"} Task
 * @typedef {{
 *   task: Task, hidden_layers: number[], activation: string, features: string[],
 *   initialiser: string, optimiser: string, learning_rate: number, batch_size: number | null,
 *   l1: number, l2: number, dropout: number, nesterov: boolean, weight_decay: number,
 *   clip_norm: number | null, schedule: string, schedule_epochs: number, schedule_factor: number,
 *   stop_epoch: number | null, stop_loss: number | null, stop_seconds: number | null,
 *   stop_patience: number | null, seed: number, pace: number | null,
 *   samples: number, classes: number, noise: number, test_share: number
 * }} Config
 *
 * @typedef {keyof Config} SettingName
 * @typedef {{ definition: string, field: string, label: string, help: string }} Setting
 */

/** @type {Readonly<Record<SettingName, Setting>>} */
export const SETTINGS = Object.freeze({
  task: {
    definition: "ExperimentSettings",
    field: "task",
    label: "Task",
    help: "Classification predicts a class, regression a number; each has its own points and model",
  },
  hidden_layers: {
    definition: "Network",
    field: "hidden_layers",
    label: "Hidden layers",
    help: "Neurons in each hidden layer, such as 10-5; empty for none",
  },
  activation: {
    definition: "Network",
    field: "activation",
    label: "Activation",
    help: "The function that a hidden neuron applies to the weighted sum of its inputs",
  },
  features: {
    definition: "Network",
    field: "features",
    label: "Features",
    help: "The network's inputs, computed from the coordinates of a point",
  },
  initialiser: {
    definition: "Network",
    field: "initialiser",
    label: "Initialiser",
    help: "How the initial weights are chosen; Reset model chooses them anew",
  },
  optimiser: {
    definition: "Hyperparameters",
    field: "optimiser",
    label: "Optimiser",
    help: "The rule that turns the gradient into an update of the weights",
  },
  learning_rate: {
    definition: "Hyperparameters",
    field: "learning_rate",
    label: "Learning rate",
    help: "The step size: how far an update moves the weights",
  },
  batch_size: {
    definition: "Hyperparameters",
    field: "batch_size",
    label: "Batch size",
    help: "Training points in each update; full means all of them",
  },
  l1: {
    definition: "Hyperparameters",
    field: "l1",
    label: "L1",
    help: "The strength of the penalty on absolute weights; it drives some of them to zero",
  },
  l2: {
    definition: "Hyperparameters",
    field: "l2",
    label: "L2",
    help: "The strength of the penalty on squared weights; it keeps them small",
  },
  dropout: {
    definition: "Hyperparameters",
    field: "dropout",
    label: "Dropout",
    help: "The share of hidden neurons that each update leaves out, chosen at random",
  },
  nesterov: {
    definition: "Hyperparameters",
    field: "nesterov",
    label: "Nesterov",
    help: "Compute the gradient where momentum is about to move the weights",
  },
  weight_decay: {
    definition: "Hyperparameters",
    field: "weight_decay",
    label: "Weight decay",
    help: "Each update shrinks every weight by this share times the learning rate",
  },
  clip_norm: {
    definition: "Hyperparameters",
    field: "clip_norm",
    label: "Clip norm",
    help: "The largest norm of the gradient; a longer one is scaled down to it",
  },
  schedule: {
    definition: "Hyperparameters",
    field: "schedule",
    label: "Schedule",
    help: "How the learning rate changes over the epochs",
  },
  schedule_epochs: {
    definition: "Hyperparameters",
    field: "schedule_epochs",
    label: "Schedule epochs",
    help: "Epochs from step to step, or the length of the cosine or the warm-up",
  },
  schedule_factor: {
    definition: "Hyperparameters",
    field: "schedule_factor",
    label: "Step factor",
    help: "Each step multiplies the learning rate by this factor",
  },
  stop_epoch: {
    definition: "StopConditions",
    field: "epoch",
    label: "Stop at epoch",
    help: "Training stops at the end of this epoch; empty for none",
  },
  stop_loss: {
    definition: "StopConditions",
    field: "loss",
    label: "Stop at loss",
    help: "Training stops when the training loss falls below this; empty for none",
  },
  stop_seconds: {
    definition: "StopConditions",
    field: "seconds",
    label: "Stop after seconds",
    help: "Training stops this many seconds after you press Train; empty for none",
  },
  stop_patience: {
    definition: "StopConditions",
    field: "patience",
    label: "Early stopping (patience)",
    help: "Training stops after this many epochs without a better test loss; empty for none",
  },
  seed: {
    definition: "Initialise",
    field: "seed",
    label: "Seed",
    help: "The start of all random numbers: the same seed gives the same run",
  },
  pace: { definition: "Train", field: "pace", label: "Speed", help: "Epochs per second" },
  samples: {
    definition: "Generate",
    field: "samples",
    label: "Samples",
    help: "The number of points, spread evenly over the classes, or over the plane",
  },
  classes: {
    definition: "Generate",
    field: "classes",
    label: "Classes",
    help: "The number of classes that a generator makes",
  },
  noise: {
    definition: "Generate",
    field: "noise",
    label: "Noise",
    help: "How much generated points, or their values, scatter at random",
  },
  test_share: {
    definition: "ExperimentSettings",
    field: "test_share",
    label: "Test share",
    help: "The share of points kept out of training to test the network; drawn as diamonds",
  },
});

/** The labels of choices, in the order in which the page offers them. */
const CHOICE_LABELS = Object.freeze(
  /** @type {Record<string, string>} */ ({
    classification: "Classification",
    regression: "Regression",
    ...labels(ACTIVATIONS),
    ...labels(FEATURES),
    glorot_uniform: "Glorot",
    glorot_normal: "Glorot normal",
    he_uniform: "He",
    he_normal: "He normal",
    lecun_uniform: "LeCun",
    lecun_normal: "LeCun normal",
    small_normal: "Small normal",
    zeros: "Zeros",
    ...labels(OPTIMISERS),
    constant: "Constant",
    step: "Step",
    cosine: "Cosine",
    warm_up: "Warm-up",
    circles: "Circles",
    moons: "Moons",
    blobs: "Blobs",
    anisotropic: "Anisotropic",
    varied: "Varied",
    xor: "XOR",
    gauss: "Gauss",
    spiral: "Spiral",
    plane: "Plane",
    multi_gauss: "Multi-Gauss",
  }),
);

/** @param {Readonly<Record<string, { label: string }>>} table */
function labels(table) {
  return Object.fromEntries(Object.entries(table).map(([name, { label }]) => [name, label]));
}

/**
 * @param {string[]} definitions
 * @returns {readonly SettingName[]} the settings whose fields are in these definitions
 */
function namesOf(...definitions) {
  const names = /** @type {SettingName[]} */ (Object.keys(SETTINGS));
  return names.filter((name) => definitions.includes(SETTINGS[name].definition));
}

/** The settings of the architecture: a change of one needs new weights. */
export const NETWORK_SETTINGS = namesOf("Network");

/** The settings that each task keeps for itself; both tasks share the others. */
export const RUN_SETTINGS = namesOf("Network", "Hyperparameters", "StopConditions", "Initialise");

/** The settings of the generators. @type {readonly SettingName[]} */
export const GENERATOR_SETTINGS = ["samples", "classes", "noise"];

/** The choices of speed, in epochs per second; null is as fast as the server allows. */
export const PACES = Object.freeze(/** @type {(number | null)[]} */ ([1, 10, 60, 600, null]));

/** Settings of a first visit that take precedence over the schema's defaults. */
const FIRST_VISIT = Object.freeze({ hidden_layers: [10, 5], seed: 1, pace: 60, test_share: 0.2 });

/** The generator of the points that a task starts with. */
export const FIRST_DISTRIBUTION = Object.freeze(
  /** @type {Record<Task, string>} */ ({ classification: "moons", regression: "multi_gauss" }),
);

/**
 * @param {import("./schema.js").Schema} schema
 * @returns {Config} the settings of a first visit
 */
export function defaultConfig(schema) {
  const config = Object.fromEntries(
    Object.entries(SETTINGS).map(([name, { definition, field }]) => [
      name,
      schema.default(definition, field),
    ]),
  );
  return /** @type {Config} */ ({ ...config, ...FIRST_VISIT });
}

/**
 * @template T
 * @param {Config} config
 * @param {string} definition
 * @returns {T} the settings whose fields are in this definition, by field name
 */
export function fieldsOf(config, definition) {
  return /** @type {T} */ (
    Object.fromEntries(
      Object.entries(SETTINGS)
        .filter(([, setting]) => setting.definition === definition)
        .map(([name, { field }]) => [field, config[/** @type {SettingName} */ (name)]]),
    )
  );
}

/**
 * @param {import("./schema.js").Schema} schema
 * @param {string} definition
 * @param {string} field
 * @returns {{ value: string, label: string }[]} the server's choices, each with its label
 */
export function choices(schema, definition, field) {
  const known = schema.choices(definition, field);
  return Object.entries(CHOICE_LABELS)
    .filter(([value]) => known.includes(value))
    .map(([value, label]) => ({ value, label }));
}
