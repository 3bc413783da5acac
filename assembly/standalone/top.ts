// The most probable classes of a classifier's output.
import { exp } from "../simd";
import { Top } from "./record";

/** e^x, by the kernels' own function. */
function power(x: f32): f32 {
  return f32x4.extract_lane(exp(f32x4.splat(x)), 0);
}

/** Whether these numbers already are probabilities of classes: each within 0…1, and together 1 within 1e-3. */
function areProbabilities(values: usize, end: usize): bool {
  let sum: f64 = 0;
  for (let p = values; p < end; p += 4) {
    const x = load<f32>(p);
    if (!(x >= 0 && x <= 1)) return false;
    sum += x;
  }
  return abs(sum - 1) <= 1e-3;
}

/**
 * Writes the `k` (≤ `count`) largest of `count` floats as Top entries, largest first; of equal ones the lower index comes
 * first. What are no probabilities yet become them by a softmax. Only values that are not NaN are written; returns how many.
 */
export function topK(values: usize, count: i32, k: i32, to: usize): i32 {
  const end = values + ((<usize>count) << 2);
  const plain = areProbabilities(values, end);
  let largest = -f32.MAX_VALUE;
  let sum: f64 = 1;
  if (!plain) {
    for (let p = values; p < end; p += 4) if (load<f32>(p) > largest) largest = load<f32>(p);
    sum = 0;
    for (let p = values; p < end; p += 4) sum += power(load<f32>(p) - largest);
  }
  let above: f32 = Infinity;
  let after = -1;
  for (let n = 0; n < k; ++n, to += Top.BYTES) {
    // The next in order: the largest value below the last one, or equal to it and behind it.
    let best: f32 = -Infinity;
    let index = -1;
    for (let i = 0; i < count; ++i) {
      const x = load<f32>(values + ((<usize>i) << 2));
      if ((x > best || (index < 0 && x == best)) && (x < above || (x == above && i > after))) {
        best = x;
        index = i;
      }
    }
    if (index < 0) return n;
    store<i32>(to, index, Top.index);
    store<f32>(to, plain ? best : <f32>(power(best - largest) / sum), Top.probability);
    above = best;
    after = index;
  }
  return k;
}
