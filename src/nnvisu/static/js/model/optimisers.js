// The optimisers.

/**
 * `slots` counts the arrays that an optimiser remembers, each as long as the parameters.
 * @typedef {{ label: string, slots: number }} Optimiser
 */

/** By name, in the wire's order. @type {Readonly<Record<string, Optimiser>>} */
export const OPTIMISERS = {
  sgd: { label: "SGD", slots: 0 },
  momentum: { label: "Momentum", slots: 1 },
  rmsprop: { label: "RMSProp", slots: 1 },
  adam: { label: "Adam", slots: 2 },
  adamw: { label: "AdamW", slots: 2 },
};
