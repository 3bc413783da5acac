// The verifier against hostile plans: whatever a plan's bytes are, they are refused with a PlanError, or running them is
// safe: no trap, and no byte written outside the arena (outside the packed weights, for `prepare`).
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { Header, Opcode, Port, Step } from "../../assembly/plan.ts";
import { PlanError } from "../../src/errors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { type DecodedProgram, decodeProgram } from "../../src/plan/encode.ts";
import { compile, type Plan } from "../../src/plan/index.ts";
import { type Fields, kernels } from "../../src/plan/kernels.ts";
import { packers } from "../../src/plan/packers.ts";
import type { StepField } from "../../src/plan/step.ts";
import { verifyProgram } from "../../src/plan/verify.ts";
import { random } from "../random.ts";
import { everyKernel, withData } from "./graphs.ts";
import { Sandbox } from "./sandbox.ts";

const stepFields = Object.entries(Step).filter(([name, at]) => typeof at === "number" && name !== "BYTES") as [
  StepField,
  number,
][];
const headerFields = Object.entries(Header).filter(([name, at]) => typeof at === "number" && name !== "BYTES") as [
  string,
  number,
][];
/** Where the header says how large the regions are that a sandbox is laid out for. */
const resized: ReadonlySet<number> = new Set([Header.programBytes, Header.packedBytes, Header.arenaBytes]);
const floats = new Set<StepField>(["alpha", "beta", "low", "high"]);
const addresses = new Set<StepField>(["src", "src2", "dst", "weights", "bias", "scratch"]);
const hostile = [-1, 0, 1, 2, 3, 4, 5, 7, 16, 255, 65535, 65536, 2 ** 24, 2 ** 28, 2 ** 30, 2 ** 31 - 4, 2 ** 31 - 1, -(2 ** 31)];

/** About how many vector operations a step is; those beyond the limit are verified but not run. */
function work(s: Fields): number {
  const image = (c: number, h: number, w: number) => Math.ceil(Math.max(c, 1) / 4) * Math.max(h, 1) * Math.max(w, 1);
  const matrix = [Opcode.conv, Opcode.pointwise, Opcode.strassen, Opcode.dense].includes(s.opcode);
  const taps = [Opcode.conv, Opcode.strassen, Opcode.depthwise].includes(s.opcode) ? s.kernelHeight * s.kernelWidth : 1;
  const pixels = Math.max(image(s.channels, s.height, s.width), image(s.dstChannels, s.dstHeight, s.dstWidth));
  return Math.max(s.batch, 1) * pixels * taps * (matrix ? s.channels : 1);
}
const WORK_LIMIT = 2e7;

/** Verifies a program that may be anything. @returns it decoded, or undefined where it was refused with a PlanError */
function verify(bytes: Uint8Array, what: string): DecodedProgram | undefined {
  try {
    return verifyProgram(bytes);
  } catch (error) {
    assert.ok(error instanceof PlanError, `${what}: ${(error as Error).stack}`);
    return undefined;
  }
}

/** Verifies programs, runs those that are accepted, and keeps account. */
class Trial {
  readonly #sandbox: Sandbox;
  readonly faults = new Map<string, string>();
  tried = 0;
  accepted = 0;
  skipped = 0;

  constructor(plan: Plan, entry: "prepare" | "run") {
    this.#sandbox = new Sandbox(plan, entry);
  }

  try(program: Uint8Array, what: string): boolean {
    ++this.tried;
    const decoded = verify(program, what);
    if (decoded === undefined) return false;
    ++this.accepted;
    const steps = [...decoded.prepare, ...decoded.run];
    if (steps.some(({ fields }) => work(fields) > WORK_LIMIT)) {
      ++this.skipped;
      return true;
    }
    const fault = this.#sandbox.run(program);
    if (fault !== undefined) this.faults.set(what, fault);
    return true;
  }

  /** Ends the test: reports the counts, and fails where an accepted program was not safe. */
  conclude(t: TestContext): void {
    t.diagnostic(`${this.tried} plans, ${this.accepted} accepted, ${this.skipped} of them too long to run`);
    const faults = [...this.faults].map(([what, fault]) => `${what}: accepted, but ${fault}`);
    assert.equal(faults.length, 0, `${faults.length} unsafe plans were accepted:\n${faults.slice(0, 20).join("\n")}`);
    assert.ok(this.accepted > 0 && this.skipped < this.accepted / 2, "too few of the accepted plans were run");
  }
}

