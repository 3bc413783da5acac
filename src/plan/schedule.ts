// What threads do to each other's memory: which parts of a step may run at once, and before which steps all threads must meet.
// The compiler asks it to place the meetings, the verifier to see that none is missing.
import type { Opcode } from "../../assembly/plan.ts";
import { type Fields, kernels } from "./kernels.ts";

/** Planes `pitch` bytes apart, `plane` bytes of each, in images `stride` bytes apart. */
export interface Access {
  readonly at: number;
  readonly plane: number;
  readonly pitch: number;
  readonly planes: number;
  readonly stride: number;
  readonly images: number;
  readonly writes: boolean;
}

/** What a step touches in memory that changes during a run; weights do not. */
export function accessesOf(fields: Fields): Access[] {
  if (fields.opcode === 0) return [];
  return kernels[fields.opcode as Opcode]!.spans(fields)
    .filter(({ field }) => field !== "weights" && field !== "bias" && field !== "addends")
    .map(({ field, bytes, stride = 0, pitch = 0, plane = bytes }) => ({
      at: fields[field],
      plane,
      pitch,
      planes: pitch === 0 ? 1 : (bytes - plane) / pitch + 1,
      stride,
      images: stride === 0 ? 1 : fields.batch,
      writes: field === "dst" || field === "scratch",
    }));
}

const lengthOf = ({ plane, pitch, planes }: Access): number => (planes - 1) * pitch + plane;

/** Whether planes from `a` and planes from `b` on have a byte in common; where their pitches differ, whether they may. */
function planesMeet(a: Access, atA: number, b: Access, atB: number): boolean {
  if (atA + lengthOf(a) <= atB || atB + lengthOf(b) <= atA) return false;
  const pitch = a.planes > 1 ? a.pitch : b.pitch;
  if (pitch === 0 || (a.planes > 1 && b.planes > 1 && a.pitch !== b.pitch)) return true;
  // Plane i of a and plane j of b overlap where (i - j) · pitch is in (atB - atA - a.plane, atB - atA + b.plane).
  const apart = atB - atA;
  const least = Math.floor((apart - a.plane) / pitch) + 1;
  const most = Math.ceil((apart + b.plane) / pitch) - 1;
  return Math.max(least, 1 - b.planes) <= Math.min(most, a.planes - 1);
}

/** Pairs of images beyond which it is not looked any closer. */
const MOST_PAIRS = 4096;

/** Whether two threads that do these at once may give other results than one after the other. */
export function conflict(a: Access, b: Access): boolean {
  if (!a.writes && !b.writes) return false;
  const endA = a.at + (a.images - 1) * a.stride + lengthOf(a);
  const endB = b.at + (b.images - 1) * b.stride + lengthOf(b);
  if (endA <= b.at || endB <= a.at) return false;
  if (a.images * b.images > MOST_PAIRS) return true;
  for (let i = 0; i < a.images; ++i) {
    for (let j = 0; j < b.images; ++j) {
      if (planesMeet(a, a.at + i * a.stride, b, b.at + j * b.stride)) return true;
    }
  }
  return false;
}

/** What the threads of a plan have touched since they met the last time, step by step. */
export class Schedule {
  #since: Access[][];

  constructor(threads: number) {
    this.#since = Array.from({ length: threads }, () => []);
  }

  /** Whether the threads may run these parts of one step at once. */
  static independent(parts: readonly Fields[]): boolean {
    const accesses = parts.map(accessesOf);
    return !accesses.some((mine, i) => accesses.slice(i + 1).some((others) => meet(mine, others)));
  }

  /** Whether the threads must meet before they run these parts; and notes that they do run them. */
  needsMeeting(parts: readonly Fields[]): boolean {
    const accesses = parts.map(accessesOf);
    const needed = accesses.some((mine, i) => this.#since.some((others, j) => i !== j && meet(mine, others)));
    if (needed) this.#since = this.#since.map(() => []);
    accesses.forEach((mine, i) => {
      this.#since[i].push(...mine);
    });
    return needed;
  }

  /** Notes that they meet. */
  meet(): void {
    this.#since = this.#since.map(() => []);
  }
}

const meet = (mine: readonly Access[], others: readonly Access[]): boolean =>
  mine.some((a) => others.some((b) => conflict(a, b)));
