// Every error that Minnow throws on purpose: one class a kind of cause, so that a caller can tell them apart
// with instanceof. A message says what is wrong and where; `hint` says what to do about it.

import { listNames } from "./text.ts";

/** The base of all errors below. */
export class MinnowError extends Error {
  // Written out in every class: minifiers rename classes.
  override readonly name: string = "MinnowError";
  /** What the caller can do about it; already part of `message`. */
  readonly hint: string | undefined;

  constructor(what: string, hint?: string, options?: ErrorOptions) {
    super(hint === undefined ? what : `${what}\n  hint: ${hint}`, options);
    this.hint = hint;
  }
}

/** A file that is empty, truncated, corrupt, or not what its name says. */
export class FormatError extends MinnowError {
  override readonly name = "FormatError";
  /** Where in the file, in bytes, if known. */
  readonly byteOffset: number | undefined;

  constructor(what: string, options: { byteOffset?: number; hint?: string } = {}) {
    super(options.byteOffset === undefined ? what : `${what} (at byte ${options.byteOffset})`, options.hint);
    this.byteOffset = options.byteOffset;
  }
}

/** A well-formed model that uses something Minnow cannot run; `problems` lists every one of them. */
export class UnsupportedError extends MinnowError {
  override readonly name = "UnsupportedError";
  readonly problems: readonly string[];

  constructor(what: string, problems: readonly string[], hint?: string) {
    super(`${what}:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`, hint);
    this.problems = problems;
  }
}

/** A graph that contradicts itself: dims that do not fit, a value nobody computes, a bad attribute. */
export class GraphError extends MinnowError {
  override readonly name = "GraphError";
}

/** Weights that do not fit the graph; lists every missing, unexpected and mis-shaped tensor. */
export class WeightsError extends MinnowError {
  override readonly name = "WeightsError";
  readonly missing: readonly string[];
  readonly unexpected: readonly string[];
  readonly misshapen: readonly string[];

  constructor(what: string, missing: readonly string[], unexpected: readonly string[], misshapen: readonly string[]) {
    const list = (title: string, names: readonly string[]) => (names.length === 0 ? "" : `\n  ${title}: ${listNames(names)}`);
    super(
      what + list("missing", missing) + list("unexpected", unexpected) + list("wrong dims or type", misshapen),
      "the weights must belong to this architecture and this class count",
    );
    this.missing = missing;
    this.unexpected = unexpected;
    this.misshapen = misshapen;
  }
}

/** An input or output tensor whose name, type, dims or values the model cannot take. */
export class InputError extends MinnowError {
  override readonly name = "InputError";
}

/** An option of a function or a command that is out of range or unknown. */
export class OptionError extends MinnowError {
  override readonly name = "OptionError";
}

/** A model that needs more memory than a WebAssembly module, or this host, has. */
export class MemoryError extends MinnowError {
  override readonly name = "MemoryError";
}

/** A host that cannot run the engine: no WebAssembly, no SIMD, an engine file that did not load. */
export class HostError extends MinnowError {
  override readonly name = "HostError";
}

/** A plan whose bytes are damaged or would make a kernel leave its memory. */
export class PlanError extends MinnowError {
  override readonly name = "PlanError";
}
