// Writes a graph as an ONNX model, for other runtimes to run and for people to look at. Only graphs as models and
// readers build them: what passes fuse has no ONNX operator.
import { GraphError, WeightsError } from "../../errors.ts";
import type { Graph, Node, NodeOf, Normalisation, ValueInfo } from "../../graph/graph.ts";
import type { MaxPoolAttributes, Operator } from "../../graph/operators.ts";
import { inferShapes } from "../../graph/shapes.ts";
import { Tensor } from "../../tensor.ts";
import { normalisationKeys } from "../normalisation.ts";
import { encode } from "./protobuf-write.ts";
import {
  type AttributeProto,
  AttributeType,
  type ModelProto,
  modelProto,
  type NodeProto,
  type StringStringEntry,
  type TensorProto,
  type ValueInfoProto,
} from "./schema.ts";
import { dataTypeOf, writeTensor } from "./tensors.ts";

/** Writes a ModelProto. */
export const encodeModel = (model: ModelProto): Uint8Array => encode(modelProto, model);

const IR_VERSION = 8n;
const OPSET = 17n;
/** The first opset whose AveragePool has dilations, and its IR version. */
const DILATED_AVERAGE_POOL = { irVersion: 9n, opset: 19n };

const int = (name: string, i: number): AttributeProto => ({ name, type: AttributeType.INT, i: BigInt(i) });
const float = (name: string, f: number): AttributeProto => ({ name, type: AttributeType.FLOAT, f });
const text = (name: string, s: string): AttributeProto => ({ name, type: AttributeType.STRING, s });
const ints = (name: string, values: readonly number[]): AttributeProto => ({
  name,
  type: AttributeType.INTS,
  ints: values.map(BigInt),
});

/** Makes a node's attributes from it and its result's dims, adding initialisers for the inputs that only ONNX has. */
type Writer<Op extends Operator> = (
  node: NodeOf<Op>,
  initializer: (name: string, tensor: Tensor) => string,
  dims: readonly number[],
) => { attribute?: AttributeProto[]; input?: string[] };

const plain = () => ({});
const onAxis = ({ attributes }: NodeOf<"Softmax" | "LogSoftmax" | "Concat" | "Flatten">) => ({
  attribute: [int("axis", attributes.axis)],
});

const windowOf = ({ kernelShape, strides, pads, dilations }: Omit<MaxPoolAttributes, "ceilMode">) => [
  ints("kernel_shape", kernelShape),
  ints("strides", strides),
  ints("pads", pads),
  ...(dilations.some((dilation) => dilation !== 1) ? [ints("dilations", dilations)] : []),
];
const pool = (attributes: MaxPoolAttributes) => [...windowOf(attributes), int("ceil_mode", attributes.ceilMode ? 1 : 0)];

const scalar = (value: number) => new Tensor("float32", [value], []);
const int64s = (values: readonly number[]) => new Tensor("int64", values, [values.length]);

const writers: { [Op in Exclude<Operator, "Swish" | "ChannelShuffle">]: Writer<Op> } = {
  Conv: ({ attributes }) => ({ attribute: [...windowOf(attributes), int("group", attributes.group)] }),
  Gemm: ({ attributes }) => ({ attribute: [int("transB", attributes.transB ? 1 : 0)] }),
  MaxPool: ({ attributes }) => ({ attribute: pool(attributes) }),
  AveragePool: ({ attributes }) => ({
    attribute: [...pool(attributes), int("count_include_pad", attributes.countIncludePad ? 1 : 0)],
  }),
  GlobalAveragePool: plain,
  BatchNormalization: ({ attributes }) => ({ attribute: [float("epsilon", attributes.epsilon)] }),
  LRN: ({ attributes: { size, alpha, beta, bias } }) => ({
    attribute: [int("size", size), float("alpha", alpha), float("beta", beta), float("bias", bias)],
  }),
  Relu: plain,
  Clip: ({ inputs, attributes: { min, max } }, initializer) => ({
    input: [
      inputs[0],
      min === -Infinity ? "" : initializer("min", scalar(min)),
      max === Infinity ? "" : initializer("max", scalar(max)),
    ],
  }),
  LeakyRelu: ({ attributes }) => ({ attribute: [float("alpha", attributes.alpha)] }),
  Elu: ({ attributes }) => ({ attribute: [float("alpha", attributes.alpha)] }),
  Sigmoid: plain,
  HardSigmoid: ({ attributes }) => ({ attribute: [float("alpha", attributes.alpha), float("beta", attributes.beta)] }),
  HardSwish: plain,
  Softmax: onAxis,
  LogSoftmax: onAxis,
  Add: plain,
  Sub: plain,
  Mul: plain,
  Div: plain,
  Concat: onAxis,
  Slice: ({ inputs, attributes: { starts, ends, steps } }, initializer) => ({
    input: [
      inputs[0],
      initializer("starts", int64s(starts)),
      initializer("ends", int64s(ends)),
      initializer("axes", int64s(starts.map((_, axis) => axis))),
      initializer("steps", int64s(steps)),
    ],
  }),
  Pad: ({ inputs, attributes: { before, after, value } }, initializer) => ({
    input: [inputs[0], initializer("pads", int64s([...before, ...after])), initializer("value", scalar(value))],
  }),
  Resize: ({ inputs, attributes: { mode, coordinateTransformation, nearestMode, scales } }, initializer, dims) => ({
    attribute: [
      text("mode", mode),
      text("coordinate_transformation_mode", coordinateTransformation),
      ...(mode === "nearest" ? [text("nearest_mode", nearestMode)] : []),
    ],
    input: scales
      ? [inputs[0], "", initializer("scales", new Tensor("float32", [1, 1, ...scales], [4]))]
      : [inputs[0], "", "", initializer("sizes", int64s(dims))],
  }),
  Flatten: onAxis,
  Transpose: ({ attributes }) => ({ attribute: [ints("perm", attributes.perm)] }),
  Reshape: ({ inputs, attributes: { dims } }, initializer) => ({ input: [inputs[0], initializer("shape", int64s(dims))] }),
  Identity: plain,
};

