// Lowering: a graph's nodes → kernel calls. One function an operator says which kernel computes it and with which
// fields; they live in lowerings/, this file drives them and adds the steps at the model's edges.
import { UnsupportedError } from "../errors.ts";
import type { Graph, Node, NodeOf, ValueType } from "../graph/graph.ts";
import type { Operator } from "../graph/operators.ts";
import { inferShapes } from "../graph/shapes.ts";
import { formatDims } from "../tensor.ts";
import { chooseWinograd, type MemoryChoice } from "./cost.ts";
import { describeActivation } from "./lowerings/activation.ts";
import { conv } from "./lowerings/conv.ts";
import { activation, batchNormalization, binary, lrn, softmax } from "./lowerings/elementwise.ts";
import { gemm } from "./lowerings/gemm.ts";
import { globalAveragePool, pool } from "./lowerings/pool.ts";
import { inputPort, type LoweredPort, outputPort, type PortOptions } from "./lowerings/ports.ts";
import { resize } from "./lowerings/resize.ts";
import { channelShuffle, concat, identity, pad, reshape, slice, transpose } from "./lowerings/shape.ts";
import { Packer } from "./pack.ts";
import { type ImageDims, imageDims, Place } from "./place.ts";
import type { LoweredStep } from "./step.ts";
import type { Threading } from "./threading.ts";
import type { WinogradForm } from "./winograd.ts";

/** What a plan depends on beside its graph. */
export interface CompileOptions extends PortOptions {
  /** How much memory the weights may take; "fast" unless given. */
  readonly memory?: MemoryChoice;
  /** Splits steps for several threads; for one unless given. */
  readonly threading?: Threading;
  /** Images beyond these many bytes are made in bands, where that can be; set by tests, which cut what is tiny. */
  readonly bandBytes?: number;
  /** Whether Winograd's convolution may be chosen: not where the bench compares it with the direct one. */
  readonly winograd?: boolean;
}

export interface Lowered {
  readonly steps: readonly LoweredStep[];
  readonly inputs: readonly LoweredPort[];
  readonly outputs: readonly LoweredPort[];
  readonly packer: Packer;
}

/** What a lowering function emits; the driver adds the names. */
export type Call = Partial<LoweredStep> & Pick<LoweredStep, "opcode" | "src" | "dst" | "fields">;

class Refusal extends Error {}

/** What lowering functions work with: places of values, packed weights, and the list of steps. */
export class Lowering {
  readonly packer: Packer;
  readonly steps: LoweredStep[] = [];
  /** Results of the convolutions that Winograd computes, and how. */
  readonly winograd: ReadonlyMap<string, WinogradForm>;
  /** Whether memory is to be as small as can be. */
  readonly small: boolean;
  /** How many threads will run the plan. */
  readonly threads: number;
  /** Why nodes cannot be computed, one sentence each. */
  readonly problems: string[] = [];
  readonly #graph: Graph;
  readonly #values: ReadonlyMap<string, ValueType>;
  readonly #places = new Map<string, Place>();
  #current: Node | undefined;

