// What a well-formed model asks for and Minnow cannot do. Thrown while one node is read; read.ts catches it, goes on,
// and lists all of them in one UnsupportedError.

/** Carries the reason, to be read after the node's operator and name: "Pad "p1": mode reflect is not supported". */
export class Refusal extends Error {}
