// What the machine could do at best, measured in the same run as everything else: 128-bit float arithmetic on independent
// accumulators that never leave their registers, and reading memory that is larger than the caches.
//
// The modules are put together byte by byte: so they need no compiler, and are the same in a page as in Node.
import { hasRelaxed } from "../runtime/engine.ts";

/** Enough to hide an operation's latency; with a factor they fill x86-64's fifteen registers. */
const ACCUMULATORS = 14;
/** Operations, of one kind, in one turn of the loop. Written out several times it is slower (measured). */
const FLOPS = ACCUMULATORS * 4;

const [I32, F32, V128] = [0x7f, 0x7d, 0x7b];
const simd = (opcode: number) => [0xfd, ...unsigned(opcode)];
const local = { get: (i: number) => [0x20, i], set: (i: number) => [0x21, i], tee: (i: number) => [0x22, i] };
const f32x4 = {
  splat: simd(0x13),
  firstLane: [...simd(0x1f), 0],
  add: simd(0xe4),
  mul: simd(0xe6),
  relaxedMadd: simd(0x105),
};
const i32 = { constant: (value: number) => [0x41, ...signed(value)], add: [0x6a], sub: [0x6b] };

/** A number in LEB128. */
function unsigned(value: number): number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
}

function signed(value: number): number[] {
  const rest = value >> 7;
  const last = value & 0x40 ? rest === -1 : rest === 0;
  return last ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(rest)];
}

const sized = (bytes: readonly number[]) => [...unsigned(bytes.length), ...bytes];
const text = (letters: string) => sized([...letters].map((letter) => letter.charCodeAt(0)));
const repeat = (count: number, part: (i: number) => readonly number[]) => Array.from({ length: count }, (_, i) => part(i)).flat();

/** A module that exports one function `run` of (i32, f32) → f32, with `vectors` locals of type v128 from number 2 on. */
function moduleOf(vectors: number, body: readonly number[], pages = 0): Uint8Array<ArrayBuffer> {
  const section = (id: number, ...bytes: number[]) => [id, ...sized(bytes)];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 2, I32, F32, 1, F32),
    ...section(3, 1, 0),
    ...(pages > 0 ? section(5, 1, 0, ...unsigned(pages)) : []),
    ...(pages > 0 ? section(7, 2, ...text("run"), 0, 0, ...text("memory"), 2, 0) : section(7, 1, ...text("run"), 0, 0)),
    ...section(10, 1, ...sized([1, vectors, V128, ...body, 0x0b])),
  );
}

/** loop { body; } while (n -= step), with n in local 0 */
const countdown = (step: number, body: readonly number[]) => [
  ...[0x03, 0x40, ...body],
  ...[...local.get(0), ...i32.constant(step), ...i32.sub, ...local.tee(0), 0x0d, 0, 0x0b],
];

/** The first lane of the sum of all accumulators: without a use they would not be computed. */
const sum = (count: number) => [
  ...local.get(2),
  ...repeat(count - 1, (i) => [...local.get(i + 3), ...f32x4.add]),
  ...f32x4.firstLane,
];

/** Chains of operations on accumulators, each of which waits for nothing but its own last result. */
function chains(operation: (accumulator: number) => readonly number[]): Uint8Array<ArrayBuffer> {
  const factor = ACCUMULATORS + 2;
  return moduleOf(ACCUMULATORS + 1, [
    ...[...local.get(1), ...f32x4.splat, ...local.set(factor)],
    // Each begins elsewhere, lest the compiler sees that all are equal.
    ...repeat(ACCUMULATORS, (i) => [...[0x43, 0, 0, i, 0x40], ...local.get(1), 0x94, ...f32x4.splat, ...local.set(i + 2)]),
    ...countdown(
      1,
      repeat(ACCUMULATORS, (i) => {
        const accumulator = i + 2;
        return [...local.get(accumulator), ...local.get(factor), ...operation(accumulator), ...local.set(accumulator)];
      }),
    ),
    ...sum(ACCUMULATORS),
  ]);
}

/** What the strict peak is measured with: exports run(turns, 1). */
export const strictModule = chains((accumulator) => (accumulator % 2 === 0 ? f32x4.mul : f32x4.add));
const relaxedModule = chains((accumulator) => [...local.get(accumulator), ...f32x4.relaxedMadd]);

const READ_PAGES = 1024;
const READ_BYTES = READ_PAGES * 65536;
const READ_STREAMS = 8;

/** Adds up the first n bytes of memory, from the last to the first. */
const readModule = moduleOf(
  READ_STREAMS,
  [
    ...countdown(
      READ_STREAMS * 16,
      repeat(READ_STREAMS, (i) => [
        ...[...local.get(0), ...i32.constant(READ_STREAMS * 16), ...i32.sub],
        ...[...simd(0), 4, ...unsigned(i * 16), ...local.get(i + 2), ...f32x4.add, ...local.set(i + 2)],
      ]),
    ),
    ...sum(READ_STREAMS),
  ],
  READ_PAGES,
);

/** A kind of peak that is sampled again and again, and is the best seen so far. */
class Peak {
  readonly #run: (count: number, one: number) => number;
  /** Floating-point operations, or bytes, for each 1 of count. */
  readonly #worth: number;
  #count: number;
  #best = 0;

  constructor(bytes: Uint8Array<ArrayBuffer>, worth: number, count: number) {
    const { run, memory } = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
    // Pages that were never written to are all the same page.
    if (memory !== undefined) new Float32Array((memory as WebAssembly.Memory).buffer).fill(1);
    this.#run = run as (count: number, one: number) => number;
    this.#worth = worth;
    this.#count = count;
    for (let n = 0; n < 20; ++n) this.sample();
  }

  /** @returns what it was this time */
  sample(): number {
    const start = performance.now();
    this.#run(this.#count, 1);
    const seconds = (performance.now() - start) / 1000;
    const rate = (this.#count * this.#worth) / seconds / 1e9;
    this.#best = Math.max(this.#best, rate);
    return rate;
  }

  get best(): number {
    return this.#best;
  }
}

/** What the machine could do at best, in 10⁹ a second. */
export interface Peaks {
  /** Multiplications and additions of separate instructions. */
  readonly strict: number;
  /** The same, fused; undefined where the host has no relaxed SIMD. */
  readonly relaxed: number | undefined;
  /** Bytes read from memory, in order. */
  readonly read: number;
}

/** Samples the peaks; between other measurements, so that both see the same machine. */
export class PeakMeter {
  readonly #strict = new Peak(strictModule, FLOPS, 200_000);
  readonly #relaxed = hasRelaxed() ? new Peak(relaxedModule, 2 * FLOPS, 200_000) : undefined;
  readonly #read = new Peak(readModule, 1, READ_BYTES);

  sample(): void {
    this.#strict.sample();
    this.#relaxed?.sample();
  }

  /** Samples the arithmetic of one build. @returns 10⁹ operations a second, this time */
  sampleOf(build: "strict" | "relaxed"): number {
    return (build === "relaxed" && this.#relaxed !== undefined ? this.#relaxed : this.#strict).sample();
  }

  get peaks(): Peaks {
    return { strict: this.#strict.best, relaxed: this.#relaxed?.best, read: this.#read.best };
  }
}
