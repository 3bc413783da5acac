// A graph as a TensorFlow Lite model, which LiteRT.js wants: images in NHWC, as they are native to it.
import { transpose } from "../src/formats/elements.ts";
import type { Graph, Node, NodeOf } from "../src/graph/graph.ts";
import type { Activation, MaxPoolAttributes, Operator, Pads } from "../src/graph/operators.ts";
import { inferShapes } from "../src/graph/shapes.ts";
import { affineOf, vectorsOf } from "../src/passes/fold-batch-norm.ts";
import { elementCount } from "../src/tensor.ts";
import { CannotRun } from "./engine.ts";
import { byAxis, converted, isRelu6 } from "./nhwc.ts";
import { Fused, type Options, options, Padding, TfliteFile } from "./tflite-file.ts";

const LOWEST = -3.4028234663852886e38;

class Translation {
  readonly file = new TfliteFile();
  readonly graph: Graph;
  /** Tensors by the names of values. */
  readonly #tensors = new Map<string, number>();

  constructor(graph: Graph) {
    this.graph = graph;
    for (const { name, dims } of graph.inputs) this.#tensors.set(name, this.file.tensor(name, byAxis(dims)));
  }

  /** The tensor of a value; a parameter becomes one when it is first read. */
  tensor(name: string): number {
    let tensor = this.#tensors.get(name);
    if (tensor === undefined) {
      const dims = this.graph.parameters.get(name)!.dims;
      const data = this.data(name);
      tensor = this.file.tensor(name, byAxis(dims), dims.length === 4 ? transpose(data, dims, [0, 2, 3, 1]) : data);
      this.#tensors.set(name, tensor);
    }
    return tensor;
  }

  data(name: string): Float32Array {
    return this.graph.parameters.get(name)!.data as Float32Array;
  }

  integers(name: string, dims: readonly number[], ...values: number[]): number {
    return this.file.tensor(name, dims, Int32Array.from(values));
  }

  dims(tensor: number): readonly number[] {
    return this.file.dims(tensor);
  }

  define(name: string, tensor: number): void {
    this.#tensors.set(name, tensor);
  }

  /** An image with `value` around it. */
  pad(x: number, [top, left, bottom, right]: Pads, value: number): number {
    if (Math.max(top, left, bottom, right) === 0) return x;
    const [n, h, w, c] = this.dims(x);
    const pads = this.integers("pads", [4, 2], 0, 0, top, bottom, left, right, 0, 0);
    const dims = [n, h + top + bottom, w + left + right, c];
    // XNNPACK takes pads of zeros into convolutions.
    if (value === 0) return this.file.operator("PAD", [x, pads], dims);
    return this.file.operator("PADV2", [x, pads, this.file.tensor("filling", [1], Float32Array.of(value))], dims);
  }

  /** What a window reads: an image that the model's own padding suits, or one that is padded before. */
  windowed(x: number, dims: readonly number[], window: Window, filling: number): { x: number; padding: number } {
    const { kernelShape, strides, dilations, pads } = window;
    const [, h, w] = this.dims(x);
    const missing = [h, w].map((size, axis) => {
      const reach = (dims[axis + 1] - 1) * strides[axis] + (kernelShape[axis] - 1) * dilations[axis] + 1;
      return Math.max(reach - size, 0);
    });
    const same = missing.every(
      (count, axis) => pads[axis] === count >> 1 && dims[axis + 1] === Math.ceil([h, w][axis] / strides[axis]),
    );
    if (same) return { x, padding: Padding.SAME };
    const after = [0, 1].map((axis) => Math.max(missing[axis] - pads[axis], 0));
    return { x: this.pad(x, [pads[0], pads[1], after[0], after[1]], filling), padding: Padding.VALID };
  }

  activate(x: number, activation: Activation | undefined): number {
    const { file } = this;
    const dims = this.dims(x);
    const number = (value: number) => this.file.tensor("number", [1], Float32Array.of(value));
    if (activation === undefined) return x;
    if (activation.op === "Relu") return file.operator("RELU", [x], dims);
    if (activation.op === "Sigmoid") return file.operator("LOGISTIC", [x], dims);
    if (activation.op === "HardSwish") return file.operator("HARD_SWISH", [x], dims);
    if (activation.op === "Swish")
      return file.operator("MUL", [x, file.operator("LOGISTIC", [x], dims)], dims, options.mul(Fused.NONE));
    if (isRelu6(activation)) return file.operator("RELU6", [x], dims);
    if (activation.op === "HardSigmoid" && Math.abs(activation.alpha - 1 / 6) < 1e-7 && activation.beta === 0.5) {
      const clipped = file.operator("ADD", [x, number(3)], dims, options.add(Fused.RELU6));
      return file.operator("MUL", [clipped, number(1 / 6)], dims, options.mul(Fused.NONE));
    }
    throw new CannotRun(`the bench has no translation of ${activation.op} for LiteRT`);
  }
}

