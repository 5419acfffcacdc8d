// Why no WebSocket can be opened although the server can be reached. A browser does not tell a page
// why its WebSocket failed, but a GET of the same path is answered with the reason.

const TIMEOUT_MS = 5000;
const LONGEST_SENTENCE = 400;
/** What a proxy answers when its server is down. */
const SERVER_DOWN = [502, 503, 504];

/**
 * Whether to ask after so many failures in a row. Seldom, because many pages may fail at once.
 * @param {number} failures from 1
 */
export function asksReason(failures) {
  return failures === 2 || failures % 12 === 6;
}

/**
 * @param {string} url
 * @returns {Promise<string>} a sentence; empty if the server cannot be reached
 */
export async function askReason(url) {
  try {
    return await reasonFor(
      await fetch(url, {
        cache: "no-store",
        redirect: "manual",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }),
    );
  } catch {
    return "";
  }
}

/** @param {Response} answer @returns {Promise<string>} a sentence, or an empty string */
export async function reasonFor(answer) {
  if (answer.headers.has("nnvisu-reason")) {
    return (await answer.text()).trim().slice(0, LONGEST_SENTENCE);
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) {
    return "A proxy wants you to sign in again: reload the page.";
  }
  if (SERVER_DOWN.includes(answer.status)) return "";
  return `Something else answers in the server's place (status ${answer.status}): the proxy must pass requests for the path ws on to nnvisu.`;
}
