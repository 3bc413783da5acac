// Times several contenders in turn, A B C A B C: what the machine does meanwhile then hits all of them alike.

export interface Timing {
  /** Milliseconds that each contender runs before the first round: engines start in a slow compiler's code. */
  readonly warmUp: number;
  /** Milliseconds that the rounds should take together. */
  readonly budget: number;
  readonly minRounds: number;
  readonly maxRounds: number;
}

/** How models are timed: at least 20 rounds, unless a single one takes more than a second and a half. */
export const thorough: Timing = { warmUp: 600, budget: 15_000, minRounds: 10, maxRounds: 60 };
export const enoughRounds = 20;
/** Says whether everything works; the times mean little. */
export const quick: Timing = { warmUp: 1, budget: 1, minRounds: 3, maxRounds: 3 };

/**
 * @param runs one a contender
 * @param onRound told after each round how many are done, of how many
 * @returns milliseconds, by contender and round
 */
export async function interleave(
  runs: readonly (() => unknown)[],
  timing: Timing,
  onRound: (done: number, of: number) => void = () => {},
): Promise<number[][]> {
  let round = 0;
  for (const run of runs) round += await warmUp(run, timing.warmUp);
  const rounds = roundsOf(round, timing);
  const times = runs.map((): number[] => []);
  for (let n = 1; n <= rounds; ++n) {
    for (const [i, run] of runs.entries()) times[i].push(await timeOf(run));
    onRound(n, rounds);
  }
  return times;
}

/** How many rounds, where one takes so many milliseconds. */
export function roundsOf(round: number, { budget, minRounds, maxRounds }: Timing): number {
  const fitting = Math.floor(budget / round);
  // A giant may take twice the budget, so that its medians are of as many rounds as others' are.
  const wanted = fitting < enoughRounds && 2 * budget >= enoughRounds * round ? enoughRounds : fitting;
  return Math.min(maxRounds, Math.max(minRounds, wanted));
}

/** Gives the last run's milliseconds. */
async function warmUp(run: () => unknown, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds;
  let last: number;
  do last = await timeOf(run);
  while (performance.now() < end);
  return last;
}

async function timeOf(run: () => unknown): Promise<number> {
  const start = performance.now();
  await run();
  return performance.now() - start;
}