  constructor(graph: Graph, { memory, threading, winograd = true }: CompileOptions) {
    this.#graph = graph;
    this.#values = inferShapes(graph);
    this.winograd = winograd ? chooseWinograd(graph, this.#values, memory) : new Map();
    this.small = memory === "small";
    this.threads = threading?.threads ?? 1;
    this.packer = new Packer(graph.parameters);
  }

  /** Where a value lies; a parameter used as one is packed. */
  place(name: string): Place {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    return this.constant(name, this.dims(name));
  }

  /** A parameter as an image of those dims. */
  constant(name: string, dims: ImageDims): Place {
    return this.packer.constant(name, dims);
  }

  /** A new place for a value that a step will compute. */
  define(name: string): Place {
    const place = new Place(name, this.dims(name), "image");
    this.#places.set(name, place);
    return place;
  }

  /** Says that a value is another one under a new name. */
  alias(name: string, place: Place): void {
    this.#places.set(name, place);
  }

  /** A value's dims as an image. */
  dims(name: string): ImageDims {
    return imageDims(this.valueDims(name))!;
  }

  /** A value's dims as the graph has them. */
  valueDims(name: string): readonly number[] {
    return this.#values.get(name)!.dims;
  }

  rank(name: string): number {
    return this.valueDims(name).length;
  }

  isParameter(name: string): boolean {
    return this.#graph.parameters.has(name);
  }

  /** Which axis of [N,C,H,W] an axis of a value of lower rank is. */
  imageAxis(name: string, axis: number): number {
    const rank = this.rank(name);
    return rank === 1 ? 1 : rank === 3 && axis === 2 ? 3 : axis;
  }

  /** A name that must be a parameter, since the kernel wants it packed. */
  parameter(name: string, what: string): string {
    if (!this.isParameter(name)) this.unsupported(`its ${what} "${name}" is computed by the model, it must be constant`);
    return name;
  }

  /** Gives up on the current node; the model's other nodes are still looked at, so that all troubles are told at once. */
  unsupported(why: string): never {
    throw new Refusal(why);
  }

  /** A vector that lowering computed from parameters, as a parameter of its own. */
  derive(name: string, data: Float32Array): string {
    this.packer.define(name, { type: "float32", dims: [data.length], data });
    return name;
  }

  /** The data of a parameter. */
  data(name: string, what: string): Float32Array {
    return this.#graph.parameters.get(this.parameter(name, what))!.data as Float32Array;
  }

  emit(call: Call): void {
    const node = this.#current;
    this.steps.push({
      name: node?.name ?? "",
      operator: node?.op ?? "",
      fused: node === undefined ? "" : describeFusion(node),
      scratchBytes: 0,
      multiplyAdds: 0,
      inPlace: [],
      ...call,
    });
  }

  /** Steps emitted by `body` belong to `node`. */
  within(node: Node, body: () => void): void {
    this.#current = node;
    try {
      body();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.problems.push(`${node.op} "${node.name}": ${error.message}`);
      this.define(node.output);
    }
    this.#current = undefined;
  }
}

function describeFusion(node: Node): string {
  const parts: string[] = [];
  if (node.op === "Conv" && node.inputs[5]) parts.push(`${node.inputs[6] ? "BatchNormalization" : "Mul"} of its input`);
  if (node.op === "Conv" && node.attributes.inputActivation) parts.push("Relu of its input");
  if (node.op === "Conv" && node.inputs[3]) parts.push("BatchNormalization");
  if (node.op === "Conv" && node.inputs[4]) parts.push("Add");
  if ("activation" in node.attributes && node.attributes.activation) parts.push(describeActivation(node.attributes.activation));
  return parts.join(" + ");
}

const lowerings: { [Op in Operator]: (node: NodeOf<Op>, lowering: Lowering) => void } = {
  Conv: conv,
  Gemm: gemm,
  MaxPool: pool,
  AveragePool: pool,
  GlobalAveragePool: globalAveragePool,
  BatchNormalization: batchNormalization,
  LRN: lrn,
  Relu: activation,
  Clip: activation,
  LeakyRelu: activation,
  Elu: activation,
  Sigmoid: activation,
  HardSigmoid: activation,
  HardSwish: activation,
  Swish: activation,
  Softmax: softmax,
  LogSoftmax: softmax,
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: binary,
  Concat: concat,
  Slice: slice,
  Pad: pad,
  Resize: resize,
  Flatten: reshape,
  Transpose: transpose,
  ChannelShuffle: channelShuffle,
  Reshape: reshape,
  Identity: identity,
};

/**
 * Chooses kernels for every node of a graph.
 * @throws UnsupportedError listing every node that no kernel computes and every value that none can hold
 */
export function lower(graph: Graph, options: CompileOptions = {}): Lowered {
  const problems = [...inferShapes(graph)]
    .filter(([, { dims }]) => imageDims(dims) === undefined)
    .map(([name, { dims }]) => `value "${name}" has dims ${formatDims(dims)}; kernels work on at most four`);
  for (const { name, type } of [...graph.inputs, ...graph.outputs]) {
    if (type !== "float32") problems.push(`"${name}" is ${type}; inputs and outputs must be float32`);
  }
  if (problems.length > 0) throw new UnsupportedError("the model cannot be compiled", problems);
  const lowering = new Lowering(graph, options);
  const inputs = graph.inputs.map((input) => inputPort(lowering, input, graph.normalisation, options));
  for (const node of graph.nodes) {
    const lowerNode = lowerings[node.op] as (node: Node, lowering: Lowering) => void;
    lowering.within(node, () => lowerNode(node, lowering));
  }
  if (lowering.problems.length > 0) throw new UnsupportedError("the model cannot be compiled", lowering.problems);
  const outputs = graph.outputs.map((output) => outputPort(lowering, output, graph.normalisation, options));
  return { steps: lowering.steps, inputs, outputs, packer: lowering.packer };
}
