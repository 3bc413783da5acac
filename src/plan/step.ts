// A step on its way from an operator to the plan's bytes.
import type { Opcode, Step } from "../../assembly/plan.ts";
import { completeFields } from "./encode.ts";
import type { Fields } from "./kernels.ts";
import type { Packed } from "./pack.ts";
import type { Place } from "./place.ts";

export type StepField = Exclude<keyof typeof Step, "BYTES">;

/** Values of a step record's fields; those left out are 0. */
export type StepRecord = Partial<Record<StepField, number>>;

/** What one thread does of a step that is split for several. */
export interface Part {
  /** The fields in which it differs from the whole step. */
  readonly fields: StepRecord;
  /** Where its operands begin, in bytes from where the whole step's do. */
  readonly offsets: Readonly<Partial<Record<"src" | "src2" | "dst" | "weights" | "bias", number>>>;
  readonly firstImage: number;
  readonly scratchBytes: number;
}

/** A kernel call whose operands are still places: addresses come with the memory plan. */
export interface LoweredStep {
  readonly name: string;
  /** The operator it carries out, and what was fused into it, for people. */
  readonly operator: string;
  readonly fused: string;
  readonly opcode: Opcode;
  readonly src: Place;
  readonly src2?: Place;
  readonly dst: Place;
  readonly weights?: Packed;
  readonly bias?: Packed;
  /** What it multiplies and adds to the channels of its source. */
  readonly factors?: Place;
  readonly addends?: Packed;
  /** Memory that only this step needs. */
  readonly scratchBytes: number;
  readonly fields: StepRecord;
  /** Of convolutions and fully connected layers, as the operator defines them. */
  readonly multiplyAdds: number;
  /** Sources whose memory dst may take over, if nothing needs them later. */
  readonly inPlace: readonly Place[];
  /** For several threads, where it is worth their while. */
  readonly parts?: readonly Part[];
}

/** All fields of a step before it has addresses: of operands and scratch only those that there are differ from 0. */
export function fieldsOf({ name, opcode, fields, scratchBytes, src2, factors, addends }: LoweredStep): Fields {
  const present = (operand: unknown) => (operand === undefined ? 0 : 1);
  const operands = { src2: present(src2), factors: present(factors), addends: present(addends) };
  return completeFields({ name, fields: { ...fields, opcode, scratch: scratchBytes, ...operands } });
}
