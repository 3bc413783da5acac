// Reads an ONNX model: https://github.com/onnx/onnx/blob/main/docs/IR.md. Nodes are read in their order; those whose
// inputs are all known become constants, the rest become nodes of a Graph. What is not supported is listed all at once.
import { FormatError, GraphError, OptionError, UnsupportedError } from "../../errors.ts";
import { GraphBuilder } from "../../graph/builder.ts";
import type { Graph, Normalisation, ValueInfo } from "../../graph/graph.ts";
import { formatDims } from "../../tensor.ts";
import { detectFormat, formatNames } from "../detect.ts";
import { normalisationFromMetadata, parseNormalisation } from "../normalisation.ts";
import { toNumber } from "./attributes.ts";
import { canFold, evaluate } from "./evaluate.ts";
import { OnnxNode, type Scope } from "./node.ts";
import { handlers } from "./operators.ts";
import { Refusal } from "./refusal.ts";
import {
  decodeModel,
  type GraphProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./schema.ts";
import { type Constant, dataTypeName, isReal, readTensor } from "./tensors.ts";

export interface ReadOnnxOptions {
  /** Dims of inputs whose dims the file leaves open, by the input's name. */
  readonly dims?: Readonly<Record<string, readonly number[]>>;
}

/** The most elements that all folded tensors together may have, so that a small file cannot ask for all memory. */
const MAX_FOLDED = 2 ** 28;

/** The oldest opset whose operators mean what the handlers take them to mean. */
const OLDEST_OPSET = 7;

/**
 * Reads an ONNX model of opset 7 or later as a {@link Graph}. float16 and double become float32, in weights and in the
 * declared inputs and outputs. An open first dimension becomes 1. Weights are views of `bytes` where alignment permits.
 * @throws FormatError where the bytes are not an ONNX model, or damaged
 * @throws UnsupportedError listing everything in the model that cannot be run
 * @throws GraphError where the model contradicts itself, or leaves dims open that `options.dims` does not give
 * @throws OptionError where `options.dims` names an input that does not exist
 */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): Graph {
  const model = parse(bytes);
  const graph = model.graph as GraphProto;
  const problems: string[] = [];
  const opset = opsetOf(model);
  if (opset < OLDEST_OPSET) problems.push(`the model is of opset ${opset}, older than ${OLDEST_OPSET}`);
  const reader = new Reader(graph, opset, problems);
  reader.readInputs(graph.input ?? [], options.dims ?? {});
  for (const node of graph.node ?? []) reader.readNode(node);
  const outputs = reader.outputs((graph.output ?? []).map((output) => output.name ?? ""));
  if (problems.length > 0) {
    throw new UnsupportedError(
      "this ONNX model uses what Minnow does not support",
      problems,
      "export it without them, or run it through a tool that folds constants (onnx-simplifier)",
    );
  }
  return reader.builder.build(outputs, normalisationOf(model));
}

function parse(bytes: Uint8Array): ModelProto {
  if (bytes.length === 0) throw new FormatError("the file is empty, not an ONNX model", { byteOffset: 0 });
  const format = detectFormat(bytes);
  if (format !== undefined && format !== "onnx") {
    throw new FormatError(`this is ${formatNames[format]}, not an ONNX model`, { byteOffset: 0 });
  }
  const model = decodeModel(bytes);
  if (model.irVersion === undefined || model.graph === undefined) {
    throw new FormatError("this is not an ONNX model, or only the beginning of one: it holds no graph", {
      byteOffset: bytes.length,
    });
  }
  return model;
}

const isDefaultDomain = (domain = "") => domain === "" || domain === "ai.onnx";

/** The version of ONNX's operators; 1 where the file gives none, as files did then. */
function opsetOf(model: ModelProto): number {
  return toNumber(model.opsetImport?.find(({ domain }) => isDefaultDomain(domain))?.version ?? 1n);
}

