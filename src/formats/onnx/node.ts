// One node of an ONNX graph while it is read: its inputs as values or constants, its attributes, and the way to add
// what it becomes to the Graph.
import { GraphError } from "../../errors.ts";
import type { GraphBuilder } from "../../graph/builder.ts";
import type { ValueInfo } from "../../graph/graph.ts";
import type { Attributes as AttributesOf, Operator } from "../../graph/operators.ts";
import type { Tensor } from "../../tensor.ts";
import { Attributes, toNumber } from "./attributes.ts";
import { Refusal } from "./refusal.ts";
import type { NodeProto } from "./schema.ts";
import type { Constant } from "./tensors.ts";

/** What is known of the graph while its nodes are read one after the other. */
export interface Scope {
  readonly opset: number;
  readonly builder: GraphBuilder;
  /** The initialiser or folded value of that name. */
  constant(name: string): Constant | undefined;
  /** Counts elements that are about to be allocated. */
  claim(elements: number): boolean;
  /** A name that no value and no node has, made from one that reads well. */
  unique(name: string): string;
}

export class OnnxNode {
  readonly op: string;
  readonly name: string;
  /** Name of the first output, for most operators the only one that Minnow computes. */
  readonly output: string;
  /** Names of all outputs, "" for one that nobody wants. */
  readonly outputs: readonly string[];
  readonly inputs: readonly string[];
  readonly opset: number;
  readonly attributes: Attributes;
  readonly #scope: Scope;

  constructor(proto: NodeProto, name: string, scope: Scope) {
    this.op = proto.opType ?? "";
    this.name = name;
    this.outputs = proto.output ?? [];
    this.output = this.outputs[0] ?? "";
    this.inputs = proto.input ?? [];
    this.opset = scope.opset;
    this.attributes = new Attributes(proto, `${this.op} "${name}"`);
    this.#scope = scope;
  }

  /** An error in the model itself, as opposed to a {@link Refusal}. */
  broken(why: string): GraphError {
    return new GraphError(`${this.op} "${this.name}": ${why}`);
  }

  /** Whether the optional input is given. */
  has(index: number): boolean {
    return (this.inputs[index] ?? "") !== "";
  }

  /** Input `index` as a constant; undefined where it is computed or not given. */
  constant(index: number): Constant | undefined {
    return this.has(index) ? this.#scope.constant(this.inputs[index]) : undefined;
  }

  /** Input `index`, which may be computed or a parameter. */
  value(index: number): ValueInfo {
    if (!this.has(index)) throw this.broken(`input ${index} is missing`);
    const value = this.#scope.builder.value(this.inputs[index]);
    return value ?? this.parameter(this.weight(index, `input ${index}`), this.inputs[index]);
  }

  /** Input `index`, which must be a constant of real numbers. */
  weight(index: number, what: string): Tensor<"float32"> {
    if (!this.has(index)) throw this.broken(`its ${what} is missing`);
    const constant = this.constant(index);
    if (constant === undefined) throw new Refusal(`its ${what} is computed or an input, only a constant is supported`);
    if (constant.type !== "float32") throw new Refusal(`its ${what} is an integer tensor`);
    return constant;
  }

  /** Input `index`, a constant of real numbers, as a parameter of the graph. */
  weightValue(index: number, what: string): ValueInfo {
    return this.parameter(this.weight(index, what), this.inputs[index]);
  }

  /** A whole-number list that may be an attribute (older opsets) or input `index`; undefined where it is neither. */
  numbers(attribute: string, index: number): number[] | undefined {
    if (!this.has(index)) return this.attributes.ints(attribute);
    const constant = this.constant(index);
    if (constant === undefined) throw new Refusal(`its ${attribute} are computed or an input, only constants are supported`);
    if (constant.type !== "int64") throw this.broken(`its ${attribute} are not integers`);
    return Array.from(constant.data, toNumber);
  }

  /** A number that may be an attribute (older opsets) or input `index`. */
  number(attribute: string, index: number, absent: number): number {
    if (!this.has(index)) return this.attributes.float(attribute, absent);
    const constant = this.constant(index);
    if (constant === undefined) throw new Refusal(`its ${attribute} is computed or an input, only a constant is supported`);
    if (constant.data.length !== 1) throw this.broken(`its ${attribute} is not a single number`);
    return Number(constant.data[0]);
  }

  /**
   * Announces that folding this node allocates that many elements.
   * @throws GraphError where the model's folded tensors would be too large altogether
   */
  claim(elements: number): void {
    if (!this.#scope.claim(elements)) throw this.broken("its result is too large");
  }

  /** An axis counted from the front. */
  axis(axis: number, rank: number, last = rank - 1): number {
    const front = axis < 0 ? axis + rank : axis;
    if (!Number.isInteger(front) || front < 0 || front > last) {
      throw this.broken(`axis ${axis} is outside a tensor of ${rank} dimension(s)`);
    }
    return front;
  }

  /** Declares a parameter, once. */
  parameter(tensor: Tensor<"float32">, name: string): ValueInfo {
    return this.#scope.builder.value(name) ?? this.#scope.builder.parameter(name, tensor.dims, tensor.data);
  }

  /** Declares a parameter that was derived from another, under a name of its own. */
  derived(tensor: Tensor<"float32">, name: string): ValueInfo {
    return this.#scope.builder.parameter(this.#scope.unique(name), tensor.dims, tensor.data);
  }

  /** Adds the node that computes this one's output. */
  emit<Op extends Operator>(op: Op, inputs: readonly (ValueInfo | undefined)[], attributes: AttributesOf[Op]): ValueInfo {
    return this.#scope.builder.node(op, this.name, inputs, attributes, this.output);
  }

  /** Adds the node that computes output `index` of several. */
  emitOutput<Op extends Operator>(index: number, op: Op, inputs: readonly ValueInfo[], attributes: AttributesOf[Op]): void {
    const name = index === 0 ? this.name : this.#scope.unique(`${this.name}/${index}`);
    this.#scope.builder.node(op, name, inputs, attributes, this.outputs[index]);
  }

  /** Adds a node on the way to this one's output. */
  step<Op extends Operator>(op: Op, inputs: readonly (ValueInfo | undefined)[], attributes: AttributesOf[Op]): ValueInfo {
    return this.#scope.builder.node(op, this.#scope.unique(`${this.name}/${op}`), inputs, attributes);
  }
}
