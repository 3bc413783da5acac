// TensorProto ↔ Tensor. Real numbers become float32; booleans and integers, which in a network are shapes, axes and
// flags, become int64.
import { FormatError } from "../../errors.ts";
import { elementCount, formatDims, Tensor, type TensorType } from "../../tensor.ts";
import { bytesOf, elementsOf, fromBfloat16, fromFloat16 } from "../elements.ts";
import { Refusal } from "./refusal.ts";
import { DataType, type TensorProto } from "./schema.ts";

/** A tensor that is known before the network runs. */
export type Constant = Tensor<"float32"> | Tensor<"int64">;

interface Encoding {
  /** Bytes of an element in rawData. */
  readonly bytes: number;
  readonly raw: (bytes: Uint8Array) => Float32Array | BigInt64Array;
  /** The elements outside rawData, undefined where there are none. */
  readonly listed: (proto: TensorProto) => readonly (number | bigint)[] | undefined;
  readonly fromList: (list: readonly never[]) => Float32Array | BigInt64Array;
}

const int32Data = (proto: TensorProto) => proto.int32Data;
const floats = (list: readonly number[]) => Float32Array.from(list);
const integers = (list: readonly (number | bigint)[]) => BigInt64Array.from(list, BigInt);

/** An integer type, of which int32_data holds one element in each entry. */
const integer = (array: { new (buffer: ArrayBufferLike, at: number, length: number): ArrayLike<number> } & Sized): Encoding => ({
  bytes: array.BYTES_PER_ELEMENT,
  raw: (bytes) => BigInt64Array.from(elementsOf(array, bytes) as ArrayLike<number> & Iterable<number>, BigInt),
  listed: int32Data,
  fromList: integers,
});

interface Sized {
  readonly BYTES_PER_ELEMENT: number;
}

const encodings = new Map<number, Encoding>([
  [DataType.FLOAT, { bytes: 4, raw: (b) => elementsOf(Float32Array, b), listed: (proto) => proto.floatData, fromList: floats }],
  [DataType.FLOAT16, { bytes: 2, raw: (b) => fromFloat16(elementsOf(Uint16Array, b)), listed: int32Data, fromList: fromFloat16 }],
  [
    DataType.BFLOAT16,
    { bytes: 2, raw: (b) => fromBfloat16(elementsOf(Uint16Array, b)), listed: int32Data, fromList: fromBfloat16 },
  ],
  [
    DataType.DOUBLE,
    {
      bytes: 8,
      raw: (b) => new Float32Array(elementsOf(Float64Array, b)),
      listed: (proto) => proto.doubleData,
      fromList: floats,
    },
  ],
  [
    DataType.INT64,
    { bytes: 8, raw: (b) => elementsOf(BigInt64Array, b), listed: (proto) => proto.int64Data, fromList: integers },
  ],
  [DataType.INT32, integer(Int32Array)],
  [DataType.INT16, integer(Int16Array)],
  [DataType.INT8, integer(Int8Array)],
  [DataType.UINT16, integer(Uint16Array)],
  [DataType.UINT8, integer(Uint8Array)],
  [DataType.BOOL, integer(Uint8Array)],
  [DataType.UINT32, { ...integer(Uint32Array), listed: (proto) => proto.uint64Data }],
]);

/** Whether a DataType is one of the real types that are computed in float32. */
export function isReal(dataType: number): boolean {
  const { FLOAT, FLOAT16, BFLOAT16, DOUBLE } = DataType;
  return [FLOAT, FLOAT16, BFLOAT16, DOUBLE].includes(dataType as 1);
}

/** The name of a DataType, for messages. */
export function dataTypeName(dataType: number): string {
  const name = Object.entries(DataType).find(([, value]) => value === dataType)?.[0];
  return name?.toLowerCase() ?? `data type ${dataType}`;
}

/**
 * Reads a tensor. float32 and int64 in rawData are views of the file where they are aligned.
 * @throws FormatError where data and dims do not agree
 * @throws Refusal where the type or the place of the data is not supported
 */
export function readTensor(proto: TensorProto): Constant {
  const { dataType = 0, rawData } = proto;
  const name = `tensor "${proto.name ?? ""}"`;
  if (proto.dataLocation === 1) throw new Refusal(`${name} lies in another file, and external data is not supported`);
  const encoding = encodings.get(dataType);
  if (encoding === undefined) throw new Refusal(`${name} has ${dataTypeName(dataType)}, which is not supported`);
  const dims = (proto.dims ?? []).map(Number);
  const count = elementCount(dims);
  const list = encoding.listed(proto) ?? [];
  const got = rawData === undefined ? list.length : rawData.length / encoding.bytes;
  if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0) || got !== count) {
    throw new FormatError(`${name} of dims ${formatDims(dims)} should hold ${count} elements, the file has ${got}`);
  }
  const data = rawData === undefined ? encoding.fromList(list as readonly never[]) : encoding.raw(rawData);
  return data instanceof Float32Array ? new Tensor("float32", data, dims) : new Tensor("int64", data, dims);
}

const dataTypes: Record<TensorType, number> = {
  float32: DataType.FLOAT,
  uint8: DataType.UINT8,
  int32: DataType.INT32,
  int64: DataType.INT64,
};

/** The DataType of a tensor type. */
export const dataTypeOf = (type: TensorType): number => dataTypes[type];

/** Writes a tensor as an initialiser; the message refers to the tensor's own memory. */
export function writeTensor(name: string, tensor: Tensor): TensorProto {
  return { name, dataType: dataTypes[tensor.type], dims: tensor.dims.map(BigInt), rawData: bytesOf(tensor.data) };
}
