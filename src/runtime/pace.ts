// Whether the next run of a model should use its threads. Where another process has their cores, threads wait for each other longer
// than they save, and a run on one thread alone is faster: the plan's whole steps, with the same bits.
//
// Two early runs are alone, to be timed, and then one now and then, ever further apart: what it takes changes with what else the
// machine does. Where two runs with threads in a row were slower, so are the next few alone, and after each failed attempt twice
// as many.

/** By then the engine's code is compiled by the optimising compiler. */
const WARM = 8;
const TIMED_ALONE = 2;
/** Runs with threads until one is timed alone again. */
const LEAST_INTERVAL = 32;
const MOST_INTERVAL = 512;
/** Threads are worth it where a run takes less than this part of a run alone. */
const WORTH = 0.95;
/** How many runs in a row are slow by accident at most. */
const ACCIDENTS = 1;
const LEAST_REST = 8;
const MOST_REST = 128;

export class Pace {
  #runs = 0;
  #alone = Number.POSITIVE_INFINITY;
  /** Runs with threads since one was timed alone. */
  #together = 0;
  #interval = LEAST_INTERVAL;
  #slow = 0;
  #left = 0;
  #rest = LEAST_REST;

  /** Whether the next run should be alone. */
  get isAlone(): boolean {
    return this.#left > 0 || this.#isEarly || this.#isDue;
  }

  get #isEarly(): boolean {
    return this.#runs >= WARM && this.#runs < WARM + TIMED_ALONE;
  }

  get #isDue(): boolean {
    return this.#together >= this.#interval;
  }

  /** Takes note of the run that `isAlone` was asked about. */
  record(ms: number): void {
    if (this.isAlone) {
      // Of the early ones, the faster.
      this.#alone = this.#isEarly ? Math.min(this.#alone, ms) : ms;
      if (this.#isDue) this.#interval = Math.min(2 * this.#interval, MOST_INTERVAL);
      if (this.#left > 0) --this.#left;
      this.#together = 0;
    } else if (ms <= WORTH * this.#alone) {
      ++this.#together;
      this.#slow = 0;
      this.#rest = LEAST_REST;
    } else if (this.#alone < Number.POSITIVE_INFINITY && ++this.#slow > ACCIDENTS) {
      this.#left = this.#rest;
      this.#rest = Math.min(2 * this.#rest, MOST_REST);
      this.#interval = LEAST_INTERVAL;
    }
    ++this.#runs;
  }
}