function normalisationOf(model: ModelProto): Normalisation | undefined {
  const metadata = new Map((model.metadataProps ?? []).map(({ key = "", value = "" }) => [key, value]));
  return (
    normalisationFromMetadata(metadata) ??
    parseNormalisation(model.docString ?? "") ??
    parseNormalisation(model.graph?.docString ?? "")
  );
}

class Reader implements Scope {
  readonly builder: GraphBuilder;
  readonly opset: number;
  readonly #problems: string[];
  #folded = 0;
  readonly #initializers: ReadonlyMap<string, TensorProto>;
  readonly #constants = new Map<string, Constant>();
  /** Values that nothing computes because their node was refused; what reads them is refused silently. */
  readonly #refused = new Set<string>();
  /** Outputs beyond a node's first that nothing computes here, and the node that has them. */
  readonly #secondary = new Map<string, string>();
  /** Names that nodes and values of the file have, or that were made up here. */
  readonly #taken: Set<string>;
  readonly #nodeNames = new Set<string>();
  /** Values that some node computes, to tell a cycle from a missing initialiser. */
  readonly #computed: ReadonlySet<string>;

  constructor(graph: GraphProto, opset: number, problems: string[]) {
    this.builder = new GraphBuilder(graph.name || "onnx");
    this.opset = opset;
    this.#problems = problems;
    this.#initializers = new Map((graph.initializer ?? []).map((tensor) => [tensor.name ?? "", tensor]));
    const nodes = graph.node ?? [];
    this.#computed = new Set(nodes.flatMap((node) => node.output ?? []));
    this.#taken = new Set([...this.#computed, ...this.#initializers.keys(), ...nodes.map((node) => node.name ?? "")]);
    for (const input of graph.input ?? []) this.#taken.add(input.name ?? "");
  }

  constant(name: string): Constant | undefined {
    const known = this.#constants.get(name);
    if (known !== undefined) return known;
    const initializer = this.#initializers.get(name);
    if (initializer === undefined) return undefined;
    const tensor = readTensor(initializer);
    this.#constants.set(name, tensor);
    return tensor;
  }

  claim(elements: number): boolean {
    this.#folded += elements;
    return this.#folded <= MAX_FOLDED;
  }

