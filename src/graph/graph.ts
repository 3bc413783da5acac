// The graph: what a network computes, without how. Operators and their attributes are ONNX's (latest opset),
// with three liberties: pads are always explicit, every node has one output, and fused forms carry an
// `activation` and extra inputs, named in operators.ts.
import type { Tensor, TensorData, TensorType } from "../tensor.ts";
import type { Attributes, Operator } from "./operators.ts";

/** Type and dims of a value that flows through a graph. */
export interface ValueType {
  readonly type: TensorType;
  readonly dims: readonly number[];
}

/** A named input or output of a graph or a model. */
export interface ValueInfo extends ValueType {
  readonly name: string;
}

/** An input of a graph. */
export interface GraphInput extends ValueInfo {
  /** The order in which callers have an image, whose dims here are [N,C,H,W], unless they ask for another: [N,H,W,C]. */
  readonly layout?: "nhwc";
}

/** A trained tensor. Without `data` the graph is an architecture that still waits for weights. */
export interface Parameter extends ValueType {
  readonly data?: TensorData;
}

/** One operator applied to values; `inputs` holds value or parameter names, "" for an optional one left out. */
export interface NodeOf<Op extends Operator> {
  readonly op: Op;
  /** For messages, profiles and tables; unique in its graph. */
  readonly name: string;
  readonly inputs: readonly string[];
  readonly output: string;
  readonly attributes: Attributes[Op];
}

export type Node = { [Op in Operator]: NodeOf<Op> }[Operator];

/** How pixels (0…255, RGB) become the input: (x / scale − mean) / std, channel by channel. */
export interface Normalisation {
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** What 0…255 is divided by first: 255 or 1. */
  readonly scale: number;
}

/** A network: nodes in an order in which they can run. Passes make a new graph, they never change one. */
export interface Graph {
  readonly name: string;
  readonly inputs: readonly GraphInput[];
  readonly outputs: readonly ValueInfo[];
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly nodes: readonly Node[];
  /** How the input's pixels were scaled in training, where the source says so. */
  readonly normalisation?: Normalisation;
}

/** Trained tensors by name, as a weights file holds them. */
export type Weights = ReadonlyMap<string, Tensor>;
