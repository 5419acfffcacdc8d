/** What most networks of these tests have in common. */
export const PLAIN = { features: ["x", "y"], initialiser: "glorot_uniform" };
