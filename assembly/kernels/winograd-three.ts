// The transforms of Winograd's F(2×2,2×2) (winograd.ts): Bᵀ d B of 3×3 inputs, Aᵀ M A of 9 products to 2×2 results.
//
// Points 0, 1, ∞: nothing but additions, so it rounds no more than a direct convolution. For windows of 2×2, and for 3×3 and 4×4 of
// stride 2, whose phases have two rows.
import { put, ROW } from "./winograd-lines";

/** One line of Bᵀ d: three vectors `stride` apart at p → three vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function inputLine(p: usize, stride: usize, q: usize, out: usize): void {
  const d1 = v128.load(p + stride);
  v128.store(q, f32x4.sub(v128.load(p), d1));
  v128.store(q + out, d1);
  v128.store(q + 2 * out, f32x4.sub(v128.load(p + 2 * stride), d1));
}

/** As inputDownSix (winograd-six.ts), of columns of three pixels. */
export function inputDownThree(p: usize, rowBytes: usize, pixelBytes: usize, to: usize, count: i32): void {
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += pixelBytes) inputLine(p, rowBytes, to, ROW);
}

/** As inputAcrossSix. */
export function inputAcrossThree(p: usize, rows: i32, q: usize, out: usize, count: i32): void {
  for (; rows > 0; --rows, p += ROW, q += 3 * out) {
    let x = p;
    for (let to = q; to < q + ((<usize>count) << 4); to += 16, x += 32) inputLine(x, 16, to, out);
  }
}

/** One row of M A, or `last` a column of Aᵀ (M A): three vectors `stride` apart at p → two results `out` apart at `to`. */
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
  put(to, f32x4.add(v128.load(p), m1), last, residual, base, lo, hi);
  put(to + out, f32x4.add(m1, v128.load(p + 2 * stride)), last, residual + residualStep, base, lo, hi);
}

/** As outputAcrossSix, two results a tile. */
export function outputAcrossThree(p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  const none = f32x4.splat(0);
  for (; rows > 0; --rows, p += 3 * out, to += ROW) {
    let q = to;
    for (let x = p; x < p + ((<usize>count) << 4); x += 16, q += 32) outputLine(x, out, q, 16, false, 0, 0, none, none, none);
  }
}

/** As outputDownSix, two results a column. */
export function outputDownThree(
  p: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
  count: i32,
): void {
  const base = v128.load(bias);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const residualStep: usize = residual ? 16 : 0;
  const residualRow = residual ? row : 0;
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += 16, residual += residualStep) {
    outputLine(p, ROW, to, row, true, residual, residualRow, base, lo, hi);
  }
}