type Window = Pick<MaxPoolAttributes, "kernelShape" | "strides" | "dilations" | "pads">;

/** The part of an activation that operators take in, and the part that is left. */
function splitActivation(activation: Activation | undefined): { fused: number; rest?: Activation } {
  if (activation?.op === "Relu") return { fused: Fused.RELU };
  if (isRelu6(activation)) return { fused: Fused.RELU6 };
  return { fused: Fused.NONE, rest: activation };
}

/** A translation of one operator: from its node and the dims of its result, in NHWC, to that. */
type Translate<Op extends Operator> = (t: Translation, node: NodeOf<Op>, dims: readonly number[]) => number;

const conv: Translate<"Conv"> = (t, { name, inputs, attributes }, dims) => {
  const [input, weightName, biasName, scaleName] = inputs;
  const { group, strides, dilations, activation } = attributes;
  const weightDims = t.graph.parameters.get(weightName)!.dims;
  const [outChannels, inChannels, height, width] = weightDims;
  const scale = scaleName ? t.data(scaleName) : undefined;
  const each = elementCount(weightDims) / outChannels;
  const weight = t.data(weightName).map((value, i) => value * (scale?.[Math.floor(i / each)] ?? 1));
  const isDepthwise = group > 1 && inChannels === 1;
  const filter = isDepthwise
    ? t.file.tensor(`${name}.weight`, [1, height, width, outChannels], transpose(weight, weightDims, [1, 2, 3, 0]))
    : t.file.tensor(`${name}.weight`, [outChannels, height, width, inChannels], transpose(weight, weightDims, [0, 2, 3, 1]));
  const bias = t.file.tensor(`${name}.bias`, [outChannels], biasName ? t.data(biasName) : new Float32Array(outChannels));
  const { fused, rest } = splitActivation(activation);
  const { x, padding } = t.windowed(t.tensor(input), dims, attributes, 0);
  const result = isDepthwise
    ? t.file.operator(
        "DEPTHWISE_CONV_2D",
        [x, filter, bias],
        dims,
        options.depthwise(padding, strides, outChannels / group, fused, dilations),
      )
    : t.file.operator("CONV_2D", [x, filter, bias], dims, options.conv(padding, strides, fused, dilations));
  return t.activate(result, rest);
};

const gemm: Translate<"Gemm"> = (t, { name, inputs, attributes: { transB, activation } }, dims) => {
  const [input, weightName, biasName] = inputs;
  const [k, n] = t.graph.parameters.get(weightName)!.dims;
  const weight = transB
    ? t.tensor(weightName)
    : t.file.tensor(`${name}.weight`, [n, k], transpose(t.data(weightName), [k, n], [1, 0]));
  const bias = biasName ? t.tensor(biasName) : t.file.tensor(`${name}.bias`, [dims[1]], new Float32Array(dims[1]));
  const { fused, rest } = splitActivation(activation);
  return t.activate(
    t.file.operator("FULLY_CONNECTED", [t.tensor(input), weight, bias], dims, options.fullyConnected(fused)),
    rest,
  );
};

function pool(
  t: Translation,
  operator: "MAX_POOL_2D" | "AVERAGE_POOL_2D",
  name: string,
  window: Window,
  dims: readonly number[],
) {
  if (window.dilations.some((n) => n !== 1)) throw new CannotRun("TensorFlow Lite has no dilated pooling");
  const { x, padding } = t.windowed(t.tensor(name), dims, window, LOWEST);
  return t.file.operator(operator, [x], dims, options.pool(padding, window.strides, window.kernelShape));
}

/** An image in the graph's own order of axes. */
function toNchw(t: Translation, x: number): number {
  const [n, h, w, c] = t.dims(x);
  if (t.dims(x).length < 4) return x;
  return t.file.operator("TRANSPOSE", [x, t.integers("order", [4], 0, 3, 1, 2)], [n, c, h, w]);
}

