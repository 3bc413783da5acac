// The memory planner: gives every place in the arena an address, so that places alive at the same time never overlap.
//
// Greedy by size: the largest place first, each at the lowest address that is free while it lives. Before that, a step
// that may work in place takes over its source's memory where nothing needs the source later.
import { align, type Place } from "./place.ts";
import type { LoweredStep } from "./step.ts";

/** A stretch of the arena and the steps (first and last, inclusive) during which it is taken. */
export interface Allocation {
  readonly name: string;
  readonly offset: number;
  readonly bytes: number;
  readonly first: number;
  readonly last: number;
}

export interface MemoryPlan {
  readonly arenaBytes: number;
  /** The most that is alive at any one step: no arena can be smaller without another order of steps. */
  readonly lowerBound: number;
  readonly allocations: readonly Allocation[];
  /** Offset in the arena of each step's scratch; 0 where it needs none. */
  readonly scratch: readonly number[];
}

interface Lifetime {
  first: number;
  last: number;
}

interface Request extends Lifetime {
  name: string;
  bytes: number;
  place(offset: number): void;
}

/** First and last step at which each place that owns memory is used, views included. */
function lifetimes(steps: readonly LoweredStep[], always: readonly Place[], untilEnd: readonly Place[]): Map<Place, Lifetime> {
  const lives = new Map<Place, Lifetime>();
  const use = (place: Place, step: number) => {
    const owner = place.root.place;
    if (owner.constant) return;
    const life = lives.get(owner);
    if (life === undefined) lives.set(owner, { first: step, last: step });
    else {
      life.first = Math.min(life.first, step);
      life.last = Math.max(life.last, step);
    }
  };
  steps.forEach((step, i) => {
    for (const place of [step.src, step.src2, step.factors, step.dst]) if (place !== undefined) use(place, i);
  });
  for (const place of always) use(place, 0);
  for (const place of [...always, ...untilEnd]) use(place, steps.length);
  return lives;
}

/** Lets results take over the memory of sources that die where they are made. */
function shareInPlace(steps: readonly LoweredStep[], always: readonly Place[], untilEnd: readonly Place[]): void {
  const lives = lifetimes(steps, always, untilEnd);
  steps.forEach((step, i) => {
    if (step.dst.view !== undefined) return;
    for (const source of step.inPlace) {
      const owner = source.root.place;
      const life = lives.get(owner);
      if (owner === step.dst || life === undefined || life.last !== i) continue;
      // Another operand in the same memory (x + conv(x), two slices of one tensor) may still be read elsewhere.
      const others = [step.src, step.src2, step.factors].filter((place) => place?.root.place === owner);
      if (others.length > 1) continue;
      const taker = lives.get(step.dst)!;
      step.dst.view = { of: source, offset: 0 };
      lives.set(owner, { first: Math.min(life.first, taker.first), last: taker.last });
      return;
    }
  });
}

/**
 * @param always places that keep their contents from run to run (inputs)
 * @param untilEnd places that are read after the last step (outputs)
 * @param arenaAt where the arena begins, from the plan's first byte
 */
export function planMemory(
  steps: readonly LoweredStep[],
  always: readonly Place[],
  untilEnd: readonly Place[],
): { plan: MemoryPlan; settle(arenaAt: number): void } {
  shareInPlace(steps, always, untilEnd);
  const offsets = new Map<Place, number>();
  const scratch = new Array<number>(steps.length).fill(0);
  const requests: Request[] = [];
  for (const [place, { first, last }] of lifetimes(steps, always, untilEnd)) {
    requests.push({ name: place.name, bytes: align(place.bytes), first, last, place: (offset) => offsets.set(place, offset) });
  }
  steps.forEach(({ name, scratchBytes, parts = [] }, i) => {
    const bytes = Math.max(
      align(scratchBytes),
      parts.reduce((sum, part) => sum + align(part.scratchBytes), 0),
    );
    if (bytes === 0) return;
    requests.push({ name: `${name} (scratch)`, bytes, first: i, last: i, place: (offset) => (scratch[i] = offset) });
  });

  // Ties are broken by name and time, so that a plan is a pure function of its graph.
  requests.sort((a, b) => b.bytes - a.bytes || a.first - b.first || (a.name < b.name ? -1 : 1));
  const allocations: Allocation[] = [];
  let arenaBytes = 0;
  for (const request of requests) {
    const { name, bytes, first, last } = request;
    const neighbours = allocations
      .filter((other) => other.first <= last && first <= other.last)
      .sort((a, b) => a.offset - b.offset);
    let offset = 0;
    for (const other of neighbours) {
      if (other.offset - offset >= bytes) break;
      offset = Math.max(offset, other.offset + other.bytes);
    }
    allocations.push({ name, offset, bytes, first, last });
    request.place(offset);
    arenaBytes = Math.max(arenaBytes, offset + bytes);
  }

  let lowerBound = 0;
  for (let i = 0; i <= steps.length; ++i) {
    const alive = allocations.filter(({ first, last }) => first <= i && i <= last);
    lowerBound = Math.max(
      lowerBound,
      alive.reduce((sum, { bytes }) => sum + bytes, 0),
    );
  }
  return {
    plan: { arenaBytes, lowerBound, allocations, scratch },
    settle(arenaAt) {
      for (const [place, offset] of offsets) place.address = arenaAt + offset;
    },
  };
}
