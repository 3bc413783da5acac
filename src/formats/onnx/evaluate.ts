// Folds nodes whose inputs are all known: the arithmetic on shapes that exporters write before a Reshape, and
// reshaped or transposed weights. Not an interpreter: what is not here stays in the graph.
import { elementCount, formatDims, Tensor } from "../../tensor.ts";
import { transpose } from "../elements.ts";
import { toNumber } from "./attributes.ts";
import { permOf, rearranged, sliceOf } from "./dims.ts";
import type { OnnxNode } from "./node.ts";
import { Refusal } from "./refusal.ts";
import { DataType } from "./schema.ts";
import { type Constant, dataTypeName, isReal, readTensor } from "./tensors.ts";

/** Computes a node; undefined where this form of it is not folded. */
type Evaluator = (node: OnnxNode, inputs: readonly Constant[]) => Constant | undefined;

/** The most numbers that are folded as a list: shapes are short, and lists of them slow. */
const MAX_LISTED = 2 ** 16;

/** The same elements with other dims. */
const withDims = (x: Constant, dims: readonly number[]): Constant =>
  x.type === "float32" ? new Tensor("float32", x.data, dims) : new Tensor("int64", x.data, dims);

function limitList(count: number): void {
  if (count > MAX_LISTED) throw new Refusal(`${count} numbers are too many`);
}

const floats = (data: Float32Array, dims: readonly number[]): Constant => new Tensor("float32", data, dims);
const integers = (values: readonly bigint[], dims: readonly number[] = [values.length]): Constant =>
  new Tensor("int64", BigInt64Array.from(values), dims);

/** Numbers of either type. */
const listed = (
  type: Constant["type"],
  values: readonly (number | bigint)[],
  dims: readonly number[] = [values.length],
): Constant => (type === "int64" ? integers(values as bigint[], dims) : floats(Float32Array.from(values as number[]), dims));

type Whole = (a: bigint, b: bigint) => bigint;

/** Element-wise arithmetic on equal dims, or with a single number; on integers the same unless given. */
function arithmetic(real: (a: number, b: number) => number, whole = real as unknown as Whole): Evaluator {
  return (node, [a, b]) => {
    if (a === undefined || b === undefined) return undefined;
    if (a.data.length !== 1 && b.data.length !== 1 && formatDims(a.dims) !== formatDims(b.dims)) return undefined;
    const larger = a.data.length > b.data.length || (a.data.length === b.data.length && a.dims.length >= b.dims.length) ? a : b;
    const single = { a: a.data.length === 1, b: b.data.length === 1 };
    node.claim(larger.data.length);
    if (a.type === "float32" && b.type === "float32") {
      const data = new Float32Array(larger.data.length);
      for (let i = 0; i < data.length; ++i) data[i] = real(a.data[single.a ? 0 : i], b.data[single.b ? 0 : i]);
      return floats(data, larger.dims);
    }
    if (a.type !== "int64" || b.type !== "int64") return undefined;
    const data = new BigInt64Array(larger.data.length);
    for (let i = 0; i < data.length; ++i) data[i] = whole(a.data[single.a ? 0 : i], b.data[single.b ? 0 : i]);
    return new Tensor("int64", data, larger.dims);
  };
}

/** Of real numbers, each by itself. */
const each =
  (functionOf: (node: OnnxNode) => (value: number) => number): Evaluator =>
  (node, [x]) => {
    if (x?.type !== "float32") return undefined;
    node.claim(x.data.length);
    return floats(x.data.map(functionOf(node)), x.dims);
  };

const rearrange: Evaluator = (node, [x]) => (x === undefined ? undefined : withDims(x, rearranged[node.op](node, x.dims)));