  unique(name: string): string {
    let result = name;
    for (let i = 2; this.#taken.has(result); ++i) result = `${name}_${i}`;
    this.#taken.add(result);
    return result;
  }

  readInputs(inputs: readonly ValueInfoProto[], dims: Readonly<Record<string, readonly number[]>>): void {
    // Up to IR version 3 every initialiser is listed as an input too.
    const real = inputs.filter((input) => !this.#initializers.has(input.name ?? ""));
    for (const name of Object.keys(dims)) {
      if (!real.some((input) => input.name === name)) {
        throw new OptionError(
          `dims are given for "${name}", which is not an input of the model`,
          `its inputs are ${real.map((input) => `"${input.name}"`).join(", ")}`,
        );
      }
    }
    for (const input of real) {
      const name = input.name ?? "";
      const type = input.type?.tensorType;
      if (type === undefined || !isReal(type.elemType ?? 0)) {
        const what = type === undefined ? "no tensor" : `a tensor of ${dataTypeName(type.elemType ?? 0)}`;
        this.#problems.push(`input "${name}" is ${what}; only float32, float16 and float64 tensors are supported`);
        this.#refused.add(name);
      } else {
        this.builder.input(name, inputDims(input, Object.hasOwn(dims, name) ? dims[name] : undefined));
      }
    }
  }

  readNode(proto: NodeProto): void {
    const outputs = (proto.output ?? []).filter((name) => name !== "");
    const op = proto.opType ?? "";
    const where = `${op} "${proto.name || outputs[0]}"`;
    if (!proto.output?.[0]) throw new GraphError(`${where} does not compute its first output`);
    try {
      if (!isDefaultDomain(proto.domain)) throw new Refusal(`operators of the domain "${proto.domain}" are not supported`);
      if (!handlers.has(op) && !canFold(op)) throw new Refusal("the operator is not supported");
      if (this.#checkInputs(proto, where)) this.#read(proto, where);
      else for (const name of outputs) this.#refused.add(name);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#problems.push(`${where}: ${error.message}`);
      for (const name of outputs) this.#refused.add(name);
    }
  }

  #read(proto: NodeProto, where: string): void {
    const node = new OnnxNode(proto, this.#nodeName(proto.name || (proto.output as string[])[0]), this);
    const constant = evaluate(node);
    if (constant === undefined) {
      const handler = handlers.get(node.op);
      if (handler === undefined) throw new Refusal("it is supported only on constants");
      handler(node);
    } else {
      this.#constants.set(node.output, constant);
    }
    for (const name of (proto.output ?? []).slice(1)) {
      if (this.builder.value(name) === undefined) this.#secondary.set(name, where);
    }
  }

  /** The graph's outputs by name; empty where they, or what they depend on, are not supported. */
  outputs(names: readonly string[]): Map<string, ValueInfo> {
    const outputs = new Map<string, ValueInfo>();
    for (const name of names) {
      if (this.#refused.has(name)) continue;
      if (this.#secondary.has(name)) {
        this.#problems.push(`output "${name}" is a further output of ${this.#secondary.get(name)}, which is not supported`);
        continue;
      }
      const constant = this.constant(name);
      const value = this.builder.value(name);
      if (value !== undefined) {
        outputs.set(name, value);
      } else if (constant?.type === "float32") {
        outputs.set(name, this.builder.parameter(name, constant.dims, constant.data));
      } else if (constant !== undefined) {
        this.#problems.push(`output "${name}" is a constant integer tensor`);
      } else {
        throw new GraphError(`nothing computes the model's output "${name}"`);
      }
    }
    return outputs;
  }

  /** Whether all inputs are known; false where one depends on something refused before. */
  #checkInputs(proto: NodeProto, where: string): boolean {
    let known = true;
    for (const name of proto.input ?? []) {
      if (name === "" || this.#initializers.has(name) || this.#constants.has(name)) continue;
      if (this.builder.value(name) !== undefined) continue;
      const source = this.#secondary.get(name);
      if (source !== undefined) throw new Refusal(`it reads "${name}", a further output of ${source}, which is not supported`);
      if (!this.#refused.has(name)) {
        const why = this.#computed.has(name)
          ? "is computed only after it: the graph has a cycle, or its nodes are not in order"
          : "is no input, no initialiser and no node's output";
        throw new GraphError(`${where} reads "${name}", which ${why}`);
      }
      known = false;
    }
    return known;
  }

  /** Node names need not be unique in ONNX. Values live in another namespace: a node may be called as its output. */
  #nodeName(name: string): string {
    const unique = this.#nodeNames.has(name) ? this.unique(name) : name;
    this.#nodeNames.add(unique);
    return unique;
  }
}

function inputDims(input: ValueInfoProto, given: readonly number[] | undefined): readonly number[] {
  const shape = input.type?.tensorType?.shape;
  const name = input.name ?? "";
  const hint = `give all its dims: { dims: { "${name}": [1, 3, 224, 224] } }, for instance`;
  if (shape === undefined && given === undefined)
    throw new GraphError(`the model does not say what dims its input "${name}" has`, hint);
  const declared = (shape?.dim ?? []).map(({ dimValue = 0n, dimParam }) =>
    dimValue > 0n ? toNumber(dimValue) : (dimParam ?? "?"),
  );
  if (given !== undefined) {
    if (
      shape !== undefined &&
      (given.length !== declared.length || declared.some((dim, i) => typeof dim === "number" && dim !== given[i]))
    ) {
      throw new GraphError(`input "${name}" was given dims ${formatDims(given)}, but the model declares [${declared.join(",")}]`);
    }
    return given;
  }
  return declared.map((dim, i) => {
    if (typeof dim === "number") return dim;
    if (i === 0) return 1;
    throw new GraphError(`input "${name}" has the dims [${declared.join(",")}]: dimension ${i} is open`, hint);
  });
}
