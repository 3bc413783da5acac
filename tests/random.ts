// Random numbers that are the same everywhere and every time for the same seed (mulberry32).
import { elementCount, Tensor } from "../src/tensor.ts";

/** A generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A float32 tensor of numbers in [low, high). */
export function randomTensor(dims: readonly number[], seed: number, low = -1, high = 1): Tensor<"float32"> {
  const next = random(seed);
  const data = Float32Array.from({ length: elementCount(dims) }, () => low + (high - low) * next());
  return new Tensor("float32", data, dims);
}
