// The protocol's messages, with typed arrays in them, and their encoding as MessagePack.
// docs/protocol.md explains every message and field; src/nnvisu/wire/messages.py owns their bounds.

import { decode as unpack, encode as pack } from "@msgpack/msgpack";

import { bytesOf, float32sOf, fromBase64, uint16sOf } from "../base/binary.js";

/**
 * @typedef {{
 *   hidden_layers: number[], classes: number[], activation: string, features: string[],
 *   initialiser: string
 * }} Network `classes` is empty for regression
 * @typedef {{ name: string, slots: Float32Array, steps: number }} Optimiser
 * @typedef {{
 *   network: Network, parameters: Float32Array, optimiser: Optimiser,
 *   step: number, epoch: number, seed: number, position: number
 * }} Checkpoint `position`: updates since the end of the epoch
 * @typedef {{
 *   x: Float32Array, y: Float32Array, label: Uint8Array, value: Float32Array
 * }} Points in data units; `value` is empty in classification, `label` in regression
 * @typedef {{
 *   loss: number | null, accuracy: number | null, confusion: Uint16Array, r2: number | null
 * }} Metrics
 * @typedef {{
 *   weight_norm: number, gradient_norm: number | null, dead: number, saturated: number,
 *   gradients: Uint16Array, gradient_limit: number
 * }} LayerStatistics `gradients`: a histogram from -gradient_limit to gradient_limit
 * @typedef {{
 *   epoch: number | null, loss: number | null, seconds: number | null, patience: number | null
 * }} StopConditions
 * @typedef {{ seconds: number, best_loss: number | null, best_epoch: number }} Progress
 * @typedef {{
 *   optimiser: string, learning_rate: number, batch_size: number | null, l1: number, l2: number,
 *   dropout: number, nesterov: boolean, weight_decay: number, clip_norm: number | null,
 *   schedule: string, schedule_epochs: number, schedule_factor: number
 * }} Hyperparameters
 *
 * @typedef {{
 *   type: "train", id: number, network: Network, checkpoint: Checkpoint,
 *   hyperparameters: Hyperparameters, data: { training: Points, test: Points },
 *   budget: { epochs: number | null, updates: number | null }, pace: number | null,
 *   stop_conditions: StopConditions, progress: Progress, statistics: boolean
 * }} Train
 * @typedef {{ type: "ack", id: number, step: number }} Ack
 * @typedef {{ type: "stop", id: number }} Stop
 * @typedef {{
 *   type: "initialise", id: number, network: Network, seed: number, optimiser: string,
 *   keep: Checkpoint | null
 * }} Initialise
 * @typedef {{
 *   type: "generate", id: number, distribution: string, samples: number, classes: number,
 *   noise: number, seed: number
 * }} Generate
 * @typedef {{
 *   type: "inspect", id: number, checkpoint: Checkpoint, points: Points, l1: number, l2: number
 * }} Inspect
 * @typedef {Train | Ack | Stop | Initialise | Generate | Inspect} Request
 *
 * @typedef {{ type: "engine", version: string, progress: number }} Engine
 * @typedef {{
 *   type: "frame", id: number, checkpoint: Checkpoint, training: Metrics, test: Metrics | null,
 *   layers: LayerStatistics[], progress: Progress | null,
 *   ended: "budget" | "target" | "stopped" | "superseded" | "diverged" | null,
 *   reason: string | null
 * }} Frame
 * @typedef {{ type: "initialised", id: number, checkpoint: Checkpoint }} Initialised
 * @typedef {{ type: "generated", id: number, points: Points }} Generated
 * @typedef {{ type: "inspected", id: number, layers: LayerStatistics[] }} Inspected
 * @typedef {{ type: "error", message: string, id: number | null }} ErrorReply
 * @typedef {Engine | Frame | Initialised | Generated | Inspected | ErrorReply} Reply
 */

/** The definition in schema.json that a reply's type names. */
const DEFINITIONS = /** @type {const} */ ({
  engine: "Engine",
  frame: "Frame",
  initialised: "Initialised",
  generated: "Generated",
  inspected: "Inspected",
  error: "Error",
});

/**
 * The decoder of each binary field.
 * @type {Readonly<Record<string, (bytes: Uint8Array) => Float32Array | Uint16Array | Uint8Array>>}
 */
export const ARRAYS = {
  parameters: float32sOf,
  slots: float32sOf,
  x: float32sOf,
  y: float32sOf,
  value: float32sOf,
  label: (bytes) => bytes.slice(),
  confusion: uint16sOf,
  gradients: uint16sOf,
};

/**
 * @param {Request} request
 * @returns {Uint8Array}
 */
export function encode(request) {
  return pack(toWire(request));
}

/**
 * @param {Uint8Array} message
 * @param {import("../settings/schema.js").Schema} schema fills in the defaults of missing fields
 * @returns {Reply}
 */
export function decode(message, schema) {
  const reply = /** @type {Record<string, unknown>} */ (unpack(message));
  const definition = DEFINITIONS[/** @type {keyof typeof DEFINITIONS} */ (reply.type)];
  return fromWire(schema.complete(definition, reply));
}

/**
 * Typed arrays become their bytes.
 * @param {unknown} value
 * @returns {unknown}
 */
function toWire(value) {
  if (value instanceof Float32Array || value instanceof Uint8Array) return bytesOf(value);
  if (Array.isArray(value) || value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, toWire(field)]));
}

/**
 * Bytes become typed arrays with memory of their own.
 * @template T
 * @param {T} value
 * @returns {T}
 */
function fromWire(value) {
  if (Array.isArray(value)) return /** @type {T} */ (value.map(fromWire));
  if (value === null || typeof value !== "object") return value;
  return /** @type {T} */ (
    Object.fromEntries(
      Object.entries(value).map(([name, field]) => {
        if (!(name in ARRAYS)) return [name, fromWire(field)];
        // A default comes from the JSON Schema, where bytes are base64.
        return [name, ARRAYS[name](typeof field === "string" ? fromBase64(field) : field)];
      }),
    )
  );
}
