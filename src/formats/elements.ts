// Elements as files store them, turned into the types that Minnow computes with. Files are little-endian, and so is
// every host that runs WebAssembly, so most tensors need no copy at all.

interface ArrayClass<A> {
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): A;
  readonly BYTES_PER_ELEMENT: number;
}

/**
 * The elements that a run of bytes holds: a view of the same memory where it is aligned, otherwise a copy.
 * @param bytes a whole number of elements; what remains is ignored
 */
export function elementsOf<A>(array: ArrayClass<A>, bytes: Uint8Array): A {
  const aligned = bytes.byteOffset % array.BYTES_PER_ELEMENT === 0 ? bytes : new Uint8Array(bytes);
  return new array(aligned.buffer, aligned.byteOffset, Math.floor(bytes.length / array.BYTES_PER_ELEMENT));
}

/** The bytes of a typed array, without copying them; of a Node Buffer, whose slice() does not copy, a plain array of the same bytes. */
export function bytesOf(data: ArrayBufferView): Uint8Array {
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** IEEE 754 half precision to float32; every half is representable, so this is exact. */
export function fromFloat16(halves: ArrayLike<number>): Float32Array {
  const bits = new Uint32Array(halves.length);
  const floats = new Float32Array(bits.buffer);
  for (let i = 0; i < halves.length; ++i) {
    const half = halves[i];
    const sign = (half & 0x8000) << 16;
    const exponent = (half >> 10) & 31;
    const mantissa = half & 0x3ff;
    if (exponent === 0) floats[i] = (sign === 0 ? mantissa : -mantissa) * 2 ** -24;
    else bits[i] = sign | ((exponent === 31 ? 255 : exponent + 112) << 23) | (mantissa << 13);
  }
  return floats;
}

/** bfloat16, the upper half of a float32, to float32. */
export function fromBfloat16(halves: ArrayLike<number>): Float32Array {
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}

/**
 * Reorders axes.
 * @param order for each axis of the result, which axis of the source it is
 * @returns the elements in row-major order of the new dims, `order.map((axis) => dims[axis])`
 */
export function transpose<A extends Float32Array | Uint8Array | Int32Array | BigInt64Array>(
  data: A,
  dims: readonly number[],
  order: readonly number[],
): A {
  const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
  const result = data.slice() as A;
  const index = order.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; ++to) {
    result[to] = data[from];
    for (let i = order.length - 1; i >= 0; --i) {
      from += strides[order[i]];
      if (++index[i] < dims[order[i]]) break;
      from -= index[i] * strides[order[i]];
      index[i] = 0;
    }
  }
  return result;
}
