// The transforms of Winograd's F(2×2,3×3) (winograd.ts): Bᵀ d B of 4×4 inputs, Aᵀ M A of 16 products to 2×2 results.
//
// Points 0, ±1, ∞: nothing but additions, so it rounds no more than a direct convolution. It multiplies almost twice as often as
// six points do, with less than half of their weights: for images of 4², and where a bound on memory has room for no more.
import { put } from "./winograd-six";

/** One column of Bᵀ d: four vectors `stride` apart at p → four vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function inputColumn(p: usize, stride: usize, q: usize, out: usize): void {
  const d1 = v128.load(p + stride);
  const d2 = v128.load(p + 2 * stride);
  v128.store(q, f32x4.sub(v128.load(p), d2));
  v128.store(q + out, f32x4.add(d1, d2));
  v128.store(q + 2 * out, f32x4.sub(d2, d1));
  v128.store(q + 3 * out, f32x4.sub(v128.load(p + 3 * stride), d1));
}

/** Bᵀ d B for 4×4 pixels at p, `rowBytes` and `pixelBytes` apart; result k at q + k·out. `temp` holds 16 vectors. */
export function inputFour(p: usize, rowBytes: usize, pixelBytes: usize, q: usize, out: usize, temp: usize): void {
  for (let to = temp; to < temp + 64; to += 16, p += pixelBytes) inputColumn(p, rowBytes, to, 64);
  for (let row = temp; row < temp + 256; row += 64, q += 4 * out) inputColumn(row, 16, q, out);
}

/** One row of M A, or `last` a column of Aᵀ (M A): four vectors `stride` apart at p → two results `out` apart at `to`. */
// @ts-ignore: decorator
@inline
function outputLine(
  p: usize,
  stride: usize,
  to: usize,
  out: usize,
  last: bool,
  residual: usize,
  residualStep: usize,
  base: v128,
  lo: v128,
  hi: v128,
): void {
  const m1 = v128.load(p + stride);
  const m2 = v128.load(p + 2 * stride);
  put(to, f32x4.add(f32x4.add(v128.load(p), m1), m2), last, residual, base, lo, hi);
  const second = f32x4.add(f32x4.sub(m1, m2), v128.load(p + 3 * stride));
  put(to + out, second, last, residual + residualStep, base, lo, hi);
}

/** As outputSix, of 16 vectors, to 2×2 results. `temp` holds 8. */
export function outputFour(
  p: usize,
  out: usize,
  temp: usize,
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
  for (let q = temp; q < temp + 128; q += 32, p += 4 * out) outputLine(p, out, q, 16, false, 0, 0, base, lo, hi);
  const residualStep: usize = residual ? 16 : 0;
  const residualRow = residual ? row : 0;
  for (let q = temp; q < temp + 32; q += 16, to += 16, residual += residualStep) {
    outputLine(q, 32, to, row, true, residual, residualRow, base, lo, hi);
  }
}
