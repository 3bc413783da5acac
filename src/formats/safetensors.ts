// safetensors: eight bytes of header length, a JSON header, then the tensors' bytes.
// https://huggingface.co/docs/safetensors#format. The header is checked completely before any tensor is made.
import { FormatError, UnsupportedError } from "../errors.ts";
import type { Weights } from "../graph/graph.ts";
import { elementCount, formatDims, Tensor, type TensorData, type TensorType } from "../tensor.ts";
import { detectFormat, formatNames } from "./detect.ts";
import { bytesOf, elementsOf, fromBfloat16, fromFloat16 } from "./elements.ts";

export interface Safetensors {
  readonly weights: Weights;
  /** The header's `__metadata__`: free text by key. */
  readonly metadata: Record<string, string>;
}

interface DType {
  readonly bytes: number;
  readonly type: TensorType;
  readonly read: (bytes: Uint8Array) => TensorData;
}

/** The stored types, and what each becomes: real numbers float32, integers the smallest type that holds them. */
const dtypes = new Map<string, DType>([
  ["F64", { bytes: 8, type: "float32", read: (b) => new Float32Array(elementsOf(Float64Array, b)) }],
  ["F32", { bytes: 4, type: "float32", read: (b) => elementsOf(Float32Array, b) }],
  ["F16", { bytes: 2, type: "float32", read: (b) => fromFloat16(elementsOf(Uint16Array, b)) }],
  ["BF16", { bytes: 2, type: "float32", read: (b) => fromBfloat16(elementsOf(Uint16Array, b)) }],
  ["I64", { bytes: 8, type: "int64", read: (b) => elementsOf(BigInt64Array, b) }],
  ["U32", { bytes: 4, type: "int64", read: (b) => BigInt64Array.from(elementsOf(Uint32Array, b), BigInt) }],
  ["I32", { bytes: 4, type: "int32", read: (b) => elementsOf(Int32Array, b) }],
  ["I16", { bytes: 2, type: "int32", read: (b) => new Int32Array(elementsOf(Int16Array, b)) }],
  ["U16", { bytes: 2, type: "int32", read: (b) => new Int32Array(elementsOf(Uint16Array, b)) }],
  ["I8", { bytes: 1, type: "int32", read: (b) => new Int32Array(elementsOf(Int8Array, b)) }],
  ["U8", { bytes: 1, type: "uint8", read: (b) => b }],
  ["BOOL", { bytes: 1, type: "uint8", read: (b) => b }],
]);

const written: Record<TensorType, string> = { float32: "F32", uint8: "U8", int32: "I32", int64: "I64" };

/** The format's own limit, which keeps a damaged length from looking like a header. */
const MAX_HEADER_BYTES = 100_000_000;

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

const isSize = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;

function isEntry(value: unknown): value is Entry {
  const { dtype, shape, data_offsets: offsets } = (value ?? {}) as Partial<Record<string, unknown>>;
  return (
    typeof dtype === "string" &&
    Array.isArray(shape) &&
    shape.every(isSize) &&
    Array.isArray(offsets) &&
    offsets.length === 2 &&
    offsets.every(isSize)
  );
}

function readHeader(bytes: Uint8Array): { header: Record<string, unknown>; dataAt: number } {
  if (bytes.length === 0) throw new FormatError("the file is empty, not a safetensors file", { byteOffset: 0 });
  const format = detectFormat(bytes);
  if (format !== undefined && format !== "safetensors") {
    throw new FormatError(`this is ${formatNames[format]}, not a safetensors file`, { byteOffset: 0 });
  }
  if (bytes.length < 8) throw new FormatError("the file is truncated: it ends within the header's length", { byteOffset: 0 });
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true));
  if (length > MAX_HEADER_BYTES || length > bytes.length - 8) {
    throw new FormatError(
      `this is not a safetensors file, or it is truncated: a header of ${length} bytes does not fit into it`,
      {
        byteOffset: 0,
      },
    );
  }
  try {
    const header: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, 8 + length)));
    if (typeof header !== "object" || header === null || Array.isArray(header)) throw new TypeError("it is not an object");
    return { header: header as Record<string, unknown>, dataAt: 8 + length };
  } catch (error) {
    throw new FormatError(`the safetensors header is not valid JSON: ${(error as Error).message}`, { byteOffset: 8 });
  }
}

