// Whether the next run of a model should use its threads. Where another process has their cores, threads wait for each other longer
// than they save, and a run on one thread alone is faster: the plan's whole steps, with the same bits.
//
// A run alone is timed twice, early. From then on only runs with threads are compared with it, so that a machine with free cores
// never goes alone again; and where two in a row were slower, so are the next few, and after each failed attempt twice as many.

/** By then the engine's code is compiled by the optimising compiler. */
const WARM = 8;
const TIMED_ALONE = 2;
/** Threads are worth it where a run takes less than this part of a run alone. */
const WORTH = 0.95;
/** How many runs in a row are slow by accident at most. */
const ACCIDENTS = 1;
const LEAST_REST = 8;
const MOST_REST = 128;

export class Pace {
  #runs = 0;
  #alone = Number.POSITIVE_INFINITY;
  #slow = 0;
  #left = 0;
  #rest = LEAST_REST;

  /** Whether the next run should be alone. */
  get isAlone(): boolean {
    return this.#left > 0 || (this.#runs >= WARM && this.#runs < WARM + TIMED_ALONE);
  }

  /** Takes note of the run that `isAlone` was asked about. */
  record(ms: number): void {
    if (this.isAlone) {
      // What it takes now, if it is alone because threads are slow; of the first, the faster.
      this.#alone = this.#left > 0 ? ms : Math.min(this.#alone, ms);
      if (this.#left > 0) --this.#left;
    } else if (ms <= WORTH * this.#alone) {
      this.#slow = 0;
      this.#rest = LEAST_REST;
    } else if (this.#alone < Number.POSITIVE_INFINITY && ++this.#slow > ACCIDENTS) {
      this.#left = this.#rest;
      this.#rest = Math.min(2 * this.#rest, MOST_REST);
    }
    ++this.#runs;
  }
}
