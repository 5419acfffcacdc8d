// Keeps the server at work for the store: it compares what is wanted (settings, data, training or
// not) with the weights there are, sends the request that brings them together, and puts what
// comes back into the store.
//
// A change during a training stops it, waits for its last frame and goes on from there with a new
// request, so no epoch that the server computed is lost.

import { effect, untracked } from "@preact/signals";

import { Refusal } from "../net/client.js";
import { EMPTY, record } from "./history.js";
import { evaluate } from "../model/metrics.js";
import { classesInUse } from "../data/points.js";
import { fieldsOf } from "../settings/settings.js";
import { part } from "../data/split.js";
import { sameNetwork } from "./store.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/** @typedef {import("../net/protocol.js").Train} Train */
/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Progress} Progress */
/** @typedef {import("../data/split.js").Parted} Points */

/** No stop conditions. */
const NONE = Object.freeze({ epoch: null, loss: null, seconds: null, patience: null });
/** How far stop conditions are when a person begins. */
const BEGINNING = Object.freeze({ seconds: 0, best_loss: null, best_epoch: 0 });

/**
 * @param {Points} points
 * @param {boolean} regression whether they have values, one of which is enough
 * @returns {string} why it can't be trained on; empty if it can
 */
export function whatIsMissing(points, regression) {
  if (regression) {
    if (points.x.length === 0) {
      return "There is nothing to learn yet: draw points on the map, or choose a generator.";
    }
    return part(points, 0).x.length > 0
      ? ""
      : "There is no point left to train with: draw more points, or lower the test share.";
  }
  const inUse = classesInUse(points);
  if (points.label.length === 0) {
    return "There is nothing to learn yet: draw points of two classes on the map, or choose a generator.";
  }
  if (inUse.length < 2) {
    return `All points are of class ${inUse[0] + 1}: draw some of a second class to train.`;
  }
  if (classesInUse(part(points, 0)).length < 2) {
    return "There are not two classes left to train with: draw more points, or lower the test share.";
  }
  return "";
}

/**
 * @param {number | null} patience the stop condition
 * @param {Points} points
 * @returns {string} why it can't be met; empty if it can
 */
export function whatPatienceLacks(patience, points) {
  if (patience === null || points.test.includes(1)) return "";
  return "Stop without progress needs test points: raise the test share, or leave it empty.";
}

/**
 * @typedef {ReturnType<typeof createTrainer>} Trainer
 * @param {import("./store.js").Store} store
 * @param {import("../net/client.js").Client} client
 */
