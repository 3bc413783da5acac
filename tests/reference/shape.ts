// Reference operators that move elements without computing anything: concat, slice, pad, transpose, channel shuffle, flatten,
// reshape.
import type { Attributes, PadAttributes, SliceAttributes } from "../../src/graph/operators.ts";
import { elementCount } from "../../src/tensor.ts";
import { indexOf, positions, type Value, zeros } from "./value.ts";

/** Joins values that differ only in size along the axis. */
export function concat(values: readonly Value[], { axis }: { readonly axis: number }): Value {
  const size = values.reduce((total, { dims }) => total + dims[axis], 0);
  const out = zeros(values[0].dims.with(axis, size));
  let start = 0;
  for (const { data, dims } of values) {
    let at = 0;
    for (const position of positions(dims)) {
      out.data[indexOf(out.dims, position.with(axis, start + position[axis]))] = data[at++];
    }
    start += dims[axis];
  }
  return out;
}

/** Every step-th element from start to end (exclusive), on each axis. */
export function slice(x: Value, { starts, ends, steps }: SliceAttributes): Value {
  const out = zeros(x.dims.map((_, axis) => Math.ceil((ends[axis] - starts[axis]) / steps[axis])));
  let at = 0;
  for (const position of positions(out.dims)) {
    const from = position.map((p, axis) => starts[axis] + p * steps[axis]);
    out.data[at++] = x.data[indexOf(x.dims, from)];
  }
  return out;
}

/** Elements of a constant value before and after, on each axis; a negative number takes elements away. */
export function pad(x: Value, { before, after, value }: PadAttributes): Value {
  const out = zeros(x.dims.map((dim, axis) => before[axis] + dim + after[axis]));
  let at = 0;
  for (const position of positions(out.dims)) {
    const from = position.map((p, axis) => p - before[axis]);
    const inside = from.every((p, axis) => p >= 0 && p < x.dims[axis]);
    out.data[at++] = inside ? x.data[indexOf(x.dims, from)] : value;
  }
  return out;
}

/** Axis i of the result is axis perm[i] of x. */
export function transpose(x: Value, { perm }: { readonly perm: readonly number[] }): Value {
  const out = zeros(perm.map((axis) => x.dims[axis]));
  let at = 0;
  for (const position of positions(out.dims)) {
    const from = x.dims.map((_, axis) => position[perm.indexOf(axis)]);
    out.data[at++] = x.data[indexOf(x.dims, from)];
  }
  return out;
}

/** [N,g,C/g,H,W] with the two middle axes exchanged, and a range of its channels. */
export function channelShuffle(x: Value, { group, range }: Attributes["ChannelShuffle"]): Value {
  const [n, c, h, w] = x.dims;
  const exchanged = transpose(reshape(x, { dims: [n, group, c / group, h, w] }), { perm: [0, 2, 1, 3, 4] });
  const [start, end] = range ?? [0, c];
  return slice(reshape(exchanged, { dims: x.dims }), { starts: [0, start, 0, 0], ends: [n, end, h, w], steps: [1, 1, 1, 1] });
}

/** Two dims: those before the axis multiplied, and the rest. */
export function flatten(x: Value, { axis }: { readonly axis: number }): Value {
  return { data: x.data, dims: [elementCount(x.dims.slice(0, axis)), elementCount(x.dims.slice(axis))] };
}

/** The same elements in the same order under other dims. */
export function reshape(x: Value, { dims }: { readonly dims: readonly number[] }): Value {
  return { data: x.data, dims };
}
