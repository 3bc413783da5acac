// The dims that operators which only rearrange dims ask for, from attributes or from inputs as the opset has it. Used
// where such a node becomes part of the graph and where it is folded into a constant.
import type { SliceAttributes } from "../../graph/operators.ts";
import { elementCount, formatDims } from "../../tensor.ts";
import type { OnnxNode } from "./node.ts";

type Dims = readonly number[];

/** Reshape: 0 copies a dimension (unless allowzero), one −1 takes what is left. */
function reshaped(node: OnnxNode, from: Dims): number[] {
  const shape = node.numbers("shape", 1);
  if (shape === undefined) throw node.broken("its shape is missing");
  const allowZero = node.attributes.int("allowzero", 0) === 1;
  const dims = shape.map((dim, i) => (dim === 0 && !allowZero ? (from[i] ?? 0) : dim));
  const open = dims.indexOf(-1);
  if (open >= 0) dims[open] = elementCount(from) / elementCount(dims.filter((_, i) => i !== open));
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
    throw node.broken(`cannot reshape ${formatDims(from)} to ${formatDims(shape)}`);
  }
  return dims;
}

function squeezed(node: OnnxNode, from: Dims): number[] {
  const axes = node.numbers("axes", 1)?.map((axis) => node.axis(axis, from.length));
  const gone = (dim: number, i: number) => (axes === undefined ? dim === 1 : axes.includes(i));
  if (from.some((dim, i) => gone(dim, i) && dim !== 1)) throw node.broken(`cannot squeeze axes ${axes} of ${formatDims(from)}`);
  return from.filter((dim, i) => !gone(dim, i));
}

function unsqueezed(node: OnnxNode, from: Dims): number[] {
  const given = node.numbers("axes", 1) ?? [];
  const rank = from.length + given.length;
  const axes = given.map((axis) => node.axis(axis, rank));
  if (new Set(axes).size !== axes.length) throw node.broken(`its axes ${given} name one twice`);
  const dims = [...from];
  for (const axis of axes.sort((a, b) => a - b)) dims.splice(axis, 0, 1);
  return dims;
}

/** Flatten's axis, which may be one past the last. */
export const flattenAxis = (node: OnnxNode, rank: number): number => node.axis(node.attributes.int("axis", 1), rank, rank);

function flattened(node: OnnxNode, from: Dims): number[] {
  const axis = flattenAxis(node, from.length);
  return [elementCount(from.slice(0, axis)), elementCount(from.slice(axis))];
}

/** Operators that give their input other dims and nothing else. */
export const rearranged: Readonly<Record<string, (node: OnnxNode, from: Dims) => number[]>> = {
  Reshape: reshaped,
  Squeeze: squeezed,
  Unsqueeze: unsqueezed,
  Flatten: flattened,
};

/** Transpose's axes; all in reverse unless given. */
export function permOf(node: OnnxNode, rank: number): number[] {
  const reversed = Array.from({ length: rank }, (_, i) => rank - 1 - i);
  const perm = (node.attributes.ints("perm") ?? reversed).map((axis) => node.axis(axis, rank));
  if (perm.length !== rank || new Set(perm).size !== rank) throw node.broken(`perm ${perm} does not name every axis once`);
  return perm;
}

/** Slice: a start, end and step within bounds for every axis; of one that runs backwards the end may be −1. */
export function sliceOf(node: OnnxNode, dims: Dims): SliceAttributes {
  const starts = node.numbers("starts", 1);
  const ends = node.numbers("ends", 2);
  if (starts === undefined || ends === undefined) throw node.broken("its starts or ends are missing");
  const axes = node.numbers("axes", 3) ?? starts.map((_, i) => i);
  const steps = node.numbers("steps", 4) ?? starts.map(() => 1);
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length) {
    throw node.broken("its starts, ends, axes and steps are not equally many");
  }
  if (steps.includes(0)) throw node.broken("a step is 0");
  const slice = { starts: dims.map(() => 0), ends: [...dims], steps: dims.map(() => 1) };
  for (let i = 0; i < axes.length; ++i) {
    const axis = node.axis(axes[i], dims.length);
    const back = steps[i] < 0 ? 1 : 0;
    const within = (bound: number, least: number) =>
      Math.min(Math.max(bound < 0 ? bound + dims[axis] : bound, least), dims[axis] - back);
    slice.starts[axis] = within(starts[i], 0);
    slice.ends[axis] = within(ends[i], -back);
    // A step beyond the end takes one element, as any large step does.
    slice.steps[axis] = Math.min(steps[i], Math.max(dims[axis], 1));
  }
  return slice;
}
