// The one WebSocket: it opens it, opens it again when it is lost, and hands messages on. It knows
// nothing of what they mean, except which reply belongs to which question.

import { decode, encode } from "./protocol.js";

/** @typedef {import("./protocol.js").Request} Request */
/** @typedef {import("./protocol.js").Reply} Reply */
/** @typedef {import("../state/store.js").Connection} Connection */

const FIRST_DELAY_S = 0.2;
const LONGEST_DELAY_S = 5;
/** A socket that is owed an answer and stays silent for so long is dead, whatever TCP thinks. */
const SILENCE_S = 10;
/** The same, after the machine slept or the network changed, when a dead socket is likely. */
const DOUBT_S = 1.2;
/** What a slow link carries in a second. */
const SLOW_BYTES_PER_S = 100_000;

/** A question was refused by the server, or the connection was lost before the answer. */
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
 * How long to wait before an attempt: doubling from 0.2 s to 5 s, jittered so that a hall full of
 * pages does not come back all at once.
 * @param {number} attempt from 0
 * @param {number} random from 0 to 1
 * @returns {number} seconds
 */
export function delay_s(attempt, random) {
  return Math.min(LONGEST_DELAY_S, FIRST_DELAY_S * 2 ** attempt) * (0.5 + 0.5 * random);
}

/**
 * How long to wait for an answer where messages are large: a request may still be on its way to the
 * server, and two frames on their way back.
 * @param {number} seconds that small messages are given
 * @param {number} heaviest the bytes of the largest message seen, either way
 * @returns {number} seconds
 */
export function patience_s(seconds, heaviest) {
  return seconds + (3 * heaviest) / SLOW_BYTES_PER_S;
}

/**
 * @typedef {ReturnType<typeof createClient>} Client
 * @param {{
 *   url: string,
 *   schema: import("../settings/schema.js").Schema,
 *   onState: (state: Connection) => void,
 *   onReply: (reply: Reply) => void,
 *   probe: (id: number) => Request
 * }} options `onReply` gets what no question waits for; `probe` is a question that costs nothing
 */
export function createClient({ url, schema, onState, onReply, probe }) {
  /** @type {WebSocket | null} */
  let socket = null;
  let attempt = 0;
  let newest_id = 0;
  /** Whether the server has said anything on this socket yet. */
  let spoke = false;
  /** Whether a request has been sent on this socket since the newest answer. */
  let owed = false;
  /** The bytes of the largest message so far. */
  let heaviest = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  /** @type {Map<number, { resolve: (reply: Reply) => void, reject: (refusal: Refusal) => void }>} */
  const questions = new Map();

  function open() {
    clearTimeout(timer);
    onState({ kind: "connecting" });
    const opening = new WebSocket(url);
    opening.binaryType = "arraybuffer";
    socket = opening;
    expectAnswer();
    opening.onopen = () => onState({ kind: "open" });
    opening.onmessage = ({ data }) => {
      // A server that is full accepts and closes: only one that speaks ends the backing off.
      attempt = 0;
      spoke = true;
      heaviest = Math.max(heaviest, data.byteLength);
      const reply = decode(new Uint8Array(data), schema);
      // The engine's state is told to everybody: it answers nothing.
      if (reply.type !== "engine") owed = false;
      if (owed) expectAnswer();
      else clearTimeout(silence);
      receive(reply);
    };
    opening.onclose = () => {
      if (socket === opening) lost();
    };
  }

  function lost() {
    socket?.close();
    socket = null;
    spoke = false;
    owed = false;
    clearTimeout(silence);
    const orphans = [...questions.values()];
    questions.clear();
    wait(delay_s(attempt, Math.random()));
    attempt += 1;
    for (const { reject } of orphans) reject(new Refusal("The connection was lost.", true));
  }

  /** @param {number} seconds until the next attempt, counted down where people see it */
  function wait(seconds) {
    onState({ kind: "waiting", seconds: Math.ceil(seconds) });
    const tick = Math.min(seconds, seconds % 1 || 1);
    timer = setTimeout(() => (seconds > tick ? wait(seconds - tick) : open()), tick * 1000);
  }

  /** @param {number} [seconds] of silence after which the socket counts as dead, if all is small */
  function expectAnswer(seconds = SILENCE_S) {
    clearTimeout(silence);
    silence = setTimeout(lost, patience_s(seconds, heaviest) * 1000);
  }

  /** @param {Reply} reply */
  function receive(reply) {
    const id = "id" in reply ? reply.id : null;
    const question = id === null ? undefined : questions.get(id);
    if (id === null || !question) {
      onReply(reply);
      return;
    }
    questions.delete(id);
    if (reply.type === "error") question.reject(new Refusal(reply.message, false));
    else question.resolve(reply);
  }

  /** @returns {number} an id that no earlier message had */
  function nextId() {
    newest_id += 1;
    return newest_id;
  }

  /**
   * Sends a message; one that is lost with the connection is for the caller to send again.
   * @param {Request} request
   * @param {{ answered: boolean }} [options] whether silence means that the connection is dead
   */
  function send(request, { answered } = { answered: false }) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    const message = /** @type {Uint8Array<ArrayBuffer>} */ (encode(request));
    socket.send(message);
    heaviest = Math.max(heaviest, message.byteLength);
    if (!answered) return;
    owed = true;
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
        reject(new Refusal("The server is out of reach; try again once it is connected.", true));
        return;
      }
      questions.set(request.id, {
        resolve: /** @type {(reply: Reply) => void} */ (resolve),
        reject,
      });
      send(request, { answered: true });
    });
  }

  /** Tries at once instead of at the end of a wait; an open socket has to prove that it lives. */
  function hurry() {
    if (!socket) open();
    else if (socket.readyState === WebSocket.OPEN && spoke) {
      ask(probe(nextId())).catch(() => {});
      expectAnswer(DOUBT_S);
    }
  }

  return { open, hurry, id: nextId, send, ask };
}
