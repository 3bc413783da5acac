// The plan verifier. A plan may come from a file that someone else made: before it first runs, every opcode must be
// known, every step's fields consistent, and every byte that a kernel would touch inside the region meant for it.
import { DataType, Layout, Opcode } from "../../assembly/plan.ts";
import { PlanError } from "../errors.ts";
import { elementCount, formatDims } from "../tensor.ts";
import { type DecodedProgram, type DecodedStep, decodeProgram, floats, stepFields } from "./encode.ts";
import { type Fields, type Kernel, kernels, MAX_FIELD, type Span } from "./kernels.ts";
import { packers } from "./packers.ts";
import type { StepField } from "./step.ts";

/** Bytes [from, to) from the plan's first byte. */
interface Region {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** Fields that may be negative, as a Pad's pads, or are no signed integers, as addresses. */
const free: ReadonlySet<StepField> = new Set([
  ...floats,
  ...(["src", "src2", "dst", "weights", "bias", "scratch", "factors", "addends"] as const),
  ...(["padTop", "padLeft", "padBottom", "padRight", "padFront"] as const),
]);

/** Sizes, counts and kinds. */
const natural = stepFields.filter((field) => !free.has(field));

const elementSizes: ReadonlyMap<number, number> = new Map([
  [DataType.float32, 4],
  [DataType.uint8, 1],
]);

/** The addresses [from, to) between which a kernel touches memory. */
function extentOf(fields: Fields, { field, bytes, stride = 0 }: Span): [from: number, to: number] {
  const from = fields[field] >>> 0;
  return [from, from + Math.max(fields.batch - 1, 0) * stride + bytes];
}

function checkStep(step: DecodedStep, kernel: Kernel, regionsOf: (span: Span) => readonly Region[]): void {
  const { fields } = step;
  const fail = (why: string) => new PlanError(`step "${step.name}" (${kernel.name}): ${why}`);
  for (const field of natural) {
    if (fields[field] < 0 || fields[field] > MAX_FIELD) throw fail(`${field} is ${fields[field]}`);
  }
  const complaint = kernel.complaint?.(fields);
  if (complaint !== undefined) throw fail(complaint);
  for (const span of kernel.spans(fields)) {
    const [from, to] = extentOf(fields, span);
    const regions = regionsOf(span);
    if (!(span.bytes > 0) || !regions.some((region) => region.from <= from && to <= region.to)) {
      const bounds = regions.map((region) => `${region.name} [${region.from}, ${region.to})`).join(" or ");
      throw fail(`${span.field} [${from}, ${to}) is not inside the ${bounds}`);
    }
    if (from % 4 !== 0) throw fail(`${span.field} at ${from} is not aligned`);
    const { bytes, stride = 0, pitch = 0, plane = bytes } = span;
    // Images may lie between each other's planes.
    const apart = stride >= bytes || (stride >= plane && fields.batch * stride <= pitch);
    if (span.field === "dst" && fields.batch > 1 && !apart) throw fail("the images of its batch lie over each other");
  }
}

function counts(fields: Fields): boolean {
  return [
    fields.batch,
    fields.dstChannels,
    fields.dstHeight,
    fields.dstWidth,
    fields.channels,
    fields.height,
    fields.width,
  ].every((n) => n >= 1);
}

/** No step may pack over what it or a later one reads. */
function checkOrder(prepare: readonly DecodedStep[]): void {
  let read = Number.POSITIVE_INFINITY;
  for (let i = prepare.length - 1; i >= 0; --i) {
    const { name, fields } = prepare[i];
    const spans = packers[fields.opcode as Opcode]!.spans(fields);
    const written = spans.filter(({ field }) => field === "dst");
    for (const span of spans) if (!written.includes(span)) read = Math.min(read, extentOf(fields, span)[0]);
    if (written.some((span) => extentOf(fields, span)[1] > read)) {
      throw new PlanError(`prepare step "${name}" writes over weights that are still needed`);
    }
  }
}

/**
 * Checks a program, but for what threads do to each other (`verifyThreads`).
 * @returns the decoded program
 * @throws PlanError at the first thing that is wrong
 */
export function verifyProgram(bytes: Uint8Array): DecodedProgram {
  const program = decodeProgram(bytes);
  const { programBytes, packedBytes, arenaBytes, storedAt, storedBytes } = program.header;
  const arenaAt = programBytes + packedBytes;
  const packed = { name: "packed weights", from: programBytes, to: arenaAt };
  const arena = { name: "arena", from: arenaAt, to: arenaAt + arenaBytes };
  const stored = { name: "stored weights", from: storedAt, to: storedAt + storedBytes };
  if (Math.max(arena.to, stored.to) >= 2 ** 32) throw new PlanError("the plan needs more than 4 GiB");
  for (const step of program.prepare) {
    const kernel = packers[step.fields.opcode as Opcode];
    if (kernel === undefined) throw new PlanError(`prepare step "${step.name}" has unknown opcode ${step.fields.opcode}`);
    checkStep(step, kernel, ({ field }) => [field === "dst" ? packed : stored]);
  }
  checkOrder(program.prepare);
  // Threads that have no part of a step have an empty one.
  for (const step of [...program.run, ...program.split.filter(({ fields }) => fields.opcode !== 0)]) {
    const kernel = kernels[step.fields.opcode as Opcode];
    if (kernel === undefined) throw new PlanError(`step "${step.name}" has unknown opcode ${step.fields.opcode}`);
    if (!counts(step.fields) && step.fields.opcode !== Opcode.binary) {
      throw new PlanError(`step "${step.name}" (${kernel.name}) has an empty source or destination`);
    }
    checkStep(step, kernel, ({ field }) => {
      if (field === "weights" || field === "bias" || field === "addends") return [packed];
      return field === "dst" || field === "scratch" ? [arena] : [arena, packed];
    });
  }
  for (const port of [...program.inputs, ...program.outputs]) {
    const elementBytes = elementSizes.get(port.dataType);
    if (elementBytes === undefined) throw new PlanError(`"${port.name}" has the unknown element type ${port.dataType}`);
    if (!Object.values(Layout).includes(port.layout)) throw new PlanError(`"${port.name}" has the unknown layout ${port.layout}`);
    if (elementCount(port.dims) * elementBytes !== port.bytes || port.bytes === 0) {
      throw new PlanError(`"${port.name}" ${formatDims(port.dims)} does not have ${port.bytes} bytes`);
    }
    if (port.address < arena.from || port.address + port.bytes > arena.to || port.address % 4 !== 0) {
      throw new PlanError(`"${port.name}" [${port.address}, ${port.address + port.bytes}) is not inside the arena`);
    }
  }
  return program;
}
