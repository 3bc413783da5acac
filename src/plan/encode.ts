// Encoding and decoding of a plan's program: header, step records, ports and strings (layout: assembly/plan.ts).
import { Abi, type DataType, Header, Magic, Port, Step } from "../../assembly/plan.ts";
import { PlanError } from "../errors.ts";
import type { Fields } from "./kernels.ts";
import { align } from "./place.ts";
import type { StepField, StepRecord } from "./step.ts";

/** The header's sizes that the encoder does not compute itself. */
export interface Sizes {
  readonly packedBytes: number;
  readonly arenaBytes: number;
  readonly storedAt: number;
  readonly storedBytes: number;
  /** Parts of each run step, one a thread; 0 for none. */
  readonly parts: number;
}

export interface EncodedPort {
  readonly name: string;
  readonly dataType: DataType;
  readonly layout: number;
  readonly address: number;
  readonly bytes: number;
  readonly dims: readonly number[];
}

export interface EncodedStep {
  readonly name: string;
  readonly fields: StepRecord;
}

/** An enum's names, without those of its numbers. */
const namesOf = (record: object) => Object.keys(record).filter((name) => Number.isNaN(+name) && name !== "BYTES");
export const stepFields = namesOf(Step) as StepField[];
const headerFields = namesOf(Header) as HeaderField[];
/** Fields that are f32; all others are integers of 32 bits. */
export const floats: ReadonlySet<StepField> = new Set(["alpha", "beta", "low", "high"]);

const zeros = Object.fromEntries(stepFields.map((field) => [field, 0])) as Record<StepField, number>;

/** All fields of a record; those left out are 0. */
export const completeFields = ({ fields }: EncodedStep): Fields => ({ ...zeros, ...fields });

/** More threads than any host has to offer one model. */
export const MAX_PARTS = 64;

export type HeaderField = Exclude<keyof typeof Header, "BYTES">;

/** Names, each once, behind one another. */
class Strings {
  readonly #encoder = new TextEncoder();
  readonly #known = new Map<string, { at: number; bytes: Uint8Array }>();
  bytes = 0;

