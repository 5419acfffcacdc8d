// MessagePack, from the classic script that index.html loads before the modules.

export const { decode, encode } = /** @type {any} */ (globalThis).MessagePack;
