// Reference softmax along one axis: exp(x) / Σ exp(x), and its logarithm, x − log Σ exp(x).
import { elementCount } from "../../src/tensor.ts";
import { type Value, zeros } from "./value.ts";

/** Calls `line` with the elements of each line along the axis, and stores what it returns in their place. */
function alongAxis(x: Value, axis: number, line: (elements: readonly number[]) => readonly number[]): Value {
  const out = zeros(x.dims);
  const length = x.dims[axis];
  const before = elementCount(x.dims.slice(0, axis));
  const after = elementCount(x.dims.slice(axis + 1));
  for (let i = 0; i < before; ++i) {
    for (let j = 0; j < after; ++j) {
      const indices = Array.from({ length }, (_, k) => (i * length + k) * after + j);
      const results = line(indices.map((index) => x.data[index]));
      indices.forEach((index, k) => {
        out.data[index] = results[k];
      });
    }
  }
  return out;
}

/** log Σ exp, without overflow. */
function logSumExp(elements: readonly number[]): number {
  const max = elements.reduce((a, b) => Math.max(a, b));
  return max + Math.log(elements.reduce((total, element) => total + Math.exp(element - max), 0));
}

export function softmax(x: Value, { axis }: { readonly axis: number }): Value {
  return alongAxis(x, axis, (elements) => {
    const total = logSumExp(elements);
    return elements.map((element) => Math.exp(element - total));
  });
}

export function logSoftmax(x: Value, { axis }: { readonly axis: number }): Value {
  return alongAxis(x, axis, (elements) => {
    const total = logSumExp(elements);
    return elements.map((element) => element - total);
  });
}
