// NumPy's .npy: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html, versions 1 to 3.
// A magic string, the length of a header, the header (a Python dictionary), the elements.
import { FormatError } from "../errors.ts";
import { elementCount, formatDims, Tensor, type TensorData, type TensorType } from "../tensor.ts";
import { detectFormat, formatNames } from "./detect.ts";
import { bytesOf, elementsOf, fromFloat16, transpose } from "./elements.ts";

interface DType {
  readonly bytes: number;
  readonly type: TensorType;
  readonly read: (bytes: Uint8Array) => TensorData;
}

const dtypes = new Map<string, DType>([
  ["f2", { bytes: 2, type: "float32", read: (b) => fromFloat16(elementsOf(Uint16Array, b)) }],
  ["f4", { bytes: 4, type: "float32", read: (b) => elementsOf(Float32Array, b) }],
  ["f8", { bytes: 8, type: "float32", read: (b) => new Float32Array(elementsOf(Float64Array, b)) }],
  ["u1", { bytes: 1, type: "uint8", read: (b) => b }],
  ["b1", { bytes: 1, type: "uint8", read: (b) => b }],
  ["i4", { bytes: 4, type: "int32", read: (b) => elementsOf(Int32Array, b) }],
  ["i8", { bytes: 8, type: "int64", read: (b) => elementsOf(BigInt64Array, b) }],
]);

const written: Record<TensorType, string> = { float32: "<f4", uint8: "|u1", int32: "<i4", int64: "<i8" };

const MAGIC = "\x93NUMPY";

/** The elements in the other byte order. */
function swapped(bytes: Uint8Array, size: number): Uint8Array {
  const result = new Uint8Array(bytes);
  for (let i = 0; i < result.length; i += size) result.subarray(i, i + size).reverse();
  return result;
}

function readHeader(bytes: Uint8Array): { text: string; dataAt: number } {
  const format = detectFormat(bytes);
  if (format !== "npy") {
    const what =
      bytes.length === 0 ? "the file is empty" : `this is ${format === undefined ? "something else" : formatNames[format]}`;
    throw new FormatError(`${what}, not a NumPy array (.npy)`, { byteOffset: 0 });
  }
  const version = bytes[6];
  const headerAt = version === 1 ? 10 : 12;
  if (bytes.length < headerAt) throw new FormatError("the .npy file is truncated", { byteOffset: bytes.length });
  if (version < 1 || version > 3) throw new FormatError(`there is no version ${version} of .npy`, { byteOffset: 6 });
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const dataAt = headerAt + (version === 1 ? view.getUint16(8, true) : view.getUint32(8, true));
  if (dataAt > bytes.length) throw new FormatError("the .npy file is truncated: it ends within its header", { byteOffset: 8 });
  return { text: new TextDecoder().decode(bytes.subarray(headerAt, dataAt)), dataAt };
}

/**
 * Reads a .npy file of float16, float32 or float64 (all become float32), uint8, bool, int32 or int64 elements in either
 * byte order. Little-endian float32 in C order is a view of `bytes` where it is aligned; Fortran order is transposed.
 * @throws FormatError where the bytes are no such file
 */
export function readNpy(bytes: Uint8Array): Tensor {
  bytes = bytesOf(bytes);
  const { text, dataAt } = readHeader(bytes);
  const descr = /'descr'\s*:\s*'([<>|=])(\w+)'/.exec(text);
  const fortran = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const shape = /'shape'\s*:\s*\(([\d\s,]*)\)/.exec(text)?.[1];
  if (descr === null || fortran === undefined || shape === undefined) {
    throw new FormatError("the .npy header lacks a plain descr, fortran_order or shape", { byteOffset: 10 });
  }
  const dtype = dtypes.get(descr[2]);
  if (dtype === undefined) {
    throw new FormatError(`the .npy file holds elements of type ${descr[1]}${descr[2]}`, {
      byteOffset: 10,
      hint: `save it as float32; Minnow reads ${[...dtypes.keys()].join(", ")}`,
    });
  }
  const dims = shape
    .split(",")
    .filter((dim) => dim.trim() !== "")
    .map(Number);
  const data = bytes.subarray(dataAt);
  if (!dims.every(Number.isSafeInteger) || data.length !== elementCount(dims) * dtype.bytes) {
    throw new FormatError(
      `the .npy file has ${data.length} bytes of data, ${descr[2]} ${formatDims(dims)} needs another number`,
      {
        byteOffset: dataAt,
      },
    );
  }
  const elements = dtype.read(descr[1] === ">" ? swapped(data, dtype.bytes) : data);
  if (fortran === "False") return new Tensor(dtype.type, elements, dims);
  const order = dims.map((_, i) => dims.length - 1 - i);
  return new Tensor(dtype.type, transpose(elements, [...dims].reverse(), order), dims);
}

/** Writes a .npy file, version 1, little-endian, in C order. */
export function writeNpy(tensor: Tensor): Uint8Array {
  const shape = tensor.dims.length === 1 ? `${tensor.dims[0]},` : tensor.dims.join(", ");
  const header = `{'descr': '${written[tensor.type]}', 'fortran_order': False, 'shape': (${shape}), }`;
  // The data begin at a multiple of 64 bytes; spaces fill the header, and it ends with a line feed.
  const dataAt = Math.ceil((10 + header.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataAt + tensor.data.byteLength);
  const text = `${MAGIC}\x01\x00\x00\x00${header}`.padEnd(dataAt - 1, " ");
  for (let i = 0; i < text.length; ++i) bytes[i] = text.charCodeAt(i);
  bytes[dataAt - 1] = 0x0a;
  new DataView(bytes.buffer).setUint16(8, dataAt - 10, true);
  bytes.set(bytesOf(tensor.data), dataAt);
  return bytes;
}