function writeValue({ name, type, dims }: ValueInfo): ValueInfoProto {
  const dim = dims.map((size) => ({ dimValue: BigInt(size) }));
  return { name, type: { tensorType: { elemType: dataTypeOf(type), shape: { dim } } } };
}

function writeMetadata(normalisation: Normalisation | undefined): StringStringEntry[] {
  if (normalisation === undefined) return [];
  return (["mean", "std", "scale"] as const).map((key) => ({
    key: normalisationKeys[key],
    value: JSON.stringify(normalisation[key]),
  }));
}

/** [N,C,H,W] → [N,g,C/g,H,W] → [N,C/g,g,H,W] → [N,C,H,W]. */
function writeShuffle(
  { name, inputs, output, attributes: { group } }: NodeOf<"ChannelShuffle">,
  dims: readonly number[],
  unique: (name: string) => string,
  initializer: (name: string, tensor: Tensor) => string,
): NodeProto[] {
  const [n, c, h, w] = dims;
  const groups = unique(`${name}/groups`);
  const exchanged = unique(`${name}/exchanged`);
  const split = initializer("groups/shape", int64s([n, group, c / group, h, w]));
  return [
    { opType: "Reshape", name: groups, input: [inputs[0], split], output: [groups] },
    { opType: "Transpose", name: exchanged, input: [groups], output: [exchanged], attribute: [ints("perm", [0, 2, 1, 3, 4])] },
    { opType: "Reshape", name, input: [exchanged, initializer("shape", int64s(dims))], output: [output] },
  ];
}

/** ONNX has no node for what a pass has fused into one. */
function checkUnfused(graph: Graph, node: Node): void {
  const fused = "activation" in node.attributes && node.attributes.activation !== undefined;
  const part = node.op === "ChannelShuffle" && node.attributes.range !== undefined;
  if (fused || part || (node.op === "Conv" && (node.inputs[3] ?? "") !== "")) {
    throw new GraphError(
      `graph "${graph.name}": ${node.op} "${node.name}" is fused, and ONNX has no operator for it`,
      "write the graph as it was before its passes",
    );
  }
}

/**
 * Writes a graph as an ONNX model of opset 17 (19 where an AveragePool has dilations). Parameters become initialisers of
 * the same names, the normalisation becomes metadata.
 * @throws GraphError where a pass has fused nodes of the graph
 * @throws WeightsError where parameters have no data
 */
export function writeOnnx(graph: Graph): Uint8Array {
  const missing = [...graph.parameters].filter(([, { data }]) => data === undefined).map(([name]) => name);
  if (missing.length > 0) throw new WeightsError(`graph "${graph.name}" cannot be written without its weights`, missing, [], []);
  const initializer: TensorProto[] = [];
  for (const [name, { type, dims, data }] of graph.parameters) {
    if (data !== undefined) initializer.push(writeTensor(name, new Tensor(type, data, dims)));
  }

  const taken = new Set([
    ...graph.inputs.map((input) => input.name),
    ...graph.parameters.keys(),
    ...graph.nodes.flatMap((node) => [node.name, node.output]),
  ]);
  const unique = (name: string) => {
    let result = name;
    for (let i = 2; taken.has(result); ++i) result = `${name}_${i}`;
    taken.add(result);
    return result;
  };
  const values = inferShapes(graph);
  const node = graph.nodes.flatMap((node): NodeProto[] => {
    checkUnfused(graph, node);
    const { op, name, inputs, output } = node;
    if (node.op === "Swish") {
      const sigmoid = unique(`${name}/sigmoid`);
      return [
        { opType: "Sigmoid", name: sigmoid, input: [...inputs], output: [sigmoid] },
        { opType: "Mul", name, input: [inputs[0], sigmoid], output: [output] },
      ];
    }
    const constant = (what: string, tensor: Tensor) => {
      const tensorName = unique(`${name}/${what}`);
      initializer.push(writeTensor(tensorName, tensor));
      return tensorName;
    };
    if (node.op === "ChannelShuffle") return writeShuffle(node, values.get(output)!.dims, unique, constant);
    const write = writers[node.op] as Writer<Operator>;
    const extra = write(node, constant, values.get(output)!.dims);
    return [{ opType: op, name, input: [...inputs], output: [output], ...extra }];
  });

  const dilated = graph.nodes.some(({ op, attributes }) => op === "AveragePool" && attributes.dilations.some((d) => d !== 1));
  const { irVersion, opset } = dilated ? DILATED_AVERAGE_POOL : { irVersion: IR_VERSION, opset: OPSET };
  return encodeModel({
    irVersion,
    producerName: "minnow",
    graph: { node, name: graph.name, initializer, input: graph.inputs.map(writeValue), output: graph.outputs.map(writeValue) },
    opsetImport: [{ domain: "", version: opset }],
    metadataProps: writeMetadata(graph.normalisation),
  });
}
