// What each ONNX operator becomes in a Graph: one handler an operator, for opsets 7 to the latest. Specification:
// https://onnx.ai/onnx/operators. What a handler cannot express it refuses with a reason.
import type { ValueInfo } from "../../graph/graph.ts";
import type { Pads, Pair } from "../../graph/operators.ts";
import { elementCount, formatDims, Tensor } from "../../tensor.ts";
import { flattenAxis, permOf, rearranged, sliceOf } from "./dims.ts";
import type { OnnxNode } from "./node.ts";
import { Refusal } from "./refusal.ts";
import { resize } from "./resize.ts";
import { dataTypeName, isReal } from "./tensors.ts";

type Handler = (node: OnnxNode) => void;

/** An image [N,C,H,W]; networks on signals and volumes have another rank. */
function image(node: OnnxNode): ValueInfo {
  const x = node.value(0);
  if (x.dims.length !== 4) throw new Refusal(`its input ${formatDims(x.dims)} is not an image [N,C,H,W]`);
  return x;
}

function pair(node: OnnxNode, name: string, absent?: Pair): Pair {
  const values = node.attributes.ints(name) ?? absent;
  if (values?.length !== 2) throw node.broken(`${name} must have two numbers, got ${values ?? "none"}`);
  return values as unknown as Pair;
}

/** The sliding window of a convolution or pooling, with auto_pad made explicit. */
function windowOf(node: OnnxNode, x: ValueInfo, kernelShape: Pair) {
  const strides = pair(node, "strides", [1, 1]);
  const dilations = pair(node, "dilations", [1, 1]);
  const autoPad = node.attributes.string("auto_pad", "NOTSET");
  let pads = (node.attributes.ints("pads") ?? [0, 0, 0, 0]) as unknown as Pads;
  if (pads.length !== 4) throw node.broken(`pads must have four numbers, got ${pads}`);
  if (autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER") {
    const [top, left] = [0, 1].map((i) => {
      const size = x.dims[2 + i];
      const span = (Math.ceil(size / strides[i]) - 1) * strides[i] + (kernelShape[i] - 1) * dilations[i] + 1;
      const total = Math.max(span - size, 0);
      const less = Math.floor(total / 2);
      return autoPad === "SAME_UPPER" ? [less, total - less] : [total - less, less];
    });
    pads = [top[0], left[0], top[1], left[1]];
  } else if (autoPad === "VALID") {
    pads = [0, 0, 0, 0];
  } else if (autoPad !== "NOTSET" && autoPad !== "") {
    throw node.broken(`there is no auto_pad "${autoPad}"`);
  }
  // ceil_mode has no effect where auto_pad gives the number of windows.
  const ceilMode = node.attributes.int("ceil_mode", 0) === 1 && (autoPad === "NOTSET" || autoPad === "");
  return { window: { kernelShape, strides, pads, dilations }, ceilMode };
}

const conv: Handler = (node) => {
  const x = image(node);
  const weight = node.weightValue(1, "weight");
  if (weight.dims.length !== 4) throw node.broken(`its weight ${formatDims(weight.dims)} is not [M,C,kH,kW]`);
  const { window } = windowOf(node, x, pair(node, "kernel_shape", [weight.dims[2], weight.dims[3]]));
  const bias = node.has(2) ? node.weightValue(2, "bias") : undefined;
  node.emit("Conv", [x, weight, bias], { ...window, group: node.attributes.int("group", 1) });
};

const maxPool: Handler = (node) => {
  const x = image(node);
  const { window, ceilMode } = windowOf(node, x, pair(node, "kernel_shape"));
  node.emit("MaxPool", [x], { ...window, ceilMode });
};

const averagePool: Handler = (node) => {
  const x = image(node);
  const { window, ceilMode } = windowOf(node, x, pair(node, "kernel_shape"));
  node.emit("AveragePool", [x], { ...window, ceilMode, countIncludePad: node.attributes.int("count_include_pad", 0) === 1 });
};

