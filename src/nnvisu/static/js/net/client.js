// The WebSocket connection: opens it, reconnects when it is lost, and passes messages on. It matches
// replies to requests by id and does not interpret them otherwise.

import { decode, encode } from "./protocol.js";
import { askReason, asksReason } from "./reason.js";

/** @typedef {import("./protocol.js").Request} Request */
/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("../state/store.js").Connection} Connection */
/** @typedef {{ told?: string }} Loss `told`: the reason that the server gave */

const FIRST_DELAY_S = 0.2;
const LONGEST_DELAY_S = 5;
/** Without an expected answer for so long, the socket counts as dead; TCP notices much later. */
const ANSWER_TIMEOUT_S = 10;
/** The same timeout while a probe is unanswered: after sleep or a network change, when a dead socket is
 * likely. */
const WAKE_TIMEOUT_S = 1.2;
/** The throughput assumed for a slow link. */
const SLOW_BYTES_PER_S = 100_000;
/** The close code of a server that has no room; its close reason is a sentence. */
const TRY_AGAIN_LATER = 1013;

/** The server refused a request, or the connection was lost before its reply. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {boolean} lost whether the connection was lost
   */
  constructor(message, lost) {
    super(message);
    this.lost = lost;
  }
}

/**
 * The delay before a reconnection attempt: doubles from 0.2 s to 5 s, with jitter so that many pages
 * do not reconnect at once.
 * @param {number} attempt from 0
 * @param {number} random from 0 to 1
 * @returns {number} seconds
 */
export function delay_s(attempt, random) {
  return Math.min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** attempt) * (0.5 + 0.5 * random);
}

/**
 * The timeout for an answer. It grows with the messages, because a request may still be on its way
 * to the server, and two frames on their way back.
 * @param {number} seconds the timeout for small messages
 * @param {number} largest_bytes the size of the largest message so far, sent or received
 * @returns {number} seconds
 */
export function timeout_s(seconds, largest_bytes) {
  return seconds + (3 * largest_bytes) / SLOW_BYTES_PER_S;
}

/**
 * @typedef {ReturnType<typeof createClient>} Client
 * @param {{
 *   url: string,
 *   question: string,
 *   schema: import("../settings/schema.js").Schema,
 *   onState: (state: Connection) => void,
 *   onReply: (reply: Reply) => void,
 *   probe: (id: number) => Request
 * }} options `question` is the URL whose GET says why no WebSocket can be opened; `onReply` gets replies that no request waits for; `probe` builds a cheap request that
 *   tests the socket
 */
export function createClient({ url, question, schema, onState, onReply, probe }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let attempt = 0;
  /** Why the attempts fail; shown. */
  let reason = "";
  /** What the server has answered to the question since. It is shown once another attempt fails,
   * because the server may have come back meanwhile. */
  let answer = "";
  let newest_id = 0;
  /** Whether the server has sent a message on this socket. */
  let heard = false;
  /** Whether a request was sent on this socket since the newest answer. */
  let awaiting = false;
  /** The id of the probe that is unanswered. A message that was on its way before the connection died
   * may still arrive, so only the probe's own reply ends the doubt. @type {number | null} */
  let probed = null;
  /** The size of the largest message so far. */
  let largest_bytes = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timeout;
  /** @type {Map<number, { resolve: (reply: Reply) => void, reject: (refusal: Refusal) => void }>} */
  const pending = new Map();

  function open() {
    clearTimeout(timer);
    onState({ kind: "connecting", reason });
    const opening = new WebSocket(url);
    opening.binaryType = "arraybuffer";
    socket = opening;
    expectAnswer();
    opening.onmessage = ({ data }) => {
      // A full server accepts the connection and closes it, so only a message ends the backoff.
      if (!heard) onState({ kind: "open" });
      attempt = 0;
      reason = answer = "";
      heard = true;
      largest_bytes = Math.max(largest_bytes, data.byteLength);
      const reply = decode(new Uint8Array(data), schema);
      if ("id" in reply && reply.id === probed) probed = null;
      // The engine's state is broadcast: it does not answer a request.
      if (reply.type !== "engine") awaiting = probed !== null;
      if (awaiting) expectAnswer();
      else clearTimeout(timeout);
      receive(reply);
    };
    opening.onclose = (event) => {
      if (socket === opening) lost({ told: event.code === TRY_AGAIN_LATER ? event.reason : "" });
    };
  }

  /** @param {Loss} [loss] */
  function lost({ told = "" } = {}) {
    socket?.close();
    socket = null;
    heard = false;
    awaiting = false;
    probed = null;
    clearTimeout(timeout);
    const unanswered = [...pending.values()];
    pending.clear();
    reason = told || answer;
    wait(delay_s(attempt, Math.random()));
    attempt += 1;
    if (!told && asksReason(attempt)) find();
    for (const { reject } of unanswered) reject(new Refusal("The connection was lost.", true));
  }

  /** Asks why the attempts fail. */
  async function find() {
    const asked = attempt;
    const found = await askReason(question);
    // Otherwise the page has been connected meanwhile.
    if (attempt >= asked) answer = found;
  }

  /** @param {number} seconds until the next attempt; the page shows the countdown */
  function wait(seconds) {
    onState({ kind: "waiting", seconds: Math.ceil(seconds), reason });
    const tick = Math.min(seconds, seconds % 1 || 1);
    timer = setTimeout(() => (seconds > tick ? wait(seconds - tick) : open()), tick * 1000);
  }

  function expectAnswer() {
    clearTimeout(timeout);
    const seconds = probed === null ? ANSWER_TIMEOUT_S : WAKE_TIMEOUT_S;
    timeout = setTimeout(() => lost(), timeout_s(seconds, largest_bytes) * 1000);
  }

  /** @param {Reply} reply */
  function receive(reply) {
    const id = "id" in reply ? reply.id : null;
    const request = id === null ? undefined : pending.get(id);
    if (id === null || !request) {
      onReply(reply);
      return;
    }
    pending.delete(id);
    if (reply.type === "error") request.reject(new Refusal(reply.message, false));
    else request.resolve(reply);
  }

  /** @returns {number} an id that no earlier message had */
  function nextId() {
    newest_id += 1;
    return newest_id;
  }

  /**
   * Sends a message. If the connection is lost, the caller has to send it again.
   * @param {Request} request
   * @param {{ answered: boolean }} [options] whether the server must answer in time; if it
   *   does not, the connection counts as lost
   */
  function send(request, { answered } = { answered: false }) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const message = /** @type {Uint8Array<ArrayBuffer>} */ (encode(request));
    socket.send(message);
    largest_bytes = Math.max(largest_bytes, message.byteLength);
    if (!answered) return;
    awaiting = true;
    expectAnswer();
  }

  /**
   * Sends a message that has one reply.
   * @template {Reply} R
   * @param {Request} request
   * @returns {Promise<R>} rejected with a Refusal
   */
  function ask(request) {
    return new Promise((resolve, reject) => {
      if (socket?.readyState !== WebSocket.OPEN) {
        reject(
          new Refusal("The server can't be reached; try again when the connection is back.", true),
        );
        return;
      }
      pending.set(request.id, {
        resolve: /** @type {(reply: Reply) => void} */ (resolve),
        reject,
      });
      send(request, { answered: true });
    });
  }

  /** Reconnects at once instead of after the delay; an open socket is probed. */
  function hurry() {
    if (!socket) open();
    else if (socket.readyState === WebSocket.OPEN && heard) {
      probed = nextId();
      ask(probe(probed)).catch(() => {});
    }
  }

  return { open, hurry, id: nextId, send, ask };
}
