// Drives the training on the server: compares the wanted state (settings, data, training or not) with
// the current weights, sends the request that is due, and puts the replies into the store.
//
// A change during training stops the request, waits for its last frame and continues from there with
// a new request, so no computed epoch is lost. When a command replaces the weights, the running
// request is abandoned.

import { batch, effect, untracked } from "@preact/signals";

import { part } from "../data/split.js";
import { sameFigures } from "../model/metrics.js";
import { Refusal } from "../net/client.js";
import { figuresOf } from "./figures.js";
import { EMPTY, record, recordEdit } from "./history.js";
import { whatIsMissing, whatPatienceLacks } from "./readiness.js";
import { sameNetwork } from "./store.js";
import { alike, inputsOf, same, sameButPoints } from "./training_inputs.js";

/** @typedef {import("../net/protocol.js").Frame} Frame */
/** @typedef {import("../net/protocol.js").Checkpoint} Checkpoint */
/** @typedef {import("../net/protocol.js").Progress} Progress */
/** @typedef {import("../data/split.js").Parted} Points */
/** @typedef {import("./training_inputs.js").Inputs} Inputs */
/** @typedef {import("./history.js").Moment} Moment */

/**
 * Whether test losses can be compared: they are of the same points and the same network.
 * @param {Inputs} a
 * @param {Inputs} b
 */
function comparable(a, b) {
  return a.points === b.points && sameNetwork(a.network, b.network);
}

/** No stop conditions. */
const NONE = Object.freeze({ epoch: null, loss: null, seconds: null, patience: null });
/** The progress towards the stop conditions when the user presses Train. */
const NO_PROGRESS = Object.freeze({ seconds: 0, best_loss: null, best_epoch: 0 });
/**
 * During a stroke, running training gets the new points after this time, then after twice as long, and
 * so on, and at the end: each update stops the training and sends a complete request.
 */
const STROKE_MS = 1000;

/**
 * @typedef {ReturnType<typeof createTrainer>} Trainer
 * @param {import("./store.js").Store} store
 * @param {import("../net/client.js").Client} client
 */
