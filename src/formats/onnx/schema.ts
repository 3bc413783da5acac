// The part of onnx.proto that Minnow reads and writes: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
// Names are ONNX's in camel case. Subgraphs, sequences, maps and training info are left out.
import { decode, many, one, Schema } from "./protobuf.ts";

/** TensorProto.DataType: the types that Minnow knows by name. */
export const DataType = {
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  BFLOAT16: 16,
} as const;

/** AttributeProto.AttributeType: those that Minnow writes. */
export const AttributeType = { FLOAT: 1, INT: 2, STRING: 3, INTS: 7 } as const;

export interface TensorProto {
  dims?: bigint[];
  dataType?: number;
  floatData?: number[];
  /** Also holds bool, int8, uint8, int16, uint16, float16 and bfloat16, one element in each. */
  int32Data?: number[];
  int64Data?: bigint[];
  name?: string;
  rawData?: Uint8Array;
  doubleData?: number[];
  /** Also holds uint32. */
  uint64Data?: bigint[];
  /** 1: the data lies in another file. */
  dataLocation?: number;
}

export interface AttributeProto {
  name?: string;
  f?: number;
  i?: bigint;
  s?: string;
  t?: TensorProto;
  floats?: number[];
  ints?: bigint[];
  type?: number;
}

export interface NodeProto {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: AttributeProto[];
  domain?: string;
}

export interface Dimension {
  dimValue?: bigint;
  dimParam?: string;
}

export interface TensorShapeProto {
  dim?: Dimension[];
}

export interface TensorTypeProto {
  elemType?: number;
  shape?: TensorShapeProto;
}

export interface TypeProto {
  /** Absent in sequences, maps and optionals. */
  tensorType?: TensorTypeProto;
}

export interface ValueInfoProto {
  name?: string;
  type?: TypeProto;
}

export interface GraphProto {
  node?: NodeProto[];
  name?: string;
  initializer?: TensorProto[];
  docString?: string;
  input?: ValueInfoProto[];
  output?: ValueInfoProto[];
}

export interface OperatorSetId {
  domain?: string;
  version?: bigint;
}

export interface StringStringEntry {
  key?: string;
  value?: string;
}

export interface ModelProto {
  irVersion?: bigint;
  producerName?: string;
  docString?: string;
  graph?: GraphProto;
  opsetImport?: OperatorSetId[];
  metadataProps?: StringStringEntry[];
}

const tensorProto = new Schema<TensorProto>("TensorProto", {
  dims: many(1, "int64"),
  dataType: one(2, "int32"),
  floatData: many(4, "float"),
  int32Data: many(5, "int32"),
  int64Data: many(7, "int64"),
  name: one(8, "string"),
  rawData: one(9, "bytes"),
  doubleData: many(10, "double"),
  uint64Data: many(11, "int64"),
  dataLocation: one(14, "int32"),
});

const attributeProto = new Schema<AttributeProto>("AttributeProto", {
  name: one(1, "string"),
  f: one(2, "float"),
  i: one(3, "int64"),
  s: one(4, "string"),
  t: one(5, tensorProto),
  floats: many(7, "float"),
  ints: many(8, "int64"),
  type: one(20, "int32"),
});

const nodeProto = new Schema<NodeProto>("NodeProto", {
  input: many(1, "string"),
  output: many(2, "string"),
  name: one(3, "string"),
  opType: one(4, "string"),
  attribute: many(5, attributeProto),
  domain: one(7, "string"),
});

const dimension = new Schema<Dimension>("Dimension", { dimValue: one(1, "int64"), dimParam: one(2, "string") });
const tensorShapeProto = new Schema<TensorShapeProto>("TensorShapeProto", { dim: many(1, dimension) });
const tensorTypeProto = new Schema<TensorTypeProto>("TypeProto.Tensor", {
  elemType: one(1, "int32"),
  shape: one(2, tensorShapeProto),
});
const typeProto = new Schema<TypeProto>("TypeProto", { tensorType: one(1, tensorTypeProto) });
const valueInfoProto = new Schema<ValueInfoProto>("ValueInfoProto", { name: one(1, "string"), type: one(2, typeProto) });

const graphProto = new Schema<GraphProto>("GraphProto", {
  node: many(1, nodeProto),
  name: one(2, "string"),
  initializer: many(5, tensorProto),
  docString: one(10, "string"),
  input: many(11, valueInfoProto),
  output: many(12, valueInfoProto),
});

const operatorSetId = new Schema<OperatorSetId>("OperatorSetId", { domain: one(1, "string"), version: one(2, "int64") });
const stringStringEntry = new Schema<StringStringEntry>("StringStringEntry", {
  key: one(1, "string"),
  value: one(2, "string"),
});

export const modelProto = new Schema<ModelProto>("ModelProto", {
  irVersion: one(1, "int64"),
  producerName: one(2, "string"),
  docString: one(6, "string"),
  graph: one(7, graphProto),
  opsetImport: many(8, operatorSetId),
  metadataProps: many(14, stringStringEntry),
});

/**
 * Reads a serialised ModelProto, without looking at what it means. Tensors' `rawData` are views of `bytes`.
 * @throws FormatError where the bytes are not valid protobuf
 */
export const decodeModel = (bytes: Uint8Array): ModelProto => decode(modelProto, bytes);

/**
 * Reads a serialised TensorProto, as ONNX's test data (.pb) are.
 * @throws FormatError where the bytes are not valid protobuf
 */
export const decodeTensor = (bytes: Uint8Array): TensorProto => decode(tensorProto, bytes);
