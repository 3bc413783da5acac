// The transforms of Winograd's F(4×4,3×3) (winograd.ts): Bᵀ d B of 6×6 inputs, Aᵀ M A of 36 products to 4×4 results.
//
// Points 0, ±√2/2, ±√2, ∞: half the rounding error of the usual 0, ±1, ±2, ∞ at the same cost.
import { madd, nmadd } from "../simd";
import { put, ROW } from "./winograd-lines";

/** Byte offsets in CONSTANTS. */
enum Constant {
  two = 0,
  half = 4,
  root2 = 8,
  halfRoot2 = 12,
  /** The sum of the points' squares: 2 + ½. */
  squares = 16,
}

const CONSTANTS = memory.data<f32>([2, 0.5, 1.4142135623730951, 0.7071067811865476, 2.5]);

/** One of them, loaded into a register for the loops that follow, as in simd.ts. */
// @ts-ignore: decorator
@inline
function constant(which: Constant): v128 {
  return v128.load32_splat(CONSTANTS + which);
}

/** One line of Bᵀ d: six vectors `stride` apart at p → six vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function inputLine(
  p: usize,
  stride: usize,
  q: usize,
  out: usize,
  two: v128,
  half: v128,
  root2: v128,
  halfRoot2: v128,
  squares: v128,
): void {
  const d1 = v128.load(p + stride);
  const d2 = v128.load(p + 2 * stride);
  const d3 = v128.load(p + 3 * stride);
  const d4 = v128.load(p + 4 * stride);
  v128.store(q, nmadd(d2, squares, f32x4.add(v128.load(p), d4)));
  let even = nmadd(d2, two, d4);
  let odd = nmadd(d1, two, d3);
  v128.store(q + out, madd(odd, halfRoot2, even));
  v128.store(q + 2 * out, nmadd(odd, halfRoot2, even));
  even = nmadd(d2, half, d4);
  odd = nmadd(d1, half, d3);
  v128.store(q + 3 * out, madd(odd, root2, even));
  v128.store(q + 4 * out, nmadd(odd, root2, even));
  v128.store(q + 5 * out, nmadd(d3, squares, f32x4.add(d1, v128.load(p + 5 * stride))));
}

/** Bᵀ d of `count` columns of six pixels, `rowBytes` apart, columns `pixelBytes` apart, to the buffer's. */
export function inputDownSix(p: usize, rowBytes: usize, pixelBytes: usize, to: usize, count: i32): void {
  const two = constant(Constant.two);
  const half = constant(Constant.half);
  const root2 = constant(Constant.root2);
  const halfRoot2 = constant(Constant.halfRoot2);
  const squares = constant(Constant.squares);
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += pixelBytes) {
    inputLine(p, rowBytes, to, ROW, two, half, root2, halfRoot2, squares);
  }
}

/** (Bᵀ d) B of the buffer's `rows`, for `count` tiles; result k of a tile at q + k·out, those of the next one behind them. */
export function inputAcrossSix(p: usize, rows: i32, q: usize, out: usize, count: i32): void {
  const two = constant(Constant.two);
  const half = constant(Constant.half);
  const root2 = constant(Constant.root2);
  const halfRoot2 = constant(Constant.halfRoot2);
  const squares = constant(Constant.squares);
  for (; rows > 0; --rows, p += ROW, q += 6 * out) {
    let x = p;
    for (let to = q; to < q + ((<usize>count) << 4); to += 16, x += 64) {
      inputLine(x, 16, to, out, two, half, root2, halfRoot2, squares);
    }
  }
}

/** One row of M A, or `last` a column of Aᵀ (M A): six vectors `stride` apart at p → four results `out` apart at `to`. */
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
  half: v128,
  root2: v128,
  halfRoot2: v128,
): void {
  const m1 = v128.load(p + stride);
  const m2 = v128.load(p + 2 * stride);
  const m3 = v128.load(p + 3 * stride);
  const m4 = v128.load(p + 4 * stride);
  const m5 = v128.load(p + 5 * stride);
  const sum1 = f32x4.add(m1, m2);
  const sum2 = f32x4.add(m3, m4);
  put(to, f32x4.add(f32x4.add(v128.load(p), sum1), sum2), last, residual, base, lo, hi);
  const odd1 = f32x4.mul(f32x4.sub(m1, m2), halfRoot2);
  const odd2 = f32x4.mul(f32x4.sub(m3, m4), root2);
  const odd = f32x4.add(odd1, odd2);
  put(to + out, odd, last, residual + residualStep, base, lo, hi);
  const squares = madd(sum1, half, f32x4.add(sum2, sum2));
  put(to + 2 * out, squares, last, residual + 2 * residualStep, base, lo, hi);
  const cubes = madd(odd1, half, f32x4.add(f32x4.add(odd2, odd2), m5));
  put(to + 3 * out, cubes, last, residual + 3 * residualStep, base, lo, hi);
}

/** M A of `count` tiles, whose vectors lie `out` apart from p on, to `rows` of the buffer, four results a tile. */
export function outputAcrossSix(p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  const none = f32x4.splat(0);
  const half = constant(Constant.half);
  const root2 = constant(Constant.root2);
  const halfRoot2 = constant(Constant.halfRoot2);
  for (; rows > 0; --rows, p += 6 * out, to += ROW) {
    let q = to;
    for (let m = p; m < p + ((<usize>count) << 4); m += 16, q += 64) {
      outputLine(m, out, q, 16, false, 0, 0, none, none, none, half, root2, halfRoot2);
    }
  }
}

/**
 * Aᵀ (M A) of `count` columns of the buffer → four finished results each, `row` bytes apart, from `to` on, as those of `residual` are
 * if it isn't 0.
 */
export function outputDownSix(
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
  const half = constant(Constant.half);
  const root2 = constant(Constant.root2);
  const halfRoot2 = constant(Constant.halfRoot2);
  const residualStep: usize = residual ? 16 : 0;
  const residualRow = residual ? row : 0;
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += 16, residual += residualStep) {
    outputLine(p, ROW, to, row, true, residual, residualRow, base, lo, hi, half, root2, halfRoot2);
  }
}