/** The plan's program reduced to step number `index` of one of its two lists. */
function single(plan: Plan, entry: "prepare" | "run", index: number): { program: Uint8Array; at: number } {
  const program = plan.program.slice();
  const view = new DataView(program.buffer);
  const at = view.getUint32(entry === "prepare" ? Header.prepareAt : Header.runAt, true) + index * Step.BYTES;
  view.setUint32(Header.prepareAt, at, true);
  view.setUint32(Header.runAt, at, true);
  view.setUint32(Header.prepareCount, entry === "prepare" ? 1 : 0, true);
  view.setUint32(Header.runCount, entry === "run" ? 1 : 0, true);
  return { program, at };
}

/** Addresses of a step moved so that what it touches ends where its region does. */
function pushed(plan: Plan, entry: "prepare" | "run", fields: Fields): Map<StepField, number> {
  const kernel = (entry === "prepare" ? packers : kernels)[fields.opcode as Opcode];
  const packedEnd = plan.program.length + plan.packedBytes;
  const end = { prepare: plan.storedAt + plan.storedBytes, run: packedEnd + plan.arenaBytes }[entry];
  const moved = new Map<StepField, number>();
  for (const { field, bytes, stride = 0 } of kernel?.spans(fields) ?? []) {
    const inWeights = field === "weights" || field === "bias" || (entry === "prepare" && field === "dst");
    const address = (inWeights ? packedEnd : end) - Math.max(fields.batch - 1, 0) * stride - bytes;
    moved.set(field, Math.floor(address / 4) * 4);
  }
  return moved;
}

/** A program of one step, whose fields are changed and put back. */
class Mutant {
  readonly program: Uint8Array;
  readonly #view: DataView;
  readonly #at: number;
  readonly #original: Uint8Array;

  constructor(plan: Plan, entry: "prepare" | "run", index: number) {
    const { program, at } = single(plan, entry, index);
    this.program = program;
    this.#at = at;
    this.#view = new DataView(program.buffer);
    this.#original = program.slice(at, at + Step.BYTES);
  }

  set(field: StepField, value: number): void {
    if (floats.has(field)) this.#view.setFloat32(this.#at + Step[field], value, true);
    else this.#view.setInt32(this.#at + Step[field], value, true);
  }

  get fields(): Fields {
    const decoded = decodeProgram(this.program);
    return [...decoded.prepare, ...decoded.run][0].fields;
  }

