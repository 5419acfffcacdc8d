// MessagePack as a module: re-exports the global of the classic script that index.html loads first.

export const { decode, encode } = /** @type {any} */ (globalThis).MessagePack;