export function createTrainer(store, client) {
  /**
   * The request that the server is at work on.
   * @type {{ id: number, wish: Wish | null, stopping: boolean } | null}
   */
  let current = null;
  /** How far stop conditions are, as the newest frame had it. @type {Progress} */
  let progress = BEGINNING;
  /** Whether an answer about the layers is on its way; nothing else waits for it. */
  let looking = false;
  /** Epochs that Step still owes. */
  let steps = 0;
  /** A wish that the server refused is not sent again. @type {Wish | null} */
  let refused = null;
  /** The points that the figures in view are of. */
  let measured = store.points.value;

  /**
   * What a training request is made of, apart from the weights.
   * @typedef {Pick<Train, "network" | "hyperparameters" | "stop_conditions" | "pace" | "statistics">
   *   & { points: Points }} Wish
   * @returns {Wish}
   */
  function wish() {
    const config = store.config.value;
    return {
      network: store.wanted.value,
      hyperparameters: fieldsOf(config, "Hyperparameters"),
      stop_conditions: fieldsOf(config, "StopConditions"),
      points: store.points.value,
      pace: config.pace,
      statistics: store.view.value.inside,
    };
  }

  /** @param {Wish} a @param {Wish} b */
  function same(a, b) {
    return (
      sameNetwork(a.network, b.network) &&
      alike(a.hyperparameters, b.hyperparameters) &&
      alike(a.stop_conditions, b.stop_conditions) &&
      a.points === b.points &&
      a.pace === b.pace &&
      a.statistics === b.statistics
    );
  }

  /** Sends whatever is due; called after every change of what is wanted or known. */
  function proceed() {
    const wanted = wish();
    const busy = store.training.value || steps > 0;
    if (store.connection.value.kind !== "open") return;
    if (busy) {
      const missing = whatTrainingLacks(store.training.value);
      if (missing) {
        halt();
        store.errors.transport.value = missing;
      }
    }
    if (current) {
      if (current.wish && !current.stopping && !same(current.wish, wanted)) {
        current.stopping = true;
        client.send({ type: "stop", id: current.id }, { answered: true });
      }
      return;
    }
    if (refused && same(refused, wanted)) return;
    const live = store.live.value;
    if (!live) initialise(null);
    else if (store.training.value || steps > 0) train(live.checkpoint, wanted);
    else if (!fits(live.checkpoint, wanted)) initialise(live.checkpoint);
    else if (measured !== store.points.value) store.live.value = measure(live.checkpoint);
    else look();
  }

  /** @param {boolean} conditions whether stop conditions go with it */
  function whatTrainingLacks(conditions) {
    const { value: points } = store.points;
    const { stop_patience } = store.config.value;
    const missing = whatIsMissing(points, store.regression.value);
    return missing || (conditions ? whatPatienceLacks(stop_patience, points) : "");
  }

  /**
   * The figures of weights that no frame brought, or of points drawn since.
   * @param {Checkpoint} checkpoint
   */
  function measure(checkpoint) {
    measured = store.points.value;
    return {
      checkpoint,
      training: evaluate(checkpoint, part(measured, 0)),
      test: evaluate(checkpoint, part(measured, 1)),
    };
  }

  /** @param {Checkpoint} checkpoint @param {Wish} wanted */
  function fits({ network, optimiser }, { network: needed, hyperparameters }) {
    return sameNetwork(network, needed) && optimiser.name === hyperparameters.optimiser;
  }

  /** @param {Checkpoint} checkpoint @param {Wish} wanted */
  function train(checkpoint, wanted) {
    current = { id: client.id(), wish: wanted, stopping: false };
    const { network, hyperparameters, statistics } = wanted;
    // A person who steps has set the pace, and stops without any condition.
    const [epochs, pace, stop_conditions] = store.training.value
      ? [null, wanted.pace, wanted.stop_conditions]
      : [steps, null, NONE];
    const data = { training: part(wanted.points, 0), test: part(wanted.points, 1) };
    client.send(
      {
        ...{ type: /** @type {const} */ ("train"), id: current.id },
        ...{ network, checkpoint, hyperparameters, pace },
        ...{ data, budget: { epochs }, stop_conditions, progress, statistics },
      },
      { answered: true },
    );
  }

  /** Asks for the layers of what is in view, where they are laid open and no frame told of them. */
  function look() {
    const moment = store.shown.value;
    const points = store.points.value;
    const { looked } = store;
    if (looking || !store.view.value.inside || !moment || moment.layers) return;
    if (looked.value?.moment === moment && looked.value.points === points) return;
    if (whatIsMissing(points, store.regression.value)) return;
    looking = true;
    // A training whose last epoch is over before it begins: its one frame tells of what there is.
    const checkpoint = { ...moment.checkpoint, epoch: Math.max(1, moment.checkpoint.epoch) };
    const { network } = checkpoint;
    const { hyperparameters } = wish();
    const data = { training: part(points, 0), test: part(points, 1) };
    const stop_conditions = { ...NONE, epoch: checkpoint.epoch };
    client
      .ask({
        ...{ type: "train", id: client.id(), network, checkpoint, hyperparameters, pace: null },
        ...{ data, budget: { epochs: null }, stop_conditions },
        ...{ progress: BEGINNING, statistics: true },
      })
      .then((reply) => {
        looked.value = { moment, points, layers: /** @type {Frame} */ (reply).layers };
      })
      .catch((error) => {
        if (!(error instanceof Refusal)) throw error;
        // Points of a class that is no longer, or not yet, the network's: there is nothing to tell.
        if (!error.lost) looked.value = { moment, points, layers: [] };
      })
      .finally(() => {
        looking = false;
        proceed();
      });
  }

  /** @param {Checkpoint | null} keep what fits of it is kept; with nothing to keep, history begins anew */
  function initialise(keep) {
    const { seed, optimiser } = store.config.value;
    const network = store.wanted.value;
    const asked = { id: client.id(), wish: null, stopping: false };
    const about = wish();
    current = asked;
    client
      .ask({ type: "initialise", id: asked.id, network, seed, optimiser, keep })
      .then((reply) => {
        if (current !== asked) return;
        const { checkpoint } = /** @type {import("../net/protocol.js").Initialised} */ (reply);
        current = null;
        if (!keep) store.history.value = EMPTY;
        settle(measure(checkpoint));
      })
      .catch((error) => {
        if (current === asked) fail(error, about);
      })
      .finally(proceed);
  }

  /** @param {import("./history.js").Moment} moment the newest */
  function settle(moment) {
    store.live.value = moment;
    store.history.value = record(store.history.value, moment);
  }

  /** @param {unknown} error @param {Wish | null} about */
  function fail(error, about) {
    current = null;
    if (!(error instanceof Refusal)) throw error;
    if (error.lost) return;
    refused = about;
    halt();
    store.errors.transport.value = error.message;
  }

  /** Ends training where the page is; what the server has computed beyond is given up. */
  function halt() {
    store.training.value = false;
    steps = 0;
    if (current?.wish) {
      client.send({ type: "stop", id: current.id });
      current = null;
    }
  }

  /** @param {Frame} frame */
  function take(frame) {
    if (frame.id !== current?.id) return;
    const { checkpoint, training, test, layers, ended } = frame;
    if (steps > 0) steps = Math.max(0, steps - (checkpoint.epoch - epoch()));
    if (current.wish) measured = current.wish.points;
    progress = frame.progress ?? BEGINNING;
    const told = layers.length > 0 ? layers : undefined;
    const moment = { checkpoint, training, test, layers: told };
    settle(moment);
    if (!ended) {
      client.send({ type: "ack", id: frame.id, step: checkpoint.step }, { answered: true });
      return;
    }
    const conditions = current.wish?.stop_conditions ?? NONE;
    current = null;
    if (ended === "diverged") {
      halt();
      store.errors.transport.value = `Training diverged: ${frame.reason}. The last finite weights are kept; try a smaller learning rate, or Reset model.`;
    }
    // Whoever has changed a condition meanwhile goes by the new one.
    if (ended === "target" && alike(conditions, wish().stop_conditions)) {
      halt();
      store.outcome.value = { text: `Stopped: ${frame.reason}.`, moment };
    }
    proceed();
  }

  function epoch() {
    return store.live.value?.checkpoint.epoch ?? 0;
  }

  /**
   * @param {boolean} conditions whether stop conditions go with it
   * @returns {boolean} whether training can begin; if not, the page says why
   */
  function ready(conditions) {
    refused = null;
    const missing = whatTrainingLacks(conditions);
    store.errors.transport.value = missing;
    store.scrubbed.value = null;
    return !missing;
  }

  /** @param {import("@preact/signals").ReadonlySignal<unknown>[]} signals are read */
  function follow(...signals) {
    return signals.map(({ value }) => value);
  }

  return {
    /** Begins to follow the store. */
    start() {
      effect(() => {
        // Reading them here is what makes the effect run when they change.
        follow(store.wanted, store.config, store.points, store.training, store.connection);
        follow(store.view, store.shown);
        untracked(proceed);
      });
    },

    toggle() {
      if (store.training.value) {
        halt();
        proceed();
      } else if (ready(true)) {
        steps = 0;
        progress = BEGINNING;
        store.training.value = true;
      }
    },

    /** Trains one epoch more than it already owes. */
    step() {
      if (store.training.value) halt();
      if (!ready(false)) return;
      steps += 1;
      proceed();
    },

    /** New weights from the seed; training stops. */
    reset() {
      if (store.connection.value.kind !== "open") {
        store.errors.transport.value =
          "The server is out of reach; the model can be reset once it is connected.";
        return;
      }
      halt();
      refused = null;
      store.scrubbed.value = null;
      store.errors.transport.value = "";
      progress = BEGINNING;
      initialise(null);
    },

    /** The connection is gone: what was under way has to be asked for again. */
    lost() {
      current = null;
    },

    /** @param {import("../net/protocol.js").Reply} reply that no question waited for */
    receive(reply) {
      if (reply.type === "frame") take(reply);
      else if (reply.type === "error" && reply.id !== null && reply.id === current?.id) {
        fail(new Refusal(reply.message, false), current.wish);
      } else if (reply.type === "engine") {
        store.progress.value = reply.progress;
        store.version.value = reply.version;
      }
    },
  };
}

/**
 * @param {object} a
 * @param {object} b with the same fields
 */
function alike(a, b) {
  const other = /** @type {Record<string, unknown>} */ (b);
  return Object.entries(a).every(([name, value]) => other[name] === value);
}