  reset(): void {
    this.program.set(this.#original, this.#at);
  }
}

/** Tries a mutant as it is, and with its addresses moved to the ends of their regions. */
function tryBoth(trial: Trial, plan: Plan, entry: "prepare" | "run", mutant: Mutant, what: string): void {
  const asIs = trial.try(mutant.program, what);
  let moved: Map<StepField, number>;
  try {
    moved = pushed(plan, entry, mutant.fields);
  } catch (error) {
    assert.ok(error instanceof PlanError && !asIs, what);
    return;
  }
  for (const [field, address] of moved) mutant.set(field, address);
  trial.try(mutant.program, `${what}, at the end of its region`);
}

function mutateEveryField(t: TestContext, { plan, opcodes }: Target, entry: "prepare" | "run"): void {
  const trial = new Trial(plan, entry);
  const packedAt = plan.program.length;
  const arenaAt = packedAt + plan.packedBytes;
  const ends = [0, packedAt, arenaAt, arenaAt + plan.arenaBytes, plan.storedAt, plan.storedAt + plan.storedBytes];
  const edges = ends.flatMap((end) => [-64, -16, -4, -1, 0, 1, 4, 16].map((by) => end + by));
  const { [entry]: steps } = decodeProgram(plan.program);
  steps.forEach(({ name, fields }, index) => {
    if (!opcodes.has(fields.opcode)) return;
    const mutant = new Mutant(plan, entry, index);
    tryBoth(trial, plan, entry, mutant, `${entry} step "${name}" unchanged`);
    for (const [field] of stepFields) {
      const value = fields[field];
      const near = [value - 4, value - 1, value + 1, value + 4, value * 2, Math.floor(value / 2)];
      const values = floats.has(field) ? [Number.NaN, Infinity, -Infinity, 1e38] : [...hostile, ...near];
      for (const other of new Set([...values, ...(addresses.has(field) ? edges : [])])) {
        mutant.reset();
        mutant.set(field, other);
        const what = `${entry} step "${name}" with ${field} = ${other} (was ${value})`;
        // Moved to the end, an address is no longer the changed one; but 0 for src2 means that there is none.
        if (!addresses.has(field) || (field === "src2" && value === 0 && other === 1)) tryBoth(trial, plan, entry, mutant, what);
        else trial.try(mutant.program, what);
      }
    }
  });
  trial.conclude(t);
}

function mutateSeveralFields(t: TestContext, { plan, opcodes }: Target, entry: "prepare" | "run", times: number): void {
  const trial = new Trial(plan, entry);
  const next = random(entry === "run" ? 11 : 12);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)];
  const integers = stepFields
    .map(([field]) => field)
    .filter((field) => !floats.has(field) && !addresses.has(field) && !field.startsWith("name"));
  const small = [0, 0, 1, 1, 2, 3, 4, 5, 6, 8, 9, 12, 16, 32, 64, 2 ** 16, 2 ** 31 - 1];
  const { [entry]: steps } = decodeProgram(plan.program);
  steps.forEach(({ name, fields }, index) => {
    if (!opcodes.has(fields.opcode)) return;
    const mutant = new Mutant(plan, entry, index);
    // Fields that are 0 in a step are mostly ones that its kernel does not read.
    const used = integers.filter((field) => fields[field] !== 0);
    for (let i = 0; i < times; ++i) {
      mutant.reset();
      const changes: string[] = [];
      for (let n = 2 + Math.floor(next() * 3); n > 0; --n) {
        const field = pick(next() < 0.9 ? used : integers);
        const value = next() < 0.2 ? fields[pick(used)] : pick(small);
        mutant.set(field, value);
        changes.push(`${field} = ${value}`);
      }
      tryBoth(trial, plan, entry, mutant, `${entry} step "${name}" with ${changes.join(", ")}`);
    }
  });
  trial.conclude(t);
}

/** A plan, and the opcodes whose steps are to be changed in it. */
interface Target {
  readonly name: string;
  readonly plan: Plan;
  readonly opcodes: ReadonlySet<number>;
}

function pixels() {
  const builder = new GraphBuilder("pixels");
  const x = builder.input("x", [2, 3, 5, 5]);
  return withData(builder.build({ y: builder.conv("c", x, { outChannels: 3, kernel: 3, pad: 1 }) }));
}

/** A 3×3 convolution whose weights the run transforms, where memory is small: panels of eight outputs and of four. */
function windows(): Graph {
  const builder = new GraphBuilder("windows");
  const x = builder.input("x", [1, 5, 9, 8]);
  return withData(builder.build({ y: builder.conv("c", x, { outChannels: 12, kernel: 3, pad: 1 }) }));
}

const main = compile(everyKernel());
const allOpcodes = new Set(Object.values(Opcode).filter((opcode) => typeof opcode === "number"));
const targets: readonly Target[] = [
  { name: "every kernel", plan: main, opcodes: allOpcodes },
  {
    name: "nhwc ports",
    plan: compile(pixels(), { inputLayout: "nhwc", outputLayout: "nhwc" }),
    opcodes: new Set([Opcode.readNhwc, Opcode.writeNhwc]),
  },
  {
    name: "rgba8 ports",
    plan: compile(pixels(), { inputLayout: "rgba8", outputLayout: "rgba8" }),
    opcodes: new Set([Opcode.readRgba8, Opcode.writeRgba8]),
  },
  {
    name: "rgb8 ports",
    plan: compile(pixels(), { inputLayout: "rgb8", outputLayout: "rgb8" }),
    opcodes: new Set([Opcode.readRgba8, Opcode.writeRgba8]),
  },
  { name: "small memory", plan: compile(windows(), { memory: "small" }), opcodes: new Set([Opcode.winograd]) },
];

