// What the reference operators work on: a float64 array with dims, in row-major order (NCHW for images).
import { elementCount, type Tensor } from "../../src/tensor.ts";

export interface Value {
  readonly data: Float64Array;
  readonly dims: readonly number[];
}

/** A value of zeros. */
export function zeros(dims: readonly number[]): Value {
  return { data: new Float64Array(elementCount(dims)), dims };
}

/** The same numbers in float64. */
export function toValue({ data, dims }: Pick<Tensor, "data" | "dims">): Value {
  return { data: Float64Array.from(data as ArrayLike<number | bigint>, Number), dims };
}

/** A value from numbers written out, for tests. */
export function value(dims: readonly number[], numbers: readonly number[]): Value {
  if (numbers.length !== elementCount(dims)) throw new RangeError(`[${dims}] does not hold ${numbers.length} numbers`);
  return { data: Float64Array.from(numbers), dims };
}

/** Applies a function to every element. */
export function map(x: Value, f: (element: number) => number): Value {
  return { data: x.data.map(f), dims: x.dims };
}

/** A position in dims for each element in turn: [0,0], [0,1], … */
export function* positions(dims: readonly number[]): Generator<number[]> {
  const position = dims.map(() => 0);
  for (let count = elementCount(dims); count > 0; --count) {
    yield position;
    for (let axis = dims.length - 1; axis >= 0 && ++position[axis] === dims[axis]; --axis) position[axis] = 0;
  }
}

/** Where in the data the element at a position lies. */
export function indexOf(dims: readonly number[], position: readonly number[]): number {
  return position.reduce((index, p, axis) => index * dims[axis] + p, 0);
}