const evaluators: Readonly<Record<string, Evaluator>> = {
  Reshape: rearrange,
  Squeeze: rearrange,
  Unsqueeze: rearrange,
  Flatten: rearrange,
  Identity: (_, [x]) => x,
  Constant(node) {
    const { attributes } = node;
    const tensor = attributes.get("value")?.t;
    if (tensor !== undefined) return readTensor(tensor);
    if (attributes.has("value_float")) return floats(Float32Array.of(attributes.float("value_float", 0)), []);
    if (attributes.has("value_floats")) {
      const list = attributes.get("value_floats")?.floats ?? [];
      return floats(Float32Array.from(list), [list.length]);
    }
    if (attributes.has("value_int")) return integers([attributes.get("value_int")?.i ?? 0n], []);
    if (attributes.has("value_ints")) return integers(attributes.get("value_ints")?.ints ?? []);
    throw new Refusal("only tensors and numbers are supported");
  },
  ConstantOfShape(node, [shape]) {
    const dims = node.numbers("shape", 0);
    if (shape === undefined || dims === undefined) throw node.broken("its shape is missing");
    if (shape.dims.length > 1 || !dims.every((dim) => Number.isSafeInteger(dim) && dim >= 0)) {
      throw node.broken(`dims ${formatDims(dims)} are not possible`);
    }
    node.claim(elementCount(dims));
    const proto = node.attributes.get("value")?.t;
    const value = proto === undefined ? floats(new Float32Array(1), [1]) : readTensor(proto);
    if (value.data.length !== 1) throw node.broken("its value is not a single number");
    if (value.type === "float32") return floats(new Float32Array(elementCount(dims)).fill(value.data[0]), dims);
    limitList(elementCount(dims));
    return new Tensor("int64", new BigInt64Array(elementCount(dims)).fill(value.data[0]), dims);
  },
  Gather(node, [x, indices]) {
    if (x?.dims.length !== 1 || indices?.type !== "int64" || node.attributes.int("axis", 0) > 0) return undefined;
    const picked = Array.from(indices.data, (index) => {
      const value = x.data[toNumber(index) < 0 ? toNumber(index) + x.data.length : toNumber(index)];
      if (value === undefined) throw node.broken(`index ${index} is outside ${formatDims(x.dims)}`);
      return value;
    });
    return listed(x.type, picked, indices.dims);
  },
  Concat(_, inputs) {
    const type = inputs[0]?.type;
    if (type === undefined || !inputs.every((input) => input.type === type && input.dims.length === 1)) return undefined;
    limitList(inputs.reduce((sum, { data }) => sum + data.length, 0));
    return listed(
      type,
      inputs.flatMap(({ data }): (number | bigint)[] => [...data]),
    );
  },
  Slice(node, [x]) {
    if (x?.type !== "int64" || x.dims.length > 2) return undefined;
    const { starts, ends, steps } = sliceOf(node, x.dims);
    const kept = steps.map((step, axis) => {
      const count = Math.max(0, Math.ceil((ends[axis] - starts[axis]) / step));
      limitList(count);
      return Array.from({ length: count }, (_, i) => starts[axis] + i * step);
    });
    const from = (axis: number, at: number): bigint[] =>
      axis === kept.length ? [x.data[at]] : kept[axis].flatMap((i) => from(axis + 1, at * x.dims[axis] + i));
    return integers(
      from(0, 0),
      kept.map(({ length }) => length),
    );
  },
  Transpose(node, [x]) {
    if (x === undefined) return undefined;
    const order = permOf(node, x.dims.length);
    const dims = order.map((axis) => x.dims[axis]);
    node.claim(x.data.length);
    return x.type === "float32"
      ? floats(transpose(x.data, x.dims, order), dims)
      : new Tensor("int64", transpose(x.data, x.dims, order), dims);
  },
  Cast(node, [x]) {
    if (x === undefined) return undefined;
    const to = node.attributes.int("to", 0);
    if (isReal(to)) return x.type === "float32" ? x : floats(Float32Array.from(x.data, Number), x.dims);
    if (to !== DataType.INT64 && to !== DataType.INT32) throw new Refusal(`a cast to ${dataTypeName(to)} is not supported`);
    if (x.type === "int64") return x;
    limitList(x.data.length);
    if (!x.data.every(Number.isFinite)) throw node.broken("it makes an integer of NaN or infinity");
    return integers(
      Array.from(x.data, (v) => BigInt(Math.trunc(v))),
      x.dims,
    );
  },
  Ceil: each(() => Math.ceil),
  Floor: each(() => Math.floor),
  Clip: each((node) => {
    const [low, high] = [node.number("min", 1, -Infinity), node.number("max", 2, Infinity)];
    return (value) => Math.min(Math.max(value, low), high);
  }),
  Add: arithmetic((a, b) => a + b),
  Sub: arithmetic((a, b) => a - b),
  Mul: arithmetic((a, b) => a * b),
  Div: arithmetic(
    (a, b) => a / b,
    (a, b) => {
      if (b === 0n) throw new Refusal("it divides an integer by zero");
      return a / b;
    },
  ),
};

/** The dims of the input are known even where the input is not. */
function shapeOf(node: OnnxNode): Constant {
  const { dims } = node.constant(0) ?? node.value(0);
  const { attributes } = node;
  return integers(dims.slice(attributes.int("start", 0), attributes.int("end", dims.length)).map(BigInt));
}

/** Whether nodes of this operator can be folded. */
export const canFold = (op: string): boolean => op === "Shape" || Object.hasOwn(evaluators, op);

/**
 * Computes a node's output where everything it depends on is known.
 * @returns undefined where it is not, or where this form of the operator is not folded
 */
export function evaluate(node: OnnxNode): Constant | undefined {
  if (node.op === "Shape") return shapeOf(node);
  if (!Object.hasOwn(evaluators, node.op)) return undefined;
  const inputs: Constant[] = [];
  for (let i = 0; i < node.inputs.length; ++i) {
    if (!node.has(i)) continue;
    const input = node.constant(i);
    if (input === undefined) return undefined;
    inputs.push(input);
  }
  return evaluators[node.op](node, inputs);
}