describe("valid plans", () => {
  test("are accepted, and hold every kernel between them", () => {
    const seen = new Set<number>();
    for (const { plan } of targets) {
      const { prepare, run } = verifyProgram(plan.program);
      for (const { fields } of [...prepare, ...run]) seen.add(fields.opcode);
    }
    const unseen = [...allOpcodes].filter((opcode) => !seen.has(opcode));
    assert.deepEqual(
      unseen.map((opcode) => Opcode[opcode]),
      [],
    );
  });
  test("the sandbox notices what the verifier must prevent", () => {
    const sandbox = new Sandbox(main, "run");
    assert.equal(sandbox.run(main.program), undefined);
    const mutant = new Mutant(main, "run", 0);
    mutant.set("dst", main.program.length);
    assert.match(sandbox.run(mutant.program)!, /^writes \d+, outside/);
    mutant.set("dst", main.program.length + main.packedBytes + main.arenaBytes - 16);
    assert.match(sandbox.run(mutant.program)!, /^traps: memory access out of bounds/);
    assert.equal(sandbox.run(main.program), undefined);
  });
});

for (const target of targets) {
  describe(`hostile steps: ${target.name}`, () => {
    test("every field of run steps, one at a time", (t) => mutateEveryField(t, target, "run"));
    test("several fields of run steps", (t) => mutateSeveralFields(t, target, "run", 400));
  });
}

describe("hostile prepare steps", () => {
  test("every field, one at a time", (t) => mutateEveryField(t, targets[0], "prepare"));
  test("several fields", (t) => mutateSeveralFields(t, targets[0], "prepare", 200));
});

describe("hostile tables", () => {
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = main.program.slice();
    new DataView(bytes.buffer).setUint32(at, value, true);
    return bytes;
  };
  test("every field of the header", (t) => {
    const trial = new Trial(main, "run");
    for (const [field, at] of headerFields) {
      const value = new DataView(main.program.buffer).getUint32(at, true);
      for (const other of new Set([...hostile, value - 64, value - 4, value - 1, value + 1, value + 4, value + 64, value * 2])) {
        const what = `header ${field} = ${other} (was ${value})`;
        // With other sizes the regions lie elsewhere than in the sandbox.
        if (resized.has(at)) verify(changed(at, other >>> 0), what);
        else trial.try(changed(at, other >>> 0), what);
      }
    }
    trial.conclude(t);
  });
  test("a region one step too small for its steps", () => {
    for (const field of ["packedBytes", "arenaBytes", "storedBytes"] as const) {
      const value = new DataView(main.program.buffer).getUint32(Header[field], true);
      assert.throws(() => verifyProgram(changed(Header[field], value - 64)), PlanError, field);
    }
  });
  test("a step that packs over weights which are still needed", () => {
    const { prepare } = decodeProgram(main.program);
    const last = prepare.findLastIndex(({ fields }) => fields.src !== 0);
    assert.ok(main.storedAt < prepare[last].fields.dst, "stored weights begin within the packed ones");
    const at = new DataView(main.program.buffer).getUint32(Header.prepareAt, true) + last * Step.BYTES;
    assert.throws(() => verifyProgram(changed(at + Step.src, main.storedAt)), /writes over weights that are still needed/);
  });
  test("counts of 4 billion are refused at once", () => {
    const start = performance.now();
    for (const field of ["prepareCount", "runCount", "inputCount", "outputCount", "stringsBytes"] as const) {
      assert.throws(() => verifyProgram(changed(Header[field], 2 ** 32 - 1)), PlanError, field);
    }
    assert.ok(performance.now() - start < 100);
  });
  test("ports outside the arena", () => {
    const ioAt = new DataView(main.program.buffer).getUint32(Header.ioAt, true);
    const arenaAt = main.program.length + main.packedBytes;
    const { address, bytes } = main.inputs[0];
    for (const [field, value] of [
      ["address", arenaAt - 4],
      ["address", address + 2],
      ["address", arenaAt + main.arenaBytes - bytes + 4],
      ["address", 2 ** 32 - 4],
      ["bytes", main.arenaBytes + 4],
      ["bytes", 2 ** 32 - 1],
      ["rank", 7],
      ["name", 2 ** 31],
      ["nameBytes", 2 ** 32 - 1],
    ] as const) {
      assert.throws(() => verifyProgram(changed(ioAt + Port[field], value)), PlanError, `${field} = ${value}`);
    }
  });
  test("ports whose type, layout or dims contradict their bytes", () => {
    const ioAt = new DataView(main.program.buffer).getUint32(Header.ioAt, true);
    for (const [field, value] of [
      ["dataType", 0],
      ["dataType", 9],
      ["layout", 4],
      ["dims", 1000],
      ["dims", 0],
      ["bytes", 4],
      ["rank", 0],
    ] as const) {
      assert.throws(() => verifyProgram(changed(ioAt + Port[field], value)), PlanError, `${field} = ${value}`);
    }
  });
});

