// Shape inference: for each operator one rule that checks its inputs and attributes and gives the dims of its
// output. Rules throw a plain sentence; `inferNode` says at which node.
import { GraphError } from "../errors.ts";
import { elementCount, formatDims } from "../tensor.ts";
import type { Graph, Node, NodeOf, ValueType } from "./graph.ts";
import type { MaxPoolAttributes, Operator, Pads, Pair, ResizeAttributes } from "./operators.ts";

type Rule<Op extends Operator> = (node: NodeOf<Op>, inputs: (ValueType | undefined)[]) => readonly number[];

/** The largest number of elements a value may have: what a 4 GiB memory could hold. */
const MAX_ELEMENTS = 2 ** 30;

class Complaint extends Error {}

function demand(condition: boolean, complaint: () => string): asserts condition {
  if (!condition) throw new Complaint(complaint());
}

function image(dims: readonly number[]): readonly [number, number, number, number] {
  demand(dims.length === 4, () => `expects an image [N,C,H,W], got ${formatDims(dims)}`);
  return dims as readonly [number, number, number, number];
}

function vector(what: string, input: ValueType | undefined, length: number): void {
  demand(
    input === undefined || (input.dims.length === 1 && input.dims[0] === length),
    () => `${what} must have dims [${length}], got ${formatDims(input?.dims ?? [])}`,
  );
}

/**
 * Windows that fit along one axis (ONNX Conv and pooling). With `ceil` a last window may stick out at the end, but
 * must begin inside the image or the padding before it.
 */
export function windowCount(
  size: number,
  kernel: number,
  stride: number,
  padBefore: number,
  padAfter: number,
  dilation: number,
  ceil: boolean,
): number {
  const room = size + padBefore + padAfter - dilation * (kernel - 1) - 1;
  if (room < 0) return 0;
  const count = (ceil ? Math.ceil : Math.floor)(room / stride) + 1;
  return ceil && (count - 1) * stride >= size + padBefore ? count - 1 : count;
}

interface Window {
  kernelShape: Pair;
  strides: Pair;
  pads: Pads;
  dilations: Pair;
}

function windows([h, w]: Pair, { kernelShape, strides, pads, dilations }: Window, ceil: boolean): [number, number] {
  const demandWhole = (name: string, values: readonly number[], count: number, least: number) =>
    demand(
      values.length === count && values.every((v) => Number.isInteger(v) && v >= least && v < 2 ** 16),
      () => `${name} [${values}] must be whole numbers ≥ ${least}`,
    );
  demandWhole("kernelShape", kernelShape, 2, 1);
  demandWhole("strides", strides, 2, 1);
  demandWhole("dilations", dilations, 2, 1);
  demandWhole("pads", pads, 4, 0);
  const oh = windowCount(h, kernelShape[0], strides[0], pads[0], pads[2], dilations[0], ceil);
  const ow = windowCount(w, kernelShape[1], strides[1], pads[1], pads[3], dilations[1], ceil);
  demand(
    oh > 0 && ow > 0,
    () => `a ${kernelShape.join("×")} window (dilations ${dilations.join("×")}, pads ${pads}) does not fit into ${h}×${w} pixels`,
  );
  return [oh, ow];
}

function pool(attributes: MaxPoolAttributes, x: ValueType): number[] {
  const [n, c, h, w] = image(x.dims);
  const { kernelShape, pads, dilations } = attributes;
  const extent = [0, 1].map((i) => (kernelShape[i] - 1) * dilations[i] + 1);
  demand(
    pads[0] < extent[0] && pads[2] < extent[0] && pads[1] < extent[1] && pads[3] < extent[1],
    () => `pads ${pads} must be smaller than the window, or a window would hold no pixel`,
  );
  return [n, c, ...windows([h, w], attributes, attributes.ceilMode)];
}

/** Dims of so many axes or fewer as NumPy's broadcasting sees them: with ones before them. */
export const dimsOfRank = (rank: number, dims: readonly number[]): number[] => [
  ...new Array<number>(rank - dims.length).fill(1),
  ...dims,
];

