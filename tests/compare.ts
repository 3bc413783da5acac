// Compares tensors. An error counts relative to the largest magnitude among the expected values, since a sum of large
// products that happens to end near zero cannot be exact to many digits.
import assert from "node:assert/strict";
import { formatDims } from "../src/tensor.ts";

/** Numbers with dims: a Tensor, or a value of the reference. */
export interface Comparable {
  readonly data: ArrayLike<number | bigint>;
  readonly dims: readonly number[];
}

export interface Tolerance {
  /** The largest error allowed, as a part of the largest expected magnitude. */
  readonly relative: number;
  /** All that is needed to run the failing case again: names, dims, attributes, seed. */
  readonly what: string | object;
}

export interface Difference {
  /** The largest error, relative to the largest expected magnitude (absolute where all expected values are 0). */
  readonly relative: number;
  /** Where it is. */
  readonly index: number;
}

/** The largest error. A NaN or an infinity that is not expected, or is missing, is an infinite error. */
export function difference(actual: ArrayLike<number | bigint>, expected: ArrayLike<number | bigint>): Difference {
  let largest = 0;
  for (let i = 0; i < expected.length; ++i) {
    const magnitude = Math.abs(Number(expected[i]));
    if (magnitude > largest && magnitude < Infinity) largest = magnitude;
  }
  let worst = 0;
  let index = 0;
  for (let i = 0; i < expected.length; ++i) {
    const [a, e] = [Number(actual[i]), Number(expected[i])];
    if (Object.is(a, e)) continue;
    const error = Math.abs(a - e);
    const finite = Number.isFinite(error) ? error : Infinity;
    if (finite > worst) {
      worst = finite;
      index = i;
    }
  }
  return { relative: largest === 0 ? worst : worst / largest, index };
}

/** Which position of a tensor an index is: [n,c,y,x]. */
function positionOf(index: number, dims: readonly number[]): number[] {
  return dims.map((dim, axis) => {
    const after = dims.slice(axis + 1).reduce((a, b) => a * b, 1);
    return Math.floor(index / after) % dim;
  });
}

/**
 * Asserts that dims are equal and values close.
 * @throws AssertionError with `what`, the largest error, where it is, and both values there
 */
export function assertClose(actual: Comparable, expected: Comparable, { relative, what }: Tolerance): void {
  const name = typeof what === "string" ? what : JSON.stringify(what);
  assert.equal(formatDims(actual.dims), formatDims(expected.dims), `${name}: dims differ`);
  assert.equal(actual.data.length, expected.data.length, `${name}: number of elements differs`);
  const worst = difference(actual.data, expected.data);
  if (worst.relative <= relative) return;
  const { index } = worst;
  assert.fail(
    `${name}: element ${index} at ${formatDims(positionOf(index, expected.dims))} of ${formatDims(expected.dims)} is ` +
      `${actual.data[index]}, expected ${expected.data[index]}: relative error ${worst.relative.toExponential(2)} > ${relative}`,
  );
}