/** The same elements, in the graph's order, with other dims. */
function reshape(t: Translation, x: number, dims: readonly number[]): number {
  if (dims.length === 4) throw new CannotRun("the bench has no reshape to an image for LiteRT");
  const isPixel = elementCount(t.dims(x)) === t.dims(x)[0] * t.dims(x).at(-1)!;
  return t.file.operator("RESHAPE", [isPixel ? x : toNchw(t, x), t.integers("dims", [dims.length], ...dims)], dims);
}

const arithmetic =
  (operator: "ADD" | "MUL", optionsOf: (fused: number) => Options) =>
  (t: Translation, { inputs: [a, b], attributes: { activation } }: NodeOf<"Add" | "Mul">, dims: readonly number[]) => {
    const { fused, rest } = splitActivation(activation);
    return t.activate(t.file.operator(operator, [t.tensor(a), t.tensor(b)], dims, optionsOf(fused)), rest);
  };

const translators: { [Op in Operator]?: Translate<Op> } = {
  Conv: conv,
  Gemm: gemm,
  MaxPool: (t, { inputs, attributes }, dims) => pool(t, "MAX_POOL_2D", inputs[0], attributes, dims),
  AveragePool: (t, { inputs, attributes }, dims) => {
    if (attributes.ceilMode || attributes.pads.some((n) => n > 0))
      throw new CannotRun("the bench has no padded averages for LiteRT");
    return pool(t, "AVERAGE_POOL_2D", inputs[0], attributes, dims);
  },
  GlobalAveragePool: (t, { inputs }, dims) =>
    t.file.operator("MEAN", [t.tensor(inputs[0]), t.integers("axes", [2], 1, 2)], dims, options.mean()),
  BatchNormalization: (t, node, dims) => {
    const { scale, shift } = affineOf(vectorsOf(t.graph, node)!, node.attributes.epsilon);
    const { fused, rest } = splitActivation(node.attributes.activation);
    const vector = (part: string, data: Float32Array) => t.file.tensor(`${node.name}.${part}`, [data.length], data);
    const product = t.file.operator("MUL", [t.tensor(node.inputs[0]), vector("scale", scale)], dims, options.mul(Fused.NONE));
    return t.activate(t.file.operator("ADD", [product, vector("shift", shift)], dims, options.add(fused)), rest);
  },
  LRN: (t, { inputs, attributes: { size, alpha, beta, bias } }, dims) => {
    if (size % 2 === 0) throw new CannotRun("TensorFlow Lite has local response normalisation only over odd sizes");
    return t.file.operator(
      "LOCAL_RESPONSE_NORMALIZATION",
      [t.tensor(inputs[0])],
      dims,
      options.lrn((size - 1) / 2, bias, alpha / size, beta),
    );
  },
  Softmax: (t, { inputs, attributes: { axis } }, dims) => {
    if (axis !== 1) throw new CannotRun("the bench has a softmax only over classes for LiteRT");
    return t.file.operator("SOFTMAX", [t.tensor(inputs[0])], dims, options.softmax());
  },
  Add: arithmetic("ADD", options.add),
  Mul: arithmetic("MUL", options.mul),
  Concat: (t, { inputs, attributes: { axis } }, dims) =>
    t.file.operator(
      "CONCATENATION",
      inputs.map((name) => t.tensor(name)),
      dims,
      options.concatenation(dims.length === 4 ? [0, 3, 1, 2][axis] : axis),
    ),
  Flatten: (t, { inputs }, dims) => reshape(t, t.tensor(inputs[0]), dims),
  Reshape: (t, { inputs }, dims) => reshape(t, t.tensor(inputs[0]), dims),
  Identity: (t, { inputs }) => t.tensor(inputs[0]),
};

function translate(t: Translation, node: Node, dims: readonly number[]): number {
  const translator = translators[node.op] as Translate<Operator> | undefined;
  if (translator !== undefined) return translator(t, node, dims);
  return t.activate(t.tensor(node.inputs[0]), { op: node.op, ...node.attributes } as Activation);
}

/**
 * The model's file. Its input is the graph's first in NHWC, its output the graph's first as it is.
 * @throws CannotRun
 */
export function writeTflite(source: Graph): Uint8Array {
  const graph = converted(source);
  const values = inferShapes(graph);
  const t = new Translation(graph);
  for (const node of graph.nodes) t.define(node.output, translate(t, node, byAxis(values.get(node.output)!.dims)));
  const [[input], [output]] = [graph.inputs, graph.outputs];
  return t.file.bytes(t.tensor(input.name), toNchw(t, t.tensor(output.name)));
}
