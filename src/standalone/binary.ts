// The two sections of a module's binary form that Binaryen does not write for us: its JavaScript interface copies all data
// segments onto a stack of a few MiB at once, which weights do not fit on. (WebAssembly Core Specification, 5.5: Modules.)
import type { Segment } from "./image.ts";

const CUSTOM_SECTION = 0;
const DATA_SECTION = 11;
const I32_CONST = 0x41;
const END = 0x0b;

/** Runs of zeros as long as a segment's own header are not worth storing: memory is zero anyway. */
const ZEROS_WORTH_SKIPPING = 16;

/** LEB128, unsigned. */
function unsigned(value: number): number[] {
  const bytes: number[] = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return bytes;
}

/** LEB128, signed, of a number that is an i32 when its upper bit counts as a sign. */
function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; rest >>= 7) {
    const byte = rest & 0x7f;
    const last = (rest >> 7 === 0 && byte < 0x40) || (rest >> 7 === -1 && byte >= 0x40);
    bytes.push(last ? byte : byte | 0x80);
    if (last) return bytes;
  }
}

/** The parts of segments between long runs of zeros. */
function* withoutZeros(segments: readonly Segment[]): Generator<Segment> {
  for (const { at, bytes } of segments) {
    const part = (from: number, to: number): Segment => ({ at: at + from, bytes: bytes.subarray(from, to) });
    // [from, to) is the part found last, without the zeros that end it.
    let from = 0;
    let to = 0;
    for (let i = 0; i < bytes.length; ++i) {
      if (bytes[i] === 0) continue;
      if (i - to >= ZEROS_WORTH_SKIPPING) {
        if (to > from) yield part(from, to);
        from = i;
      }
      to = i + 1;
    }
    if (to > from) yield part(from, to);
  }
}

/** The pieces of a section, its header first. */
function section(id: number, pieces: readonly Uint8Array[]): Uint8Array[] {
  const bytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return [Uint8Array.from([id, ...unsigned(bytes)]), ...pieces];
}

/** Active segments of memory 0, each at a constant address. */
function dataSection(segments: readonly Segment[]): Uint8Array[] {
  const pieces = [...withoutZeros(segments)].flatMap(({ at, bytes }) => {
    return [Uint8Array.from([0, I32_CONST, ...signed(at), END, ...unsigned(bytes.length)]), bytes];
  });
  return section(DATA_SECTION, [Uint8Array.from(unsigned(pieces.length / 2)), ...pieces]);
}

function customSection(name: string, content: Uint8Array): Uint8Array[] {
  const text = new TextEncoder().encode(name);
  return section(CUSTOM_SECTION, [Uint8Array.from(unsigned(text.length)), text, content]);
}

/**
 * Gives a module that has no data its data, and custom sections at the end.
 * @param module a module that ends with its code, as Binaryen writes one without data and names
 */
export function withData(
  module: Uint8Array,
  segments: readonly Segment[],
  sections: Readonly<Record<string, Uint8Array>>,
): Uint8Array {
  const custom = Object.entries(sections).flatMap(([name, content]) => customSection(name, content));
  const pieces = [module, ...dataSection(segments), ...custom];
  const result = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    result.set(piece, at);
    at += piece.length;
  }
  return result;
}
