// Small ONNX models for tests, written field by field, and onnxruntime-web to run them.
import * as ort from "onnxruntime-web";
import {
  type AttributeProto,
  AttributeType,
  DataType,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "../../src/formats/onnx/schema.ts";
import { encodeModel } from "../../src/formats/onnx/write.ts";
import { elementCount, type Tensor } from "../../src/tensor.ts";

ort.env.wasm.numThreads = 1;
ort.env.logLevel = "error";

export const float = (name: string, f: number): AttributeProto => ({ name, f, type: AttributeType.FLOAT });
export const int = (name: string, i: number): AttributeProto => ({ name, i: BigInt(i), type: AttributeType.INT });
export const text = (name: string, s: string): AttributeProto => ({ name, s, type: AttributeType.STRING });
export const ints = (name: string, ...values: (number | bigint)[]): AttributeProto => ({
  name,
  ints: values.map(BigInt),
  type: AttributeType.INTS,
});

/** A node whose name is its first output's. */
export function node(opType: string, input: string[], output: string | string[], ...attribute: AttributeProto[]): NodeProto {
  return { opType, input, output: [output].flat(), name: [output].flat()[0], attribute };
}

/** A float32 initialiser holding 0.01, 0.02, … */
export function weight(name: string, ...dims: number[]): TensorProto {
  const floatData = Array.from({ length: elementCount(dims) }, (_, i) => (i + 1) / 100);
  return { name, dataType: DataType.FLOAT, dims: dims.map(BigInt), floatData };
}

export const real = (name: string, ...floatData: number[]): TensorProto => ({
  name,
  dataType: DataType.FLOAT,
  dims: [BigInt(floatData.length)],
  floatData,
});

export const whole = (name: string, ...values: (number | bigint)[]): TensorProto => ({
  name,
  dataType: DataType.INT64,
  dims: [BigInt(values.length)],
  int64Data: values.map(BigInt),
});

/** A declared input or output; a text dim is symbolic. */
export function value(name: string, dims: readonly (number | string)[], elemType: number = DataType.FLOAT): ValueInfoProto {
  const dim = dims.map((d) => (typeof d === "number" ? { dimValue: BigInt(d) } : { dimParam: d }));
  return { name, type: { tensorType: { elemType, shape: { dim } } } };
}

export interface ModelParts {
  input?: ValueInfoProto[];
  output?: string[];
  node: NodeProto[];
  initializer?: TensorProto[];
  opset?: number;
}

/** A model with the input x [1,4,6,6] and the output y unless told otherwise. */
export function modelOf({
  input = [value("x", [1, 4, 6, 6])],
  output = ["y"],
  node,
  initializer,
  opset = 17,
}: ModelParts): ModelProto {
  return {
    irVersion: 8n,
    opsetImport: [{ domain: "", version: BigInt(opset) }],
    graph: { name: "test", node, initializer, input, output: output.map((name) => ({ name })) },
  };
}

export const model = (parts: ModelParts): Uint8Array => encodeModel(modelOf(parts));

/** Runs a model's bytes in onnxruntime-web; gives its outputs' elements by name. */
export async function runOnnx(
  bytes: Uint8Array,
  inputs: Readonly<Record<string, Tensor>>,
): Promise<Record<string, { data: Float32Array; dims: readonly number[] }>> {
  const session = await ort.InferenceSession.create(bytes, { graphOptimizationLevel: "disabled" });
  const feeds = Object.entries(inputs).map(([name, { data, dims }]) => [
    name,
    new ort.Tensor("float32", data as Float32Array, dims),
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return Object.fromEntries(
    Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Float32Array, dims }]),
  );
}