/** NumPy's broadcasting. */
export function broadcastDims(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const other = dimsOfRank(rank, b);
  return dimsOfRank(rank, a).map((da, i) => {
    const db = other[i];
    demand(da === db || da === 1 || db === 1, () => `${formatDims(a)} and ${formatDims(b)} do not broadcast`);
    return da === 1 ? db : da;
  });
}

const same: Rule<Operator> = (_, [x]) => x!.dims;
const binary: Rule<Operator> = (_, [a, b]) => broadcastDims(a!.dims, b!.dims);

function alongAxis(node: NodeOf<"Softmax" | "LogSoftmax">, [x]: (ValueType | undefined)[]): readonly number[] {
  const { axis } = node.attributes;
  demand(Number.isInteger(axis) && axis >= 0 && axis < x!.dims.length, () => `axis ${axis} is outside ${formatDims(x!.dims)}`);
  return x!.dims;
}

const resizeModes: Readonly<Record<ResizeAttributes["mode"], true>> = { linear: true, nearest: true };
const coordinates: Readonly<Record<ResizeAttributes["coordinateTransformation"], true>> = {
  half_pixel: true,
  pytorch_half_pixel: true,
  asymmetric: true,
  align_corners: true,
};
const nearestModes: Readonly<Record<ResizeAttributes["nearestMode"], true>> = {
  round_prefer_floor: true,
  round_prefer_ceil: true,
  floor: true,
  ceil: true,
};

