// The largest error of a result, relative to the largest expected magnitude.

export class Worst {
  error: f64 = 0;
  largest: f64 = 0;

  compare(actual: f64, expected: f64): void {
    const error = abs(actual - expected);
    // NaN compares false, and must not pass.
    if (!(error <= this.error)) this.error = isFinite(error) ? error : Infinity;
    this.largest = max(this.largest, abs(expected));
  }

  relative(): f64 {
    return this.largest > 0 ? this.error / this.largest : this.error;
  }
}

/** Checks that no error was larger than what float32 sums of a few hundred products make. */
export function expectClose(worst: Worst, what: string, tolerance: f64 = 1e-6): void {
  expect<f64>(worst.relative()).toBeLessThan(tolerance, what);
}

/** Checks that every value was exactly as expected. */
export function expectExact(worst: Worst, what: string): void {
  expect<f64>(worst.error).toBe(0, what);
}

/** Numbers in a message: 3,7,7. */
export function list(numbers: StaticArray<i32>): string {
  return numbers.join(",");
}
