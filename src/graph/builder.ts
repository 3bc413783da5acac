// GraphBuilder: writes a graph node by node, inferring shapes as it goes. Models and file readers use it.
import { GraphError } from "../errors.ts";
import type { TensorData, TensorType } from "../tensor.ts";
import { checkGraph } from "./check.ts";
import type { Graph, Node, Normalisation, Parameter, ValueInfo } from "./graph.ts";
import type { Activation, Attributes, Operator, Pads, Pair } from "./operators.ts";
import { inferNode } from "./shapes.ts";

/** A square size, or [height, width]. */
export type Size = number | Pair;

/** Pads: the same on all sides, or [top, left, bottom, right]. */
export type Padding = number | Pads;

export interface ConvOptions {
  outChannels: number;
  kernel: Size;
  stride?: Size;
  pad?: Padding;
  dilation?: Size;
  group?: number;
  bias?: boolean;
}

export interface PoolOptions {
  kernel: Size;
  stride?: Size;
  pad?: Padding;
  ceilMode?: boolean;
}

export interface AveragePoolOptions extends PoolOptions {
  /** Whether the padding counts, as zeros. */
  countIncludePad?: boolean;
}

const pair = (size: Size): Pair => (typeof size === "number" ? [size, size] : size);
const allPads = (pad: Padding): Pads => (typeof pad === "number" ? [pad, pad, pad, pad] : pad);

/** Builds a {@link Graph}. Values are passed around as {@link ValueInfo}: their dims are known at once. */
export class GraphBuilder {
  readonly name: string;
  readonly #inputs: ValueInfo[] = [];
  readonly #parameters = new Map<string, Parameter>();
  readonly #nodes: Node[] = [];
  readonly #values = new Map<string, ValueInfo>();

  constructor(name: string) {
    this.name = name;
  }

  /** Declares an input. */
  input(name: string, dims: readonly number[], type: TensorType = "float32"): ValueInfo {
    const input = this.#declare({ name, dims, type });
    this.#inputs.push(input);
    return input;
  }

  /** Declares a trained tensor, with or without its data. */
  parameter(name: string, dims: readonly number[], data?: TensorData, type: TensorType = "float32"): ValueInfo {
    this.#parameters.set(name, { type, dims, data });
    return this.#declare({ name, dims, type });
  }

  /** The value or parameter of that name, if there is one. */
  value(name: string): ValueInfo | undefined {
    return this.#values.get(name);
  }

  /** The parameter of that name, if there is one. */
  parameterOf(name: string): Parameter | undefined {
    return this.#parameters.get(name);
  }

  /**
   * Adds a node.
   * @param inputs values in the operator's order, undefined for an optional one left out
   * @param output name of the value it computes; the node's own by default
   * @throws GraphError where inputs or attributes do not fit the operator
   */
  node<Op extends Operator>(
    op: Op,
    name: string,
    inputs: readonly (ValueInfo | undefined)[],
    attributes: Attributes[Op],
    output: string = name,
  ): ValueInfo {
    const node = { op, name, inputs: inputs.map((input) => input?.name ?? ""), output, attributes } as Node;
    const value = this.#declare({ name: output, ...inferNode(node, [...inputs]) });
    this.#nodes.push(node);
    return value;
  }

  /** A convolution with parameters `name.weight` and, unless `bias` is false, `name.bias`. */
  conv(name: string, x: ValueInfo, options: ConvOptions): ValueInfo {
    const { outChannels, kernel, stride = 1, pad = 0, dilation = 1, group = 1, bias = true } = options;
    const weight = this.parameter(`${name}.weight`, [outChannels, x.dims[1] / group, ...pair(kernel)]);
    return this.node("Conv", name, [x, weight, bias ? this.parameter(`${name}.bias`, [outChannels]) : undefined], {
      kernelShape: pair(kernel),
      strides: pair(stride),
      pads: allPads(pad),
      dilations: pair(dilation),
      group,
    });
  }

  /** A fully connected layer on [N,K] with parameters `name.weight` [outFeatures,K] and `name.bias`. */
  linear(name: string, x: ValueInfo, outFeatures: number): ValueInfo {
    const weight = this.parameter(`${name}.weight`, [outFeatures, x.dims[1]]);
    return this.node("Gemm", name, [x, weight, this.parameter(`${name}.bias`, [outFeatures])], { transB: true });
  }