const reduceMean: Handler = (node) => {
  const x = image(node);
  const axes = node.numbers("axes", 1)?.map((axis) => node.axis(axis, 4));
  const over = axes?.sort().join();
  // Of [N,H,W,C].
  const last = over === "1,2";
  if (over !== "2,3" && !last) {
    throw new Refusal(`a mean over axes ${axes ?? "all"} is not supported, only over height and width`);
  }
  const keeps = node.attributes.int("keepdims", 1) === 1;
  if (keeps && !last) {
    node.emit("GlobalAveragePool", [x], {});
    return;
  }
  const first = last ? node.step("Transpose", [x], { perm: [0, 3, 1, 2] }) : x;
  const means = node.step("GlobalAveragePool", [first], {});
  if (keeps) node.emit("Transpose", [means], { perm: [0, 2, 3, 1] });
  else node.emit("Flatten", [means], { axis: 1 });
};

const batchNormalization: Handler = (node) => {
  if (node.attributes.int("training_mode", 0) !== 0) throw new Refusal("training mode is not supported");
  if (node.attributes.int("spatial", 1) !== 1) throw new Refusal("spatial = 0 is not supported");
  const parameters = ["scale", "bias", "mean", "variance"].map((what, i) => node.weightValue(1 + i, what));
  node.emit("BatchNormalization", [node.value(0), ...parameters], { epsilon: node.attributes.float("epsilon", 1e-5) });
};

const lrn: Handler = (node) => {
  const { attributes } = node;
  const size = attributes.int("size", 0);
  if (size < 1) throw node.broken(`size must be at least 1, got ${size}`);
  const [alpha, beta, bias] = [attributes.float("alpha", 1e-4), attributes.float("beta", 0.75), attributes.float("bias", 1)];
  node.emit("LRN", [image(node)], { size, alpha, beta, bias });
};

const scaled = (tensor: Tensor<"float32">, factor: number) =>
  new Tensor(
    "float32",
    tensor.data.map((v) => v * factor),
    tensor.dims,
  );

/** Gemm: alpha goes into the weight, beta into C; C becomes the bias where it has one number a column. */
const gemm: Handler = (node) => {
  const { attributes } = node;
  if (attributes.int("transA", 0) !== 0) throw new Refusal("transA = 1 is not supported");
  const [alpha, beta] = [attributes.float("alpha", 1), attributes.float("beta", 1)];
  const transB = attributes.int("transB", 0) !== 0;
  const tensor = node.weight(1, "weight");
  const weight = alpha === 1 ? node.weightValue(1, "weight") : node.derived(scaled(tensor, alpha), `${node.inputs[1]}/scaled`);
  const product = [node.value(0), weight];
  if (!node.has(2) || beta === 0) {
    node.emit("Gemm", product, { transB });
    return;
  }
  const columns = tensor.dims[transB ? 0 : 1];
  const c = node.constant(2);
  const vector = c !== undefined && elementCount(c.dims.slice(0, -1)) === 1 && [1, columns].includes(c.dims.at(-1) ?? 1);
  if (vector) {
    const bias = node.weight(2, "bias");
    const plain = beta === 1 && bias.dims.length === 1 && bias.dims[0] === columns;
    const data = Float32Array.from({ length: columns }, (_, i) => bias.data[bias.data.length === 1 ? 0 : i] * beta);
    const name = node.inputs[2];
    const value = plain ? node.weightValue(2, "bias") : node.derived(new Tensor("float32", data, [columns]), `${name}/bias`);
    node.emit("Gemm", [...product, value], { transB });
    return;
  }
  if (beta !== 1 && c === undefined) throw new Refusal(`beta = ${beta} with a computed C is not supported`);
  const addend = beta === 1 ? node.value(2) : node.derived(scaled(node.weight(2, "C"), beta), `${node.inputs[2]}/scaled`);
  node.emit("Add", [node.step("Gemm", product, { transB }), addend], {});
};

const matMul: Handler = (node) => {
  const x = node.value(0);
  const weight = node.weightValue(1, "second matrix");
  if (x.dims.length !== 2 || weight.dims.length !== 2) {
    throw new Refusal(`${formatDims(x.dims)} times ${formatDims(weight.dims)} is not supported, only two matrices`);
  }
  node.emit("Gemm", [x, weight], { transB: false });
};

