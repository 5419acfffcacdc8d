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

/**
 * @param {Float32Array | Uint16Array | Uint8Array} array
 * @returns {string} base64
 */
export function toBase64(array) {
  const bytes = bytesOf(array);
  const chunks = [];
  for (let start = 0; start < bytes.length; start += 0x8000) {
    chunks.push(String.fromCharCode(...bytes.subarray(start, start + 0x8000)));
  }
  return btoa(chunks.join(""));
}

/**
 * @param {string} text base64
 * @returns {Uint8Array}
 * @throws {DOMException} if the text is not base64
 */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) {
    remainder = remainder & 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
  }
  return remainder;
});

/**
 * CRC-32 (ISO 3309) over a text's UTF-16 code units, low byte first.
 * @param {string} text
 * @returns {string} eight hexadecimal digits
 */
export function crc32(text) {
  let remainder = 0xffffffff;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    remainder = (remainder >>> 8) ^ CRC_TABLE[(remainder ^ unit) & 0xff];
    remainder = (remainder >>> 8) ^ CRC_TABLE[(remainder ^ (unit >>> 8)) & 0xff];
  }
  return (~remainder >>> 0).toString(16).padStart(8, "0");
}