describe("damaged bytes", () => {
  test("every truncation", () => {
    for (let length = 0; length < main.program.length; length += length < 256 ? 1 : 61) {
      assert.throws(() => verifyProgram(main.program.subarray(0, length)), PlanError, `${length} bytes`);
    }
  });
  test("random bytes", () => {
    const next = random(3);
    for (let i = 0; i < 500; ++i) {
      const noise = Uint8Array.from({ length: Math.floor(next() * 2000) }, () => Math.floor(next() * 256));
      assert.throws(() => verifyProgram(noise), PlanError);
      // Behind a valid beginning, so that more than the magic is looked at.
      if (noise.length >= Header.BYTES) noise.set(main.program.subarray(0, 8 + Math.floor(next() * 56)));
      assert.throws(() => verifyProgram(noise), PlanError);
    }
  });
  for (const entry of ["prepare", "run"] as const) {
    test(`flipped bits, through ${entry}`, (t) => {
      const trial = new Trial(main, entry);
      const next = random(entry === "run" ? 4 : 5);
      const first = Header.prepareAt;
      for (let i = 0; i < 3000; ++i) {
        const bytes = main.program.slice();
        const flips: string[] = [];
        for (let n = 1 + Math.floor(next() * 3); n > 0; --n) {
          const at = first + Math.floor(next() * (bytes.length - first));
          const bit = Math.floor(next() * 8);
          bytes[at] ^= 1 << bit;
          flips.push(`byte ${at} bit ${bit}`);
        }
        const isResized = [...resized].some((at) => bytes.subarray(at, at + 4).some((byte, i) => byte !== main.program[at + i]));
        if (isResized) verify(bytes, flips.join(", "));
        else trial.try(bytes, flips.join(", "));
      }
      trial.conclude(t);
    });
  }
});

describe("arithmetic that overflows 32 bits", () => {
  /** A program of one step whose regions are as large as the header likes to claim: it is verified, never run. */
  const refused = (stepName: string, sizes: Partial<Record<"packedBytes" | "arenaBytes", number>>, fields: Partial<Fields>) => {
    const plan = compile(overflowing());
    const index = plan.steps.findIndex(({ name }) => name === stepName);
    const mutant = new Mutant(plan, "run", index);
    const view = new DataView(mutant.program.buffer);
    view.setUint32(Header.inputCount, 0, true);
    view.setUint32(Header.outputCount, 0, true);
    for (const [name, value] of Object.entries(sizes)) view.setUint32(Header[name as keyof typeof sizes], value, true);
    const packedAt = plan.program.length;
    const arenaAt = packedAt + (sizes.packedBytes ?? plan.packedBytes);
    for (const field of ["src", "dst", "scratch"] as const) mutant.set(field, arenaAt);
    mutant.set("weights", packedAt);
    mutant.set("bias", packedAt);
    for (const [field, value] of Object.entries(fields)) mutant.set(field as StepField, value);
    assert.throws(() => verifyProgram(mutant.program), PlanError);
  };
  function overflowing() {
    const builder = new GraphBuilder("overflowing");
    const x = builder.input("x", [1, 4, 8, 8]);
    const depthwise = builder.conv("depthwise", x, { outChannels: 4, kernel: 3, pad: 1, group: 4 });
    const odd = builder.conv("odd", x, { outChannels: 3, kernel: 1 });
    return withData(builder.build({ y: builder.concat("joined", [odd, depthwise]) }));
  }
  test("depthwise: dilation · (kernel − 1) beyond 2^31 makes the last inner column wrap", () =>
    refused("depthwise", { packedBytes: 2 ** 24 }, { kernelWidth: 65535, dilationWidth: 65535, kernelHeight: 1, padLeft: 8 }));
  test("copy: first channel + channels beyond 2^31 wraps to a negative channel", () =>
    refused("joined", { arenaBytes: 2 ** 31 }, { padFront: 2 ** 31 - 2, dstPitch: 1 }));
});
