// What lies in a standalone module's memory when it starts: the record, the program, and the weights.
//
// Most weights lie there as kernels read them, so that starting takes no time. Where that form is much larger than the stored
// one (Winograd's are up to 5.4 times as large), the stored one is laid where the arena will be, and the module's start function
// packs it.
import { Header, Step } from "../../assembly/plan.ts";
import { Record, Text, Top } from "../../assembly/standalone/record.ts";
import type { DecodedProgram, DecodedStep } from "../plan/encode.ts";
import type { Plan } from "../plan/index.ts";
import type { Fields } from "../plan/kernels.ts";
import { packers } from "../plan/packers.ts";
import { align } from "../plan/place.ts";

/** Bytes that lie in memory from the start. */
export interface Segment {
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface Image {
  readonly segments: readonly Segment[];
  /** Bytes of the segments that are weights. */
  readonly weightBytes: number;
  /** The plan's address. */
  readonly planAt: number;
  /** The address of the top-k entries; 0 where there are none. */
  readonly topAt: number;
  /** The first address behind all that the module uses. */
  readonly end: number;
  /** The opcodes of the steps that the start function runs, and of those of a run. */
  readonly prepareOpcodes: readonly number[];
  readonly runOpcodes: readonly number[];
}

export interface ImageOptions {
  /** How many classes are asked for; 0 for none. */
  readonly top: number;
  /** Names of the classes by index; undefined where there are none. */
  readonly labels: readonly (string | undefined)[] | undefined;
  /** What a command says about input of the wrong length, and about input that is not finite. */
  readonly messages: { readonly wrongLength: string; readonly notFinite: string } | undefined;
  /** Whether all weights lie in memory as kernels read them, however large that form is. */
  readonly packed: boolean;
}

/** Forms of weights that are larger than the stored one by more than this factor are made at the start. */
const WORTH_PACKING = 2;

/** Everything before the plan: the record and what it points to. */
class Preface {
  readonly #encoder = new TextEncoder();
  readonly #at: number;
  readonly #pieces: Segment[] = [];
  #end: number;
  readonly #record = new DataView(new ArrayBuffer(Record.BYTES));

  constructor(at: number) {
    this.#at = at;
    this.#end = at + Record.BYTES;
  }

  set(field: Exclude<Record, Record.BYTES>, value: number): void {
    this.#record.setUint32(field, value, true);
  }