const rules: { [Op in Operator]: Rule<Op> } = {
  Conv({ attributes }, [x, weight, bias, scale, residual, factors, addends]) {
    const [n, c, h, w] = image(x!.dims);
    const { group, kernelShape } = attributes;
    const m = weight!.dims[0];
    demand(
      Number.isInteger(group) && group >= 1 && c % group === 0 && m % group === 0,
      () => `group ${group} must divide both the ${c} input and the ${m} output channels`,
    );
    const expected = [m, c / group, ...kernelShape];
    demand(
      formatDims(weight!.dims) === formatDims(expected),
      () =>
        `weight must have dims ${formatDims(expected)} for ${c} channels in ${group} group(s), got ${formatDims(weight!.dims)}`,
    );
    vector("bias", bias, m);
    vector("scale", scale, m);
    vector("addends", addends, c);
    demand(
      factors === undefined || [n, 1].some((images) => formatDims(factors.dims) === formatDims([images, c, 1, 1])),
      () => `factors must have dims ${formatDims([n, c, 1, 1])}, got ${formatDims(factors!.dims)}`,
    );
    demand(
      factors !== undefined || (addends === undefined && attributes.inputActivation === undefined),
      () => "addends and an input's activation go with factors",
    );
    const dims = [n, m, ...windows([h, w], attributes, false)];
    demand(
      residual === undefined || formatDims(residual.dims) === formatDims(dims),
      () => `the residual ${formatDims(residual?.dims ?? [])} must have the result's dims ${formatDims(dims)}`,
    );
    return dims;
  },
  Gemm({ attributes }, [x, weight, bias]) {
    demand(
      x!.dims.length === 2 && weight!.dims.length === 2,
      () => `expects two matrices, got ${formatDims(x!.dims)} and ${formatDims(weight!.dims)}`,
    );
    const [n, k] = x!.dims;
    const [m, depth] = attributes.transB ? weight!.dims : [...weight!.dims].reverse();
    demand(k === depth, () => `${formatDims(x!.dims)} cannot be multiplied by a weight of depth ${depth}`);
    vector("bias", bias, m);
    return [n, m];
  },
  MaxPool: ({ attributes }, [x]) => pool(attributes, x!),
  AveragePool: ({ attributes }, [x]) => pool(attributes, x!),
  GlobalAveragePool(_, [x]) {
    const [n, c] = image(x!.dims);
    return [n, c, 1, 1];
  },
  BatchNormalization({ attributes }, [x, scale, bias, mean, variance]) {
    const { dims } = x!;
    demand(dims.length >= 2, () => `expects [N,C,…], got ${formatDims(dims)}`);
    demand(attributes.epsilon >= 0, () => `epsilon ${attributes.epsilon} is negative`);
    vector("scale", scale, dims[1]);
    vector("bias", bias, dims[1]);
    vector("mean", mean, dims[1]);
    vector("variance", variance, dims[1]);
    return dims;
  },
  LRN({ attributes }, [x]) {
    const { size, alpha, beta, bias } = attributes;
    demand(Number.isInteger(size) && size >= 1 && size < 2 ** 16, () => `size ${size} must be a whole number ≥ 1`);
    demand([alpha, beta, bias].every(Number.isFinite), () => `alpha ${alpha}, beta ${beta} and bias ${bias} must be finite`);
    return image(x!.dims);
  },
  Relu: same,
  Clip: same,
  LeakyRelu: same,
  Elu: same,
  Sigmoid: same,
  HardSigmoid: same,
  HardSwish: same,
  Swish: same,
  Softmax: alongAxis,
  LogSoftmax: alongAxis,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Concat({ attributes: { axis } }, inputs) {
    const dims = [...inputs[0]!.dims];
    demand(Number.isInteger(axis) && axis >= 0 && axis < dims.length, () => `axis ${axis} is outside ${formatDims(dims)}`);
    for (const input of inputs.slice(1)) {
      demand(
        input!.dims.length === dims.length && input!.dims.every((dim, i) => i === axis || dim === dims[i]),
        () => `${formatDims(input!.dims)} and ${formatDims(inputs[0]!.dims)} differ beyond axis ${axis}`,
      );
      dims[axis] += input!.dims[axis];
    }
    return dims;
  },
  Slice({ attributes: { starts, ends, steps } }, [x]) {
    const { dims } = x!;
    demand(
      starts.length === dims.length && ends.length === dims.length && steps.length === dims.length,
      () => `needs a start, end and step for each axis of ${formatDims(dims)}`,
    );
    return dims.map((dim, i) => {
      demand(
        [starts[i], ends[i], steps[i]].every(Number.isSafeInteger) &&
          steps[i] >= 1 &&
          starts[i] >= 0 &&
          starts[i] < ends[i] &&
          ends[i] <= dim,
        () => `start ${starts[i]}, end ${ends[i]}, step ${steps[i]} select nothing from axis ${i} of ${formatDims(dims)}`,
      );
      return Math.ceil((ends[i] - starts[i]) / steps[i]);
    });
  },
  Pad({ attributes: { before, after } }, [x]) {
    const { dims } = x!;
    demand(
      before.length === dims.length && after.length === dims.length,
      () => `needs pads for each axis of ${formatDims(dims)}`,
    );
    return dims.map((dim, i) => dim + before[i] + after[i]);
  },
  Resize({ attributes: { mode, coordinateTransformation, nearestMode, sizes, scales } }, [x]) {
    const [n, c] = image(x!.dims);
    demand(Object.hasOwn(resizeModes, mode), () => `mode "${mode}" must be linear or nearest`);
    demand(
      Object.hasOwn(coordinates, coordinateTransformation),
      () => `there is no coordinate transformation "${coordinateTransformation}"`,
    );
    demand(Object.hasOwn(nearestModes, nearestMode), () => `there is no nearest mode "${nearestMode}"`);
    demand(
      sizes.length === 2 && sizes.every((size) => Number.isInteger(size) && size >= 1 && size < 2 ** 16),
      () => `sizes [${sizes}] must be two whole numbers ≥ 1`,
    );
    demand(
      scales === undefined || (scales.length === 2 && scales.every((scale) => Number.isFinite(scale) && Math.fround(scale) > 0)),
      () => `scales [${scales}] must be two numbers above 0`,
    );
    return [n, c, ...sizes];
  },
  Flatten({ attributes: { axis } }, [x]) {
    const { dims } = x!;
    demand(Number.isInteger(axis) && axis >= 0 && axis <= dims.length, () => `axis ${axis} is outside ${formatDims(dims)}`);
    return [elementCount(dims.slice(0, axis)), elementCount(dims.slice(axis))];
  },
  Transpose({ attributes: { perm } }, [x]) {
    const { dims } = x!;
    demand(
      perm.length === dims.length && dims.every((_, axis) => perm.includes(axis)),
      () => `perm [${perm}] does not name every axis of ${formatDims(dims)} once`,
    );
    return perm.map((axis) => dims[axis]);
  },
  ChannelShuffle({ attributes }, [x]) {
    const [n, c, h, w] = image(x!.dims);
    const { group, range = [0, c] } = attributes;
    demand(Number.isInteger(group) && group >= 1 && c % group === 0, () => `group ${group} must divide the ${c} channels`);
    demand(
      range.every(Number.isInteger) && range[0] >= 0 && range[0] < range[1] && range[1] <= c,
      () => `channels ${range[0]} to ${range[1]} are not among its ${c}`,
    );
    return [n, range[1] - range[0], h, w];
  },
  Reshape({ attributes: { dims } }, [x]) {
    demand(
      elementCount(dims) === elementCount(x!.dims),
      () =>
        `cannot reshape ${formatDims(x!.dims)} to ${formatDims(dims)}: ${elementCount(x!.dims)} elements against ${elementCount(dims)}`,
    );
    return dims;
  },
  Identity: same,
};

