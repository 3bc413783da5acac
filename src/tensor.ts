// Tensor: a typed array with dims. What goes into a model and what comes out of it.
import { InputError } from "./errors.ts";

/** The typed array that holds the elements of each tensor type. */
export interface TypedArrays {
  float32: Float32Array;
  uint8: Uint8Array;
  int32: Int32Array;
  int64: BigInt64Array;
}

export type TensorType = keyof TypedArrays;
export type TensorData = TypedArrays[TensorType];

const constructors = {
  float32: Float32Array,
  uint8: Uint8Array,
  int32: Int32Array,
  int64: BigInt64Array,
} as const;

/** How many elements a tensor of these dims has; 1 for a scalar (no dims). */
export function elementCount(dims: readonly number[]): number {
  return dims.reduce((count, dim) => count * dim, 1);
}

/** Bytes of one element. */
export function elementBytes(type: TensorType): number {
  return constructors[type].BYTES_PER_ELEMENT;
}

/** The typed array class of a tensor type. */
export function arrayOf<T extends TensorType>(type: T): (typeof constructors)[T] {
  return constructors[type];
}

/** Writes dims as people do: [1,3,224,224]. */
export function formatDims(dims: readonly number[]): string {
  return `[${dims.join(",")}]`;
}

/** A value that should have been another, for a message: arrays by name and beginning, since they may be long. */
const shown = (value: unknown): string =>
  ArrayBuffer.isView(value) ? value.constructor.name : String(Array.isArray(value) ? `[${value}]` : value).slice(0, 60);

/** An n-dimensional array in row-major order. It does not copy the data it is given. */
export class Tensor<T extends TensorType = TensorType> {
  readonly type: T;
  readonly data: TypedArrays[T];
  readonly dims: readonly number[];

  /**
   * @param type element type
   * @param data the elements, in row-major order; a plain array of numbers is copied into a typed array
   * @param dims size of each dimension; their product must be the number of elements
   * @throws InputError where data is of another type or another length
   */
  constructor(type: T, data: TypedArrays[T] | readonly number[], dims: readonly number[]) {
    const array = constructors[type];
    if (array === undefined) {
      throw new InputError(`there is no tensor type "${shown(type)}"`, `use one of ${Object.keys(constructors).join(", ")}`);
    }
    if (!Array.isArray(dims) || dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
      throw new InputError(`tensor dims must be whole numbers ≥ 0, got ${shown(dims)}`, "new Tensor(type, data, dims)");
    }
    if (Array.isArray(data)) {
      data = (
        type === "int64" ? BigInt64Array.from(data, BigInt) : (array as Float32ArrayConstructor).from(data)
      ) as TypedArrays[T];
    } else if (!(data instanceof array)) {
      throw new InputError(`a ${type} tensor holds a ${array.name}, got ${shown(data)}`);
    }
    if ((data as TensorData).length !== elementCount(dims)) {
      throw new InputError(
        `dims ${formatDims(dims)} hold ${elementCount(dims)} elements, the data has ${(data as TensorData).length}`,
      );
    }
    this.type = type;
    this.data = data as TypedArrays[T];
    this.dims = dims;
  }
}
