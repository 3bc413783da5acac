// The transforms of Winograd's F(2×2,2×2) (winograd.ts): Bᵀ d B of 3×3 inputs, Aᵀ M A of 9 products to 2×2 results.
//
// Points 0, 1, ∞: nothing but additions, so it rounds no more than a direct convolution. For windows of 2×2, and for 3×3 and 4×4 of
// stride 2, whose phases have two rows.
import { storeResult } from "../simd";

/** Bᵀ d B for 3×3 pixels at p, `rowBytes` and `pixelBytes` apart; result k at q + k·out. */
export function inputThree(p: usize, rowBytes: usize, pixelBytes: usize, q: usize, out: usize): void {
  const middle = p + rowBytes;
  const d0 = v128.load(middle);
  const d1 = v128.load(middle + pixelBytes);
  const d2 = v128.load(middle + 2 * pixelBytes);
  inputRow(v128.load(p), v128.load(p + pixelBytes), v128.load(p + 2 * pixelBytes), d0, d1, d2, q, out);
  q += 3 * out;
  v128.store(q, f32x4.sub(d0, d1));
  v128.store(q + out, d1);
  v128.store(q + 2 * out, f32x4.sub(d2, d1));
  const last = middle + rowBytes;
  inputRow(v128.load(last), v128.load(last + pixelBytes), v128.load(last + 2 * pixelBytes), d0, d1, d2, q + 3 * out, out);
}

/** A row of Bᵀ d B: that of the point 0, or of ∞, from the first or last row of d, and the middle one. */
// @ts-ignore: decorator
@inline
function inputRow(a0: v128, a1: v128, a2: v128, d0: v128, d1: v128, d2: v128, q: usize, out: usize): void {
  const t1 = f32x4.sub(a1, d1);
  v128.store(q, f32x4.sub(f32x4.sub(a0, d0), t1));
  v128.store(q + out, t1);
  v128.store(q + 2 * out, f32x4.sub(f32x4.sub(a2, d2), t1));
}

/** As outputSix (winograd-six.ts), of 9 vectors, to 2×2 results. */
export function outputThree(
  p: usize,
  out: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const base = v128.load(bias);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const middle = p + 3 * out;
  const last = middle + 3 * out;
  const m0 = v128.load(middle);
  const m1 = v128.load(middle + out);
  const m2 = v128.load(middle + 2 * out);
  const residualStep: usize = residual ? 16 : 0;
  let shared = f32x4.add(v128.load(p + out), m1);
  storeResult(to, f32x4.add(f32x4.add(v128.load(p), m0), shared), base, residual, lo, hi);
  storeResult(to + 16, f32x4.add(shared, f32x4.add(v128.load(p + 2 * out), m2)), base, residual + residualStep, lo, hi);
  if (residual) residual += row;
  to += row;
  shared = f32x4.add(m1, v128.load(last + out));
  storeResult(to, f32x4.add(f32x4.add(m0, v128.load(last)), shared), base, residual, lo, hi);
  storeResult(to + 16, f32x4.add(shared, f32x4.add(m2, v128.load(last + 2 * out))), base, residual + residualStep, lo, hi);
}
