// Numbers about lists of times, and about how far two results are apart.

/** What is told of a list of times. */
export interface Spread {
  readonly median: number;
  /** A tenth of the times are below it. */
  readonly p10: number;
  /** A tenth of the times are above it. */
  readonly p90: number;
  /** The fastest: on a machine that others use too, the nearest to what the work itself takes. */
  readonly least: number;
}

/** @param times at least one */
export function spreadOf(times: readonly number[]): Spread {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p10: quantile(sorted, 0.1), p90: quantile(sorted, 0.9), least: sorted[0] };
}

/** Between two neighbours by linear interpolation. */
function quantile(sorted: readonly number[], part: number): number {
  const position = part * (sorted.length - 1);
  const below = Math.floor(position);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (sorted[above] - sorted[below]) * (position - below);
}

/** The largest difference, relative to the largest expected magnitude; infinite where a number is missing or none. */
export function largestDifference(actual: Float32Array, expected: Float32Array): number {
  if (actual.length !== expected.length) return Infinity;
  let difference = 0;
  let magnitude = 0;
  for (let i = 0; i < expected.length; ++i) {
    const apart = Math.abs(actual[i] - expected[i]);
    if (!(apart < Infinity)) return Infinity;
    if (apart > difference) difference = apart;
    if (Math.abs(expected[i]) > magnitude) magnitude = Math.abs(expected[i]);
  }
  return magnitude === 0 ? difference : difference / magnitude;
}