/** How many inputs an operator needs; those beyond are optional. */
const requiredInputs: Partial<Record<Operator, number>> = {
  Conv: 2,
  Gemm: 2,
  BatchNormalization: 5,
  Add: 2,
  Sub: 2,
  Mul: 2,
  Div: 2,
};

/**
 * The type and dims of a node's output.
 * @throws GraphError naming the node where its inputs or attributes do not fit
 */
export function inferNode(node: Node, inputs: (ValueType | undefined)[]): ValueType {
  const fail = (why: string) => new GraphError(`${node.op} "${node.name}": ${why}`);
  const rule = rules[node.op] as Rule<Operator> | undefined;
  if (!Object.hasOwn(rules, node.op) || rule === undefined) throw fail("there is no such operator");
  const required = node.op === "Concat" ? Math.max(inputs.length, 1) : (requiredInputs[node.op] ?? 1);
  for (let i = 0; i < required; ++i) {
    if (inputs[i] === undefined) throw fail(`needs ${required} input(s), input ${i} is missing`);
  }
  for (const input of inputs) {
    if (input !== undefined && input.type !== "float32") throw fail(`computes in float32, got an input of ${input.type}`);
  }
  try {
    const dims = rule(node as NodeOf<Operator>, inputs);
    if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 1)) {
      throw new Complaint(`its output would have dims ${formatDims(dims)}`);
    }
    if (elementCount(dims) > MAX_ELEMENTS) {
      throw new Complaint(`its output ${formatDims(dims)} is larger than any WebAssembly memory`);
    }
    return { type: "float32", dims };
  } catch (error) {
    throw error instanceof Complaint ? fail(error.message) : error;
  }
}

/** Of graphs, which do not change: a model that is loaded is asked for them by the checker, passes, lowering and counts. */
const inferred = new WeakMap<Graph, ReadonlyMap<string, ValueType>>();

/**
 * Types and dims of every value of a graph: inputs, parameters and node outputs.
 * @throws GraphError where a node uses a value that does not exist yet, or its inputs do not fit
 */
export function inferShapes(graph: Graph): ReadonlyMap<string, ValueType> {
  const known = inferred.get(graph);
  if (known !== undefined) return known;
  const values = new Map<string, ValueType>([...graph.inputs.map((input) => [input.name, input] as const), ...graph.parameters]);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((name) => {
      const value = values.get(name);
      if (name !== "" && value === undefined) {
        throw new GraphError(`${node.op} "${node.name}" reads "${name}", which nothing before it computes`);
      }
      return value;
    });
    values.set(node.output, inferNode(node, inputs));
  }
  inferred.set(graph, values);
  return values;
}
