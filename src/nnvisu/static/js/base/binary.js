// Numbers as bytes and bytes as text: what the wire and Local Storage have in common.

/**
 * @param {Float32Array | Uint16Array | Uint8Array} array
 * @returns {Uint8Array} the same memory, little-endian on every machine that runs a browser
 */
export function bytesOf(array) {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}

/**
 * @param {Uint8Array} bytes of little-endian float32
 * @returns {Float32Array} a copy, because bytes may lie at any offset
 */
export function float32sOf(bytes) {
  return new Float32Array(bytes.slice().buffer);
}

/**
 * @param {Uint8Array} bytes of little-endian uint16
 * @returns {Uint16Array} a copy, because bytes may lie at any offset
 */
export function uint16sOf(bytes) {
  return new Uint16Array(bytes.slice().buffer);
}

const DIGITS = new TextEncoder().encode(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
);
const PADDING = "=".charCodeAt(0);

/**
 * Ten times as fast as `btoa`, which wants a string of the bytes first.
 * @param {Float32Array | Uint16Array | Uint8Array} array
 * @returns {string} base64
 */
export function toBase64(array) {
  const bytes = bytesOf(array);
  const text = new Uint8Array(4 * Math.ceil(bytes.length / 3));
  for (let from = 0, to = 0; from < bytes.length; from += 3, to += 4) {
    // Beyond the end there is undefined, which is 0 to the operators.
    const triple = (bytes[from] << 16) | (bytes[from + 1] << 8) | bytes[from + 2];
    text[to] = DIGITS[triple >>> 18];
    text[to + 1] = DIGITS[(triple >>> 12) & 63];
    text[to + 2] = DIGITS[(triple >>> 6) & 63];
    text[to + 3] = DIGITS[triple & 63];
  }
  const lacking = (3 - (bytes.length % 3)) % 3;
  text.fill(PADDING, text.length - lacking);
  return new TextDecoder().decode(text);
}

/**
 * @param {string} text base64
 * @returns {Uint8Array}
 * @throws {DOMException} if the text is not base64
 */
export function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let index = 0; index < bytes.length; index++) bytes[index] = binary.charCodeAt(index);
  return bytes;
}

/** The remainders of each byte, and of each byte before a zero byte. */
const ONE = Int32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});
const TWO = ONE.map((remainder) => (remainder >>> 8) ^ ONE[remainder & 0xff]);

/**
 * CRC-32 (ISO 3309) over a text's UTF-16 code units, low byte first; both bytes at a time.
 * @param {string} text
 * @returns {string} eight hexadecimal digits
 */
export function crc32(text) {
  let remainder = -1;
  for (let index = 0; index < text.length; index++) {
    const next = remainder ^ text.charCodeAt(index);
    remainder = (remainder >>> 16) ^ TWO[next & 0xff] ^ ONE[(next >>> 8) & 0xff];
  }
  return (~remainder >>> 0).toString(16).padStart(8, "0");
}