/**
 * Reads a safetensors file. F32 tensors are views of `bytes` where they are aligned; F64, F16 and BF16 become float32.
 * @throws FormatError where header and file do not agree, or tensors overlap or leave gaps
 * @throws UnsupportedError listing every tensor of a type that Minnow does not know
 */
export function readSafetensors(bytes: Uint8Array): Safetensors {
  bytes = bytesOf(bytes);
  const { header, dataAt } = readHeader(bytes);
  const { __metadata__: metadata = {}, ...rest } = header;
  if (typeof metadata !== "object" || metadata === null || !Object.values(metadata).every((v) => typeof v === "string")) {
    throw new FormatError("the safetensors header's __metadata__ is not a table of texts", { byteOffset: 8 });
  }
  const entries: (readonly [string, Entry])[] = [];
  for (const [name, entry] of Object.entries(rest)) {
    if (!isEntry(entry)) throw new FormatError(`tensor "${name}" has no valid dtype, shape and data_offsets`, { byteOffset: 8 });
    entries.push([name, entry]);
  }
  checkOffsets(entries, bytes.length - dataAt, dataAt);

  const weights = new Map<string, Tensor>();
  const problems: string[] = [];
  for (const [name, { dtype, shape, data_offsets: offsets }] of entries) {
    const known = dtypes.get(dtype);
    if (known === undefined) {
      problems.push(`tensor "${name}" is of type ${dtype}`);
      continue;
    }
    if (elementCount(shape) * known.bytes !== offsets[1] - offsets[0]) {
      throw new FormatError(`tensor "${name}", ${dtype} ${formatDims(shape)}, has ${offsets[1] - offsets[0]} bytes`, {
        byteOffset: dataAt + offsets[0],
      });
    }
    weights.set(name, new Tensor(known.type, known.read(bytes.subarray(dataAt + offsets[0], dataAt + offsets[1])), shape));
  }
  if (problems.length > 0) {
    throw new UnsupportedError("this safetensors file holds types that Minnow does not support", problems);
  }
  return { weights, metadata: metadata as Record<string, string> };
}

/** The format demands that tensors fill the data without gaps or overlaps. */
function checkOffsets(entries: readonly (readonly [string, Entry])[], dataBytes: number, dataAt: number): void {
  let end = 0;
  for (const [name, { data_offsets: offsets }] of entries.toSorted(
    ([, a], [, b]) => a.data_offsets[0] - b.data_offsets[0] || a.data_offsets[1] - b.data_offsets[1],
  )) {
    if (offsets[0] !== end || offsets[1] < end) {
      throw new FormatError(`tensor "${name}" lies at ${offsets[0]} to ${offsets[1]}, but the one before it ends at ${end}`, {
        byteOffset: dataAt + offsets[0],
      });
    }
    end = offsets[1];
  }
  if (end !== dataBytes) {
    const what = end > dataBytes ? "the file is truncated" : "the file has more data than its header says";
    throw new FormatError(`${what}: its tensors need ${end} bytes, ${dataBytes} follow the header`, { byteOffset: dataAt });
  }
}

/**
 * Writes a safetensors file. Tensors keep their order within an element size; larger elements come first, so that
 * each is aligned.
 */
export function writeSafetensors(weights: Weights, metadata: Readonly<Record<string, string>> = {}): Uint8Array {
  const tensors = [...weights].sort(([, a], [, b]) => b.data.BYTES_PER_ELEMENT - a.data.BYTES_PER_ELEMENT);
  let end = 0;
  const entries = tensors.map(([name, { type, dims, data }]): [string, Entry] => {
    const begin = end;
    end += data.byteLength;
    return [name, { dtype: written[type], shape: dims, data_offsets: [begin, end] }];
  });
  const table = Object.fromEntries<unknown>(entries);
  const json = JSON.stringify(Object.keys(metadata).length === 0 ? table : { __metadata__: metadata, ...table });
  const header = new TextEncoder().encode(json);
  const dataAt = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(dataAt + end);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataAt - 8), true);
  bytes.fill(0x20, 8, dataAt);
  bytes.set(header, 8);
  for (let i = 0; i < tensors.length; ++i) bytes.set(bytesOf(tensors[i][1].data), dataAt + entries[i][1].data_offsets[0]);
  return bytes;
}
