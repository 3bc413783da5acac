// What a standalone module knows beside its plan. Like plan.ts, this file is compiled twice and holds nothing but enums.
//
// In linear memory, from the first address that the engine itself does not use:
//
//   0           Record
//   …           top-k entries, labels, messages   what was asked for
//   plan        the plan, its packed weights and its arena (see plan.ts)
//
// All addresses in these records are absolute.

/** Goes up whenever an export of a standalone module changes its meaning. */
export enum StandaloneAbi {
  VERSION = 1,
}

/** Byte offsets in the record; every field is a u32. */
export enum Record {
  plan = 0,
  topCount = 4,
  topAt = 8,
  labelCount = 12,
  /** A Text for each class. */
  labelsAt = 16,
  /** Texts of what a command says where standard input has the wrong length, or holds NaN or an infinity. */
  wrongLength = 20,
  notFinite = 28,
  BYTES = 64,
}

/** Byte offsets of a text in UTF-8; every field is a u32. */
export enum Text {
  at = 0,
  bytes = 4,
  BYTES = 8,
}

/** Byte offsets of a top-k entry: u32 and f32. */
export enum Top {
  index = 0,
  probability = 4,
  BYTES = 8,
}
