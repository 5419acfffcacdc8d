// The one table of settings: which part of the wire each belongs to, and what people call it.
// Bounds, choices and defaults come from the server's schema by way of this table.

import { ACTIVATIONS } from "../model/activations.js";
import { FEATURES } from "../model/features.js";
import { OPTIMISERS } from "../model/optimisers.js";

/**
 * @typedef {"classification" | "regression"} Task
 * @typedef {{
 *   task: Task, hidden_layers: number[], activation: string, features: string[], initialiser: string,
 *   optimiser: string, learning_rate: number, batch_size: number | null, l1: number, l2: number,
 *   dropout: number, nesterov: boolean, weight_decay: number, clip_norm: number | null,
 *   schedule: string, schedule_epochs: number, schedule_factor: number,
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
    help: "Classification learns which class is where, regression a value for every place; each has its own points and its own model",
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
    help: "What a hidden neuron does with the sum of its inputs",
  },
  features: {
    definition: "Network",
    field: "features",
    label: "Features",
    help: "What the network sees of a point",
  },
  initialiser: {
    definition: "Network",
    field: "initialiser",
    label: "Initialiser",
    help: "How new weights begin; Reset model makes all of them new",
  },
  optimiser: {
    definition: "Hyperparameters",
    field: "optimiser",
    label: "Optimiser",
    help: "How a gradient becomes an update",
  },
  learning_rate: {
    definition: "Hyperparameters",
    field: "learning_rate",
    label: "Learning rate",
    help: "The size of an update",
  },
  batch_size: {
    definition: "Hyperparameters",
    field: "batch_size",
    label: "Batch size",
    help: "Points in one update; full means all of them",
  },
  l1: {
    definition: "Hyperparameters",
    field: "l1",
    label: "L1",
    help: "The penalty on absolute weights, which drives some to zero",
  },
  l2: {
    definition: "Hyperparameters",
    field: "l2",
    label: "L2",
    help: "The penalty on squared weights",
  },
  dropout: {
    definition: "Hyperparameters",
    field: "dropout",
    label: "Dropout",
    help: "The share of hidden neurons left out of an update",
  },
  nesterov: {
    definition: "Hyperparameters",
    field: "nesterov",
    label: "Nesterov",
    help: "Measure the slope where momentum is about to lead",
  },
  weight_decay: {
    definition: "Hyperparameters",
    field: "weight_decay",
    label: "Weight decay",
    help: "The share of a weight, times the learning rate, that each update takes off it",
  },
  clip_norm: {
    definition: "Hyperparameters",
    field: "clip_norm",
    label: "Clip norm",
    help: "The largest norm of a gradient; longer ones are shortened",
  },
  schedule: {
    definition: "Hyperparameters",
    field: "schedule",
    label: "Schedule",
    help: "How the learning rate changes with the epochs",
  },
  schedule_epochs: {
    definition: "Hyperparameters",
    field: "schedule_epochs",
    label: "Schedule epochs",
    help: "The period of the steps, or how long a cosine or a warm-up takes",
  },
  schedule_factor: {
    definition: "Hyperparameters",
    field: "schedule_factor",
    label: "Step factor",
    help: "What each step multiplies the learning rate by",
  },
  stop_epoch: {
    definition: "StopConditions",
    field: "epoch",
    label: "Stop at epoch",
    help: "The epoch in which training stops; empty for none",
  },
  stop_loss: {
    definition: "StopConditions",
    field: "loss",
    label: "Stop at loss",
    help: "Training stops as soon as the training loss is below this; empty for none",
  },
  stop_seconds: {
    definition: "StopConditions",
    field: "seconds",
    label: "Stop after seconds",
    help: "Seconds of training, from Train on, after which it stops; empty for none",
  },
  stop_patience: {
    definition: "StopConditions",
    field: "patience",
    label: "Stop without progress",
    help: "Epochs without a better test loss after which training stops; empty for none",
  },
  seed: {
    definition: "Initialise",
    field: "seed",
    label: "Seed",
    help: "Where all randomness starts: the same seed gives the same run",
  },
  pace: { definition: "Train", field: "pace", label: "Speed", help: "Epochs in a second" },
  samples: {
    definition: "Generate",
    field: "samples",
    label: "Samples",
    help: "Points in total, spread evenly over the classes, or over the plane",
  },
  classes: {
    definition: "Generate",
    field: "classes",
    label: "Classes",
    help: "How many colours a generator uses",
  },
  noise: {
    definition: "Generate",
    field: "noise",
    label: "Noise",
    help: "How far generated points stray",
  },
  test_share: {
    definition: "ExperimentSettings",
    field: "test_share",
    label: "Test share",
    help: "Points that are kept from training and only test it; drawn hollow",
  },
});

/** What the choices are called, in the order in which they are offered. */
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

/** @param {string[]} definitions @returns {readonly SettingName[]} the settings of these parts of the wire */
function namesOf(...definitions) {
  const names = /** @type {SettingName[]} */ (Object.keys(SETTINGS));
  return names.filter((name) => definitions.includes(SETTINGS[name].definition));
}

/** What the network itself goes by: after a change of one, other weights are needed. */
export const NETWORK_SETTINGS = namesOf("Network");

/** What each task has for itself; all other settings are common to both. */
export const RUN_SETTINGS = namesOf("Network", "Hyperparameters", "StopConditions", "Initialise");

/** What a generator goes by. @type {readonly SettingName[]} */
export const GENERATOR_SETTINGS = ["samples", "classes", "noise"];

/** The speeds on offer, in epochs a second; null is as fast as the server allows. */
export const PACES = Object.freeze(/** @type {(number | null)[]} */ ([1, 10, 60, 600, null]));

/** Where a first visit starts, so far as the schema does not say. */
const FIRST_VISIT = Object.freeze({ hidden_layers: [10, 5], seed: 1, pace: 60 });

/** The data of a first visit, and of the first time that a task is chosen. */
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
 * @param {import("./schema.js").Schema} schema
 * @returns {(value: unknown) => boolean} whether a value is a whole, legal configuration
 */
export function configChecker(schema) {
  return schema.checker(
    /** @type {Record<string, [string, string]>} */ (
      Object.fromEntries(
        Object.entries(SETTINGS).map(([name, { definition, field }]) => [
          name,
          [definition, field],
        ]),
      )
    ),
  );
}

/**
 * @template T
 * @param {Config} config
 * @param {string} definition
 * @returns {T} the settings that belong to this part of the wire, by the wire's names
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
 * @returns {{ value: string, label: string }[]} what the server knows, as people are offered it
 */
export function choices(schema, definition, field) {
  const known = schema.choices(definition, field);
  return Object.entries(CHOICE_LABELS)
    .filter(([value]) => known.includes(value))
    .map(([value, label]) => ({ value, label }));
}