  /** Batch normalisation with parameters named as in PyTorch: weight, bias, running_mean, running_var. */
  batchNorm(name: string, x: ValueInfo, epsilon = 1e-5): ValueInfo {
    const parameters = ["weight", "bias", "running_mean", "running_var"].map((part) =>
      this.parameter(`${name}.${part}`, [x.dims[1]]),
    );
    return this.node("BatchNormalization", name, [x, ...parameters], { epsilon });
  }

  activation(name: string, x: ValueInfo, activation: Activation): ValueInfo {
    const { op, ...attributes } = activation;
    return this.node<Operator>(op, name, [x], attributes as Attributes[Operator]);
  }

  relu(name: string, x: ValueInfo): ValueInfo {
    return this.activation(name, x, { op: "Relu" });
  }

  maxPool(name: string, x: ValueInfo, { kernel, stride = 1, pad = 0, ceilMode = false }: PoolOptions): ValueInfo {
    return this.node("MaxPool", name, [x], {
      kernelShape: pair(kernel),
      strides: pair(stride),
      pads: allPads(pad),
      dilations: [1, 1],
      ceilMode,
    });
  }

  /** Means of the pixels under each window; those of the padding do not count unless told so. */
  averagePool(name: string, x: ValueInfo, options: AveragePoolOptions): ValueInfo {
    const { kernel, stride = 1, pad = 0, ceilMode = false, countIncludePad = false } = options;
    return this.node("AveragePool", name, [x], {
      kernelShape: pair(kernel),
      strides: pair(stride),
      pads: allPads(pad),
      dilations: [1, 1],
      ceilMode,
      countIncludePad,
    });
  }

  globalAveragePool(name: string, x: ValueInfo): ValueInfo {
    return this.node("GlobalAveragePool", name, [x], {});
  }

  /** Joins tensors along the channels. */
  concat(name: string, inputs: readonly ValueInfo[]): ValueInfo {
    return this.node("Concat", name, inputs, { axis: 1 });
  }

  add(name: string, a: ValueInfo, b: ValueInfo): ValueInfo {
    return this.node("Add", name, [a, b], {});
  }

  /** The product of two tensors, which broadcast to each other. */
  mul(name: string, a: ValueInfo, b: ValueInfo): ValueInfo {
    return this.node("Mul", name, [a, b], {});
  }

  /** Mixes the channels of groups: channel i of group j becomes channel j of group i. */
  channelShuffle(name: string, x: ValueInfo, group: number): ValueInfo {
    return this.node("ChannelShuffle", name, [x], { group });
  }

  /** Channels from `start` to `end` (exclusive). */
  sliceChannels(name: string, x: ValueInfo, start: number, end: number): ValueInfo {
    const [n, , ...pixels] = x.dims;
    return this.node("Slice", name, [x], {
      starts: x.dims.map((_, axis) => (axis === 1 ? start : 0)),
      ends: [n, end, ...pixels],
      steps: x.dims.map(() => 1),
    });
  }

  /** [N,C,H,W] → [N,C·H·W]. */
  flatten(name: string, x: ValueInfo): ValueInfo {
    return this.node("Flatten", name, [x], { axis: 1 });
  }

  /**
   * The finished graph.
   * @param outputs name → value; a value whose name differs gets an Identity node, which costs nothing
   * @throws GraphError where the graph contradicts itself
   */
  build(outputs: Readonly<Record<string, ValueInfo>> | ReadonlyMap<string, ValueInfo>, normalisation?: Normalisation): Graph {
    const named = outputs instanceof Map ? [...outputs] : Object.entries(outputs);
    const infos = named.map(([name, value]) =>
      value.name === name ? value : this.node("Identity", `output ${name}`, [value], {}, name),
    );
    const graph: Graph = {
      name: this.name,
      inputs: this.#inputs,
      outputs: infos,
      parameters: this.#parameters,
      nodes: this.#nodes,
      normalisation,
    };
    checkGraph(graph);
    return graph;
  }

  #declare(value: ValueInfo): ValueInfo {
    if (this.#values.has(value.name)) {
      throw new GraphError(`graph "${this.name}": two values are called "${value.name}"`);
    }
    this.#values.set(value.name, value);
    return value;
  }
}