  add(text: string): { at: number; bytes: Uint8Array } {
    let entry = this.#known.get(text);
    if (entry === undefined) {
      entry = { at: this.bytes, bytes: this.#encoder.encode(text) };
      this.#known.set(text, entry);
      this.bytes += entry.bytes.length;
    }
    return entry;
  }

  write(to: Uint8Array): void {
    for (const { at, bytes } of this.#known.values()) to.set(bytes, at);
  }
}

/** Bytes of a program with these many steps and ports and these names; known before any address is. */
export function programBytes(steps: number, ports: number, names: Iterable<string>): number {
  const strings = new Strings();
  for (const name of names) strings.add(name);
  return align(Header.BYTES + steps * Step.BYTES + ports * Port.BYTES + strings.bytes);
}

/**
 * The program's bytes. A pure function of its arguments.
 * @param split the parts of all run steps, `sizes.parts` for each
 */
export function encodeProgram(
  prepare: readonly EncodedStep[],
  run: readonly EncodedStep[],
  split: readonly EncodedStep[],
  inputs: readonly EncodedPort[],
  outputs: readonly EncodedPort[],
  sizes: Sizes,
): Uint8Array {
  const ports = [...inputs, ...outputs];
  const steps = [...prepare, ...run, ...split];
  const bytes = new Uint8Array(
    programBytes(
      steps.length,
      ports.length,
      [...steps, ...ports].map(({ name }) => name),
    ),
  );
  const view = new DataView(bytes.buffer);
  const runAt = Header.BYTES + prepare.length * Step.BYTES;
  const ioAt = runAt + (run.length + split.length) * Step.BYTES;
  const stringsAt = ioAt + ports.length * Port.BYTES;
  const strings = new Strings();

  const putName = (at: number, lengthAt: number, name: string) => {
    const { at: offset, bytes: text } = strings.add(name);
    view.setUint32(at, offset, true);
    view.setUint32(lengthAt, text.length, true);
  };
  steps.forEach(({ name, fields }, i) => {
    const at = Header.BYTES + i * Step.BYTES;
    // All others are 0.
    for (const field of Object.keys(fields) as StepField[]) {
      const value = fields[field] ?? 0;
      if (floats.has(field)) view.setFloat32(at + Step[field], value, true);
      else view.setInt32(at + Step[field], value, true);
    }
    putName(at + Step.name, at + Step.nameBytes, name);
  });
  ports.forEach(({ name, dataType, layout, address, bytes: size, dims }, i) => {
    const at = ioAt + i * Port.BYTES;
    putName(at + Port.name, at + Port.nameBytes, name);
    view.setUint32(at + Port.dataType, dataType, true);
    view.setUint32(at + Port.layout, layout, true);
    view.setUint32(at + Port.address, address, true);
    view.setUint32(at + Port.bytes, size, true);
    view.setUint32(at + Port.rank, dims.length, true);
    dims.forEach((dim, axis) => {
      view.setUint32(at + Port.dims + axis * 4, dim, true);
    });
  });
  strings.write(bytes.subarray(stringsAt));
  const header: Record<HeaderField, number> = {
    magic: Magic.PLAN,
    version: Abi.VERSION,
    prepareAt: Header.BYTES,
    prepareCount: prepare.length,
    runAt,
    runCount: run.length,
    ioAt,
    inputCount: inputs.length,
    outputCount: outputs.length,
    stringsAt,
    stringsBytes: strings.bytes,
    programBytes: bytes.length,
    ...sizes,
  };
  for (const field of headerFields) view.setUint32(Header[field], header[field], true);
  return bytes;
}

export interface DecodedStep {
  readonly name: string;
  readonly fields: Fields;
}

export interface DecodedProgram {
  readonly header: Readonly<Record<HeaderField, number>>;
  readonly prepare: readonly DecodedStep[];
  readonly run: readonly DecodedStep[];
  /** The parts of each run step, as many as the header says. */
  readonly split: readonly DecodedStep[];
  readonly inputs: readonly EncodedPort[];
  readonly outputs: readonly EncodedPort[];
}

/**
 * Reads a program back.
 * @throws PlanError where the bytes are no plan of this version or a table lies outside them
 */
export function decodeProgram(bytes: Uint8Array): DecodedProgram {
  if (bytes.length < Header.BYTES) throw new PlanError(`a plan has at least ${Header.BYTES} bytes, this one has ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const header = Object.fromEntries(headerFields.map((field) => [field, view.getUint32(Header[field], true)])) as Record<
    HeaderField,
    number
  >;
  if (header.magic !== Magic.PLAN) throw new PlanError("these bytes are not a plan: they do not begin with MNWP");
  if (header.version !== Abi.VERSION) {
    throw new PlanError(
      `the plan is of version ${header.version}, this engine runs version ${Abi.VERSION}`,
      "compile the model again",
    );
  }
  if (header.programBytes > bytes.length || header.programBytes % 64 !== 0) {
    throw new PlanError(`the plan says its program has ${header.programBytes} bytes, there are ${bytes.length}`);
  }
  const table = (what: string, at: number, count: number, size: number): number[] => {
    if (at < Header.BYTES || at % 4 !== 0 || at + count * size > header.programBytes) {
      throw new PlanError(`the plan's ${what} lie outside it: ${count} of ${size} bytes at ${at}`);
    }
    return Array.from({ length: count }, (_, i) => at + i * size);
  };
  table("strings", header.stringsAt & ~3, header.stringsBytes, 1);
  const decoder = new TextDecoder();
  const nameAt = (at: number, lengthAt: number): string => {
    const offset = view.getUint32(at, true);
    const length = view.getUint32(lengthAt, true);
    if (offset + length > header.stringsBytes) throw new PlanError(`a name at ${at} lies outside the plan's strings`);
    return decoder.decode(bytes.subarray(header.stringsAt + offset, header.stringsAt + offset + length));
  };
  const step = (at: number): DecodedStep => {
    const fields = { ...zeros };
    for (const field of stepFields) {
      const word = view.getInt32(at + Step[field], true);
      if (word !== 0) fields[field] = floats.has(field) ? view.getFloat32(at + Step[field], true) : word;
    }
    return { name: nameAt(at + Step.name, at + Step.nameBytes), fields };
  };
  const port = (at: number): EncodedPort => {
    const rank = view.getUint32(at + Port.rank, true);
    if (rank > 6) throw new PlanError(`an input or output of the plan has rank ${rank}`);
    return {
      name: nameAt(at + Port.name, at + Port.nameBytes),
      dataType: view.getUint32(at + Port.dataType, true),
      layout: view.getUint32(at + Port.layout, true),
      address: view.getUint32(at + Port.address, true),
      bytes: view.getUint32(at + Port.bytes, true),
      dims: Array.from({ length: rank }, (_, axis) => view.getUint32(at + Port.dims + axis * 4, true)),
    };
  };
  if (header.parts > MAX_PARTS) throw new PlanError(`the plan is split into ${header.parts} parts, at most ${MAX_PARTS} will do`);
  const ports = table("inputs and outputs", header.ioAt, header.inputCount + header.outputCount, Port.BYTES).map(port);
  return {
    header,
    prepare: table("prepare steps", header.prepareAt, header.prepareCount, Step.BYTES).map(step),
    run: table("run steps", header.runAt, header.runCount, Step.BYTES).map(step),
    split: table("parts", header.runAt + header.runCount * Step.BYTES, header.runCount * header.parts, Step.BYTES).map(step),
    inputs: ports.slice(0, header.inputCount),
    outputs: ports.slice(header.inputCount),
  };
}