export function createTrainer(store, client) {
  /**
   * The request that the server works on.
   * @type {{ id: number, inputs: Inputs | null, stopping: boolean, since_ms: number } | null}
   */
  let current = null;
  /** The progress towards the stop conditions, from the newest frame. @type {Progress} */
  let progress = NO_PROGRESS;
  const { steps, updates } = store;
  /** The inputs of the newest training: its best test loss was measured with them. @type {Inputs | null} */
  let measuredWith = null;
  /** Inputs that the server refused; they are not sent again. @type {Inputs | null} */
  let refused = null;
  /** The value of `store.replaced` that was acted upon. */
  let known = store.replaced.value;
  /** Whether a reset is under way, which outlasts a lost connection. */
  let resetting = false;
  /** The time after which points of the current stroke are sent. */
  let wait_ms = STROKE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let waiting;

  /** Sends the request that is due; called after every change of the store and every reply. */
  function proceed() {
    clearTimeout(waiting);
    if (!store.stroke.value) wait_ms = STROKE_MS;
    if (store.replaced.value !== known) abandon();
    const wanted = inputsOf(store);
    if (store.connection.value.kind !== "open") return;
    if (store.busy.value) {
      const missing = whatTrainingLacks(store.training.value);
      if (missing) {
        halt();
        store.errors.transport.value = missing;
      }
    }
    if (current) {
      interrupt(current, wanted);
      return;
    }
    if (refused && same(refused, wanted)) return;
    const live = store.live.value;
    if (!live || resetting) initialise(null);
    else if (store.busy.value) train(live.checkpoint, wanted);
    else if (!fits(live.checkpoint, wanted)) initialise(live);
    else if (store.measured.value !== store.points.value) measureAgain(live);
  }

  /**
   * Stops a training whose inputs have changed.
   * @param {NonNullable<typeof current>} request
   * @param {Inputs} wanted
   */
  function interrupt(request, wanted) {
    if (!request.inputs || request.stopping || same(request.inputs, wanted)) return;
    if (store.stroke.value && sameButPoints(request.inputs, wanted)) {
      const rest_ms = request.since_ms + wait_ms - performance.now();
      if (rest_ms > 0) {
        waiting = setTimeout(proceed, rest_ms);
        return;
      }
      wait_ms *= 2;
    }
    request.stopping = true;
    client.send({ type: "stop", id: request.id }, { answered: true });
  }

  /** Abandons the request for weights that a command has replaced. */
  function abandon() {
    known = store.replaced.value;
    steps.value = updates.value = 0;
    resetting = false;
    progress = NO_PROGRESS;
    if (current?.inputs) client.send({ type: "stop", id: current.id });
    current = null;
  }

  /** @param {boolean} conditions whether stop conditions apply */
  function whatTrainingLacks(conditions) {
    const { value: points } = store.points;
    const { stop_patience } = store.config.value;
    const missing = whatIsMissing(points, store.regression.value);
    return missing || (conditions ? whatPatienceLacks(stop_patience, points) : "");
  }

  /** @param {Checkpoint} checkpoint */
  const figures = (checkpoint) => figuresOf(store.points.value, checkpoint);

  /**
   * Computes new figures of the same moment after a change of the points, in the history too.
   * @param {Moment} live
   */
  function measureAgain({ id, parent, checkpoint }) {
    const moment = { id, parent, checkpoint, ...figures(checkpoint) };
    const { interval, moments } = store.history.value;
    const others = moments.at(-1)?.id === id ? moments.slice(0, -1) : null;
    const history = others ? { interval, moments: [...others, moment] } : store.history.value;
    settle(moment, history, store.points.value);
  }

  /** @param {Checkpoint} checkpoint @param {Inputs} wanted */
  function fits({ network, optimiser }, { network: needed, hyperparameters }) {
    return sameNetwork(network, needed) && optimiser.name === hyperparameters.optimiser;
  }

  /** @param {Inputs | null} asked @returns {NonNullable<typeof current>} */
  function begun(asked) {
    return { id: client.id(), inputs: asked, stopping: false, since_ms: performance.now() };
  }

  /** @param {Checkpoint} checkpoint @param {Inputs} wanted */
  function train(checkpoint, wanted) {
    current = begun(wanted);
    const { network, hyperparameters, statistics } = wanted;
    if (measuredWith && !comparable(measuredWith, wanted)) {
      progress = { ...progress, best_loss: null, best_epoch: checkpoint.epoch };
    }
    measuredWith = wanted;
    // Step and Single update have their own budgets, without pace and stop conditions.
    const [budget, pace, stop_conditions] = store.training.value
      ? [{ epochs: null, updates: null }, wanted.pace, wanted.stop_conditions]
      : [{ epochs: steps.value || null, updates: updates.value || null }, null, NONE];
    const data = { training: part(wanted.points, 0), test: part(wanted.points, 1) };
    client.send(
      {
        ...{ type: /** @type {const} */ ("train"), id: current.id },
        ...{ network, checkpoint, hyperparameters, pace },
        ...{ data, budget, stop_conditions, progress, statistics },
      },
      { answered: true },
    );
  }

  /** @param {Moment | null} from weights of it that fit are kept; null starts a new history */
  function initialise(from) {
    const { seed, optimiser } = store.config.value;
    const network = store.wanted.value;
    const asked = begun(null);
    const about = inputsOf(store);
    const keep = from && from.checkpoint;
    current = asked;
    client
      .ask({ type: "initialise", id: asked.id, network, seed, optimiser, keep })
      .then((reply) => {
        if (current !== asked) return;
        const { checkpoint } = /** @type {import("../net/protocol.js").Initialised} */ (reply);
        current = null;
        resetting = false;
        const own = { id: store.ids.next(), parent: from && from.id };
        const made = { ...own, checkpoint, ...figures(checkpoint) };
        const { value: history } = store.history;
        const line = from ? recordEdit(history, from, made) : record(EMPTY, made);
        settle(made, line, store.points.value);
      })
      .then(proceed)
      .catch((error) => {
        if (current === asked) fail(error, about);
        // After a lost connection, the next one continues.
        if (!(error instanceof Refusal && error.lost)) proceed();
      });
  }

  /**
   * @param {Moment} moment the newest
   * @param {import("./history.js").History} history
   * @param {Points | null} points that its figures were computed from
   */
  function settle(moment, history, points) {
    batch(() => {
      store.live.value = moment;
      store.history.value = history;
      store.measured.value = points;
    });
  }

  /** @param {unknown} error @param {Inputs | null} about */
  function fail(error, about) {
    current = null;
    if (!(error instanceof Refusal)) throw error;
    if (error.lost) return;
    refused = about;
    resetting = false;
    halt();
    store.errors.transport.value = error.message;
  }

  /** Ends training at the newest frame received; epochs that the server computed since are dropped. */
  function halt() {
    store.training.value = false;
    steps.value = updates.value = 0;
    if (current?.inputs) {
      client.send({ type: "stop", id: current.id });
      current = null;
    }
  }

  /** @param {Frame} frame */
  function take(frame) {
    if (frame.id !== current?.id) return;
    const { checkpoint, training, test, layers, ended } = frame;
    const live = store.live.value;
    if (steps.value > 0) {
      steps.value = Math.max(0, steps.value - (checkpoint.epoch - epoch()));
    } else if (updates.value > 0) {
      const done = checkpoint.step - (live?.checkpoint.step ?? 0);
      updates.value = Math.max(0, updates.value - done);
    }
    progress = frame.progress ?? NO_PROGRESS;
    const history = store.history.value;
    const edited = live && !sameNetwork(live.checkpoint.network, checkpoint.network) ? live : null;
    /** @type {Moment} */
    const moment = {
      ...{ id: store.ids.next(), parent: (edited ?? history.moments.at(-1))?.id ?? null },
      ...{ checkpoint, training, test, layers: layers.length > 0 ? layers : undefined },
    };
    const line = edited ? recordEdit(history, edited, moment) : record(history, moment);
    settle(moment, line, current.inputs?.points ?? null);
    if (!ended) {
      client.send({ type: "ack", id: frame.id, step: checkpoint.step }, { answered: true });
      return;
    }
    const conditions = current?.inputs?.stop_conditions ?? NONE;
    current = null;
    if (ended === "diverged") {
      halt();
      store.errors.transport.value = `Training diverged: ${frame.reason}. The last finite weights are kept; try a smaller learning rate, or Reset model.`;
    }
    // If the conditions have changed meanwhile, the new ones apply.
    if (ended === "target" && alike(conditions, inputsOf(store).stop_conditions)) {
      halt();
      store.outcome.value = { text: `Stopped: ${frame.reason}.`, moment };
    }
    proceed();
  }

  function epoch() {
    return store.live.value?.checkpoint.epoch ?? 0;
  }

  /**
   * @param {boolean} conditions whether stop conditions apply
   * @returns {boolean} whether training can begin; if not, the page says why
   */
  function ready(conditions) {
    refused = null;
    const missing = whatTrainingLacks(conditions);
    store.errors.transport.value = missing;
    store.scrubbed.value = null;
    return !missing;
  }

  /**
   * Trains one more epoch or one more batch.
   * @param {import("@preact/signals").Signal<number>} wanted how many of them
   * @param {import("@preact/signals").Signal<number>} other how many of the others: none from now on
   */
  function more(wanted, other) {
    if (store.training.value) halt();
    if (!ready(false)) return;
    other.value = 0;
    wanted.value += 1;
    proceed();
  }

  /** @param {import("@preact/signals").ReadonlySignal<unknown>[]} signals to read */
  function follow(...signals) {
    return signals.map(({ value }) => value);
  }

  return {
    /** Starts to observe the store. */
    start() {
      const live = store.live.value;
      // An edit is saved before its figures: restored figures may be of the points before it.
      if (live && sameFigures(live, figures(live.checkpoint))) {
        store.measured.value = store.points.value;
      }
      effect(() => {
        // Reading them here is what makes the effect run when they change.
        follow(store.wanted, store.config, store.points, store.training, store.connection);
        follow(store.view, store.live, store.stroke, store.replaced);
        untracked(proceed);
      });
    },

    toggle() {
      if (store.training.value) {
        halt();
        proceed();
      } else if (ready(true)) {
        steps.value = updates.value = 0;
        progress = NO_PROGRESS;
        store.training.value = true;
      }
    },

    /** Trains one more epoch. */
    step: () => more(steps, updates),

    /** Trains one more batch. */
    singleUpdate: () => more(updates, steps),

    /**
     * Requests new weights from the seed; training stops. If the server can't be reached, the page says so.
     * @param {() => void} [prepare] called before, unless the server can't be reached
     */
    reset(prepare = () => {}) {
      if (store.connection.value.kind !== "open") {
        store.errors.transport.value =
          "The server can't be reached; try again when the connection is back.";
        return;
      }
      halt();
      prepare();
      refused = null;
      store.scrubbed.value = null;
      store.errors.transport.value = "";
      progress = NO_PROGRESS;
      resetting = true;
      initialise(null);
    },

    /** The connection is lost: the running request has to be sent again. */
    lost() {
      current = null;
    },

    /** @param {import("../net/protocol.js").Reply} reply that no other request waited for */
    receive(reply) {
      if (reply.type === "frame") take(reply);
      else if (reply.type === "error" && reply.id !== null && reply.id === current?.id) {
        fail(new Refusal(reply.message, false), current.inputs);
      } else if (reply.type === "engine") {
        store.progress.value = reply.progress;
        store.version.value = reply.version;
      }
    },
  };
}
