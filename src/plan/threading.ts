// Plans for several threads: the parts of each step, before which steps all threads meet, and whether a program has that right. A
// module of its own, which is loaded where there are to be threads: most pages never need it.
import { OptionError, PlanError } from "../errors.ts";
import { completeFields, type DecodedProgram, type EncodedStep, MAX_PARTS } from "./encode.ts";
import { align } from "./place.ts";
import { Schedule } from "./schedule.ts";
import { splitStep } from "./split.ts";
import type { LoweredStep, Part } from "./step.ts";

/** The record of a step, or of a part of it, whose scratch begins at that address. */
type RecordOf = (step: LoweredStep, scratchAt: number, part?: Part) => EncodedStep;

export class Threading {
  readonly threads: number;
  readonly #leastSaving: number | undefined;

  /**
   * @param leastSaving vector operations that splitting a step must save; for tests, which split what is tiny
   * @throws OptionError where there cannot be so many
   */
  constructor(threads: number, leastSaving?: number) {
    if (!Number.isInteger(threads) || threads < 2 || threads > MAX_PARTS) {
      throw new OptionError(`threads must be a whole number in 2…${MAX_PARTS} here, got ${threads}`);
    }
    this.threads = threads;
    this.#leastSaving = leastSaving;
  }

  /** The step with its parts, where it is worth splitting. */
  split(step: LoweredStep): LoweredStep {
    return { ...step, parts: splitStep(step, this.threads, this.#leastSaving) };
  }

  /** Records of all steps for each of the threads, once places have addresses: those of one step follow each other. */
  encode(steps: readonly LoweredStep[], scratchOf: (step: number) => number, recordOf: RecordOf): EncodedStep[] {
    const schedule = new Schedule(this.threads);
    return steps.flatMap((step, i) => {
      const parts = this.#parts(step, scratchOf(i), recordOf);
      const sync = schedule.needsMeeting(parts.map(completeFields)) ? 1 : 0;
      return parts.map(({ name, fields }) => ({ name, fields: { ...fields, sync } }));
    });
  }

  /** Those of threads that have nothing to do are empty. */
  #parts(step: LoweredStep, scratchAt: number, recordOf: RecordOf): EncodedStep[] {
    const idle: EncodedStep = { name: step.name, fields: {} };
    const filled = (some: EncodedStep[]) => Array.from({ length: this.threads }, (_, thread) => some[thread] ?? idle);
    let at = scratchAt;
    const parts = step.parts?.map((part) => {
      const encoded = recordOf(step, at, part);
      at += align(part.scratchBytes);
      return encoded;
    });
    // Where a result took over a source's memory, parts may read what others write.
    if (parts !== undefined && Schedule.independent(parts.map(completeFields))) return filled(parts);
    return filled([recordOf(step, scratchAt)]);
  }
}

/**
 * Checks the parts of a program: threads must neither write what another reads or writes at the same time, nor wait for one that does
 * not come.
 * @throws PlanError at the first that do
 */
export function verifyThreads({ header, split }: DecodedProgram): void {
  const schedule = new Schedule(header.parts);
  for (let i = 0; i < split.length; i += header.parts) {
    const steps = split.slice(i, i + header.parts);
    const parts = steps.map(({ fields }) => fields);
    const { sync } = parts[0];
    const fail = (why: string) => new PlanError(`step "${steps[0].name}": ${why}`);
    if (parts.some((part) => part.sync !== sync)) throw fail("some of its threads would wait for others that do not");
    if (!Schedule.independent(parts)) throw fail("its threads would write over each other");
    if (sync !== 0) schedule.meet();
    if (schedule.needsMeeting(parts)) throw fail("it would begin before other threads have done what it needs");
  }
}
