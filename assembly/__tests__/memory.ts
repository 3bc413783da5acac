// Memory and numbers for specs. Nothing is freed: a spec is short.

/** Zeroed memory, aligned to 16 bytes. */
export function zeroed(bytes: i32): usize {
  const at = heap.alloc(bytes);
  memory.fill(at, 0, bytes);
  return at;
}

let state: u32 = 1;

/** The next of the same numbers in [-1, 1) on every run (xorshift). */
export function random(): f32 {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return <f32>(<i32>(state >> 8)) / <f32>(1 << 23) - 1;
}

/** `count` random floats in memory. */
export function randomFloats(count: i32): usize {
  const at = heap.alloc(count << 2);
  for (let i = 0; i < count; ++i) store<f32>(at + (i << 2), random());
  return at;
}

/** Element `index` of floats in memory. */
export function float(at: usize, index: i32): f64 {
  return load<f32>(at + (index << 2));
}