  reserve(bytes: number): number {
    const at = align(this.#end, 4);
    this.#end = at + bytes;
    return at;
  }

  text(text: string): { at: number; bytes: number } {
    const bytes = this.#encoder.encode(text);
    const at = this.reserve(bytes.length);
    this.#pieces.push({ at, bytes });
    return { at, bytes: bytes.length };
  }

  /** A table of texts; missing ones are empty. */
  texts(texts: readonly (string | undefined)[]): number {
    const table = new DataView(new ArrayBuffer(texts.length * Text.BYTES));
    const at = this.reserve(table.byteLength);
    texts.forEach((text, i) => {
      if (text === undefined) return;
      const placed = this.text(text);
      table.setUint32(i * Text.BYTES + Text.at, placed.at, true);
      table.setUint32(i * Text.BYTES + Text.bytes, placed.bytes, true);
    });
    this.#pieces.push({ at, bytes: new Uint8Array(table.buffer) });
    return at;
  }

  message(field: Record.wrongLength | Record.notFinite, text: string): void {
    const { at, bytes } = this.text(text);
    this.#record.setUint32(field + Text.at, at, true);
    this.#record.setUint32(field + Text.bytes, bytes, true);
  }

  get end(): number {
    return align(this.#end);
  }

  /** One segment of it all: a segment for each label would cost more than the zeros between them. */
  segment(): Segment {
    const bytes = new Uint8Array(this.end - this.#at);
    bytes.set(new Uint8Array(this.#record.buffer));
    for (const piece of this.#pieces) bytes.set(piece.bytes, piece.at - this.#at);
    return { at: this.#at, bytes };
  }
}

const spanBytes = (fields: Fields, field: "src" | "src2" | "dst"): number =>
  packers[fields.opcode as keyof typeof packers]!.spans(fields)
    .filter((span) => span.field === field)
    .reduce((sum, { bytes, stride }) => sum + Math.max(fields.batch - 1, 0) * (stride ?? 0) + bytes, 0);

/** Whether the start function should pack this weight, rather than the module hold it packed. */
function leftForStart({ fields }: DecodedStep): boolean {
  const stored = spanBytes(fields, "src") + spanBytes(fields, "src2");
  return stored > 0 && spanBytes(fields, "dst") > WORTH_PACKING * stored;
}

/**
 * The program with only these steps left to prepare, their weights at `storedAt`, and without names, which nobody asks a module
 * for.
 */
function withPrepare(
  program: Uint8Array,
  header: DecodedProgram["header"],
  left: readonly number[],
  storedAt: number,
): Uint8Array {
  const bytes = program.slice();
  const view = new DataView(bytes.buffer);
  const { prepareAt, prepareCount, stringsAt } = header;
  bytes.fill(0, prepareAt, prepareAt + prepareCount * Step.BYTES);
  left.forEach((from, to) => {
    const at = prepareAt + to * Step.BYTES;
    bytes.set(program.subarray(prepareAt + from * Step.BYTES, prepareAt + (from + 1) * Step.BYTES), at);
    for (const field of [Step.src, Step.src2]) {
      const address = view.getUint32(at + field, true);
      if (address !== 0) view.setUint32(at + field, address - header.storedAt + storedAt, true);
    }
  });
  view.setUint32(Header.prepareCount, left.length, true);
  view.setUint32(Header.storedAt, storedAt, true);
  bytes.fill(0, stringsAt);
  return bytes;
}

/**
 * Lays out a module's memory.
 * @param plan what compile made
 * @param decoded its program
 * @param prepared the plan in a memory in which `prepare` has run: its bytes from the plan's first one on
 * @param base the first address that may be used
 */
export function layOut(plan: Plan, decoded: DecodedProgram, prepared: Uint8Array, base: number, options: ImageOptions): Image {
  const { top, labels, messages, packed } = options;
  const preface = new Preface(base);
  const topAt = top > 0 ? preface.reserve(top * Top.BYTES) : 0;
  preface.set(Record.topCount, top);
  preface.set(Record.topAt, topAt);
  if (labels !== undefined) {
    preface.set(Record.labelCount, labels.length);
    preface.set(Record.labelsAt, preface.texts(labels));
  }
  if (messages !== undefined) {
    preface.message(Record.wrongLength, messages.wrongLength);
    preface.message(Record.notFinite, messages.notFinite);
  }
  const planAt = preface.end;
  preface.set(Record.plan, planAt);

  const indices = decoded.prepare.map((_, i) => i);
  const left = packed ? [] : indices.filter((i) => leftForStart(decoded.prepare[i]));
  const arenaAt = plan.program.length + plan.packedBytes;
  const program = withPrepare(plan.program, decoded.header, left, arenaAt);
  const piece = (from: number, bytes: Uint8Array): Segment => ({ at: planAt + from, bytes });
  const weights = indices
    .filter((i) => !left.includes(i))
    .map((i) => decoded.prepare[i].fields)
    .map((fields) => piece(fields.dst, prepared.subarray(fields.dst, fields.dst + spanBytes(fields, "dst"))));
  const wanted = new Set(left.flatMap((i) => [decoded.prepare[i].fields.src, decoded.prepare[i].fields.src2]));
  const stored = plan.stored
    .filter(({ offset }) => wanted.has(plan.storedAt + offset))
    .map(({ offset, bytes }) => piece(arenaAt + offset, bytes));

  const opcodes = (steps: readonly DecodedStep[]) => [...new Set(steps.map(({ fields }) => fields.opcode))];
  return {
    segments: [preface.segment(), piece(0, program), ...weights, ...stored],
    weightBytes: [...weights, ...stored].reduce((sum, { bytes }) => sum + bytes.length, 0),
    planAt,
    topAt,
    end: planAt + arenaAt + Math.max(plan.arenaBytes, left.length > 0 ? plan.storedBytes : 0),
    prepareOpcodes: opcodes(left.map((i) => decoded.prepare[i])),
    runOpcodes: opcodes(decoded.run),
  };
}