/** Before opset 13 a softmax ran over all axes from `axis` on, taken together. */
function softmax(op: "Softmax" | "LogSoftmax"): Handler {
  return (node) => {
    const x = node.value(0);
    const given = node.attributes.int("axis", node.opset < 13 ? 1 : -1);
    // Opsets up to 12 allow the axis one past the last: rows of one element.
    const axis = node.axis(given, x.dims.length, node.opset < 13 ? x.dims.length : undefined);
    const wide = x.dims.map((dim, i) => (i >= axis && dim > 1 ? i : -1)).filter((i) => i >= 0);
    if (node.opset >= 13 || (wide.length < 2 && axis < x.dims.length)) {
      node.emit(op, [x], { axis: node.opset >= 13 ? axis : (wide[0] ?? axis) });
      return;
    }
    const flat = node.step("Flatten", [x], { axis });
    node.emit("Reshape", [node.step(op, [flat], { axis: 1 })], { dims: x.dims });
  };
}

function binary(op: "Add" | "Sub" | "Mul" | "Div"): Handler {
  return (node) => {
    node.emit(op, [node.value(0), node.value(1)], {});
  };
}

const sum: Handler = (node) => {
  const values = node.inputs.map((_, i) => node.value(i));
  if (values.length === 1) {
    node.emit("Identity", values, {});
    return;
  }
  const last = values.length - 1;
  const before = values.slice(1, last).reduce((a, b) => node.step("Add", [a, b], {}), values[0]);
  node.emit("Add", [before, values[last]], {});
};

const concat: Handler = (node) => {
  const values = node.inputs.map((_, i) => node.value(i));
  if (values.length === 0) throw node.broken("it has no inputs");
  node.emit("Concat", values, { axis: node.axis(node.attributes.int("axis", 1), values[0].dims.length) });
};

const pad: Handler = (node) => {
  const x = node.value(0);
  const rank = x.dims.length;
  const mode = node.attributes.string("mode", "constant");
  if (mode !== "constant") throw new Refusal(`mode "${mode}" is not supported`);
  const pads = node.numbers("pads", 1) ?? [];
  const axes = (node.numbers("axes", 3) ?? x.dims.map((_, i) => i)).map((axis) => node.axis(axis, rank));
  if (pads.length !== 2 * axes.length) throw node.broken(`${pads.length} pads do not fit ${axes.length} axes`);
  const before = x.dims.map(() => 0);
  const after = x.dims.map(() => 0);
  for (let i = 0; i < axes.length; ++i) {
    before[axes[i]] = pads[i];
    after[axes[i]] = pads[axes.length + i];
  }
  node.emit("Pad", [x], { before, after, value: node.number("value", 2, 0) });
};

/** Split: a Slice for each output. */
const split: Handler = (node) => {
  const x = node.value(0);
  const axis = node.axis(node.attributes.int("axis", 0), x.dims.length);
  const size = x.dims[axis];
  const count = node.attributes.int("num_outputs", node.outputs.length);
  if (node.outputs.length > count) throw node.broken(`it has ${node.outputs.length} outputs, num_outputs is ${count}`);
  // Without sizes all parts are alike, except that since opset 18 the last may be smaller.
  const part = Math.ceil(size / count);
  const sizes = node.numbers("split", 1) ?? Array.from({ length: count }, (_, i) => Math.min(part, Math.max(0, size - i * part)));
  if (sizes.length !== count || sizes.some((n) => n < 0) || sizes.reduce((a, b) => a + b, 0) !== size) {
    throw node.broken(`parts of ${sizes} do not make up axis ${axis} of ${formatDims(x.dims)} in ${count} outputs`);
  }
  let start = 0;
  sizes.forEach((n, i) => {
    const at = (bounds: readonly number[], bound: number) => bounds.with(axis, bound);
    const [starts, ends] = [at(new Array(x.dims.length).fill(0), start), at(x.dims, start + n)];
    start += n;
    if (node.outputs[i]) node.emitOutput(i, "Slice", [x], { starts, ends, steps: x.dims.map(() => 1) });
  });
};

const transpose: Handler = (node) => {
  const x = node.value(0);
  node.emit("Transpose", [x], { perm: permOf(node, x.dims.length) });
};

const slice: Handler = (node) => {
  const x = node.value(0);
  const slice = sliceOf(node, x.dims);
  if (slice.steps.some((step) => step < 0)) throw new Refusal(`steps ${slice.steps} run backwards, which is not supported`);
  node.emit("Slice", [x], slice);
};

const rearrange: Handler = (node) => {
  const x = node.value(0);
  node.emit("Reshape", [x], { dims: rearranged[node.op](node, x.dims) });
};

const identity: Handler = (node) => {
  node.emit("Identity", [node.value(0)], {});
};

const dropout: Handler = (node) => {
  const training = node.has(2) ? node.number("training_mode", 2, 0) : 0;
  if (training !== 0 && node.number("ratio", 1, 0.5) !== 0) throw new Refusal("training mode is not supported");
  identity(node);
};

const cast: Handler = (node) => {
  const to = node.attributes.int("to", 0);
  if (!isReal(to)) throw new Refusal(`a cast to ${dataTypeName(to)} is not supported`);
  identity(node);
};

const hardSigmoid: Handler = (node) => {
  const { attributes } = node;
  node.emit("HardSigmoid", [node.value(0)], { alpha: attributes.float("alpha", 0.2), beta: attributes.float("beta", 0.5) });
};

const swish: Handler = (node) => {
  const alpha = node.attributes.float("alpha", 1);
  if (alpha !== 1) throw new Refusal(`alpha = ${alpha} is not supported`);
  node.emit("Swish", [node.value(0)], {});
};

function plain(op: "Relu" | "Sigmoid" | "HardSwish"): Handler {
  return (node) => {
    node.emit(op, [node.value(0)], {});
  };
}

/** By operator of ONNX's default domain. Its other constant forms are folded in evaluate.ts. */
export const handlers: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  ["Conv", conv],
  ["Gemm", gemm],
  ["MatMul", matMul],
  ["MaxPool", maxPool],
  ["AveragePool", averagePool],
  ["GlobalAveragePool", (node) => void node.emit("GlobalAveragePool", [image(node)], {})],
  ["ReduceMean", reduceMean],
  ["BatchNormalization", batchNormalization],
  ["LRN", lrn],
  ["Relu", plain("Relu")],
  [
    "Clip",
    (node) =>
      void node.emit("Clip", [node.value(0)], { min: node.number("min", 1, -Infinity), max: node.number("max", 2, Infinity) }),
  ],
  ["LeakyRelu", (node) => void node.emit("LeakyRelu", [node.value(0)], { alpha: node.attributes.float("alpha", 0.01) })],
  ["Elu", (node) => void node.emit("Elu", [node.value(0)], { alpha: node.attributes.float("alpha", 1) })],
  ["Sigmoid", plain("Sigmoid")],
  ["HardSigmoid", hardSigmoid],
  ["HardSwish", plain("HardSwish")],
  ["Swish", swish],
  ["Softmax", softmax("Softmax")],
  ["LogSoftmax", softmax("LogSoftmax")],
  ["Add", binary("Add")],
  ["Sub", binary("Sub")],
  ["Mul", binary("Mul")],
  ["Div", binary("Div")],
  ["Sum", sum],
  ["Concat", concat],
  ["Resize", resize],
  ["Upsample", resize],
  ["Slice", slice],
  ["Split", split],
  ["Transpose", transpose],
  ["Pad", pad],
  ["Flatten", (node) => void node.emit("Flatten", [node.value(0)], { axis: flattenAxis(node, node.value(0).dims.length) })],
  ["Reshape", rearrange],
  ["Squeeze", rearrange],
  ["Unsqueeze", rearrange],
  ["Identity", identity],
  ["Dropout", dropout],
  ["Cast", cast],
]);
