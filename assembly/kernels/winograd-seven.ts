// The transforms of Winograd's F(5×5,3×3), F(4×4,4×4) and F(3×3,5×5) (winograd.ts): Bᵀ d B of 7×7 inputs, Aᵀ M A of 49 products to
// m×m results.
//
// Points ±5/16, ±7/8, ±13/8, ∞: of those whose squares, sums and products float32 holds exactly, among the best in a search by
// error (3.3 times a direct convolution's). In pairs, so that half of the work is shared, as in winograd-six.ts.
import { madd, nmadd } from "../simd";
import { put, ROW } from "./winograd-lines";

/** Byte offsets in CONSTANTS. The points are a, b and c. */
enum Constant {
  a = 0,
  b = 4,
  c = 8,
  aa = 12,
  bb = 16,
  cc = 20,
  /** a² + b² and so on. */
  aPlusB = 24,
  aPlusC = 28,
  bPlusC = 32,
  /** a²b² and so on. */
  aTimesB = 36,
  aTimesC = 40,
  bTimesC = 44,
  /** a² + b² + c², a²b² + a²c² + b²c², a²b²c² */
  sum = 48,
  pairs = 52,
  product = 56,
}

const CONSTANTS = memory.data<f32>([
  0.3125, 0.875, 1.625, 0.09765625, 0.765625, 2.640625, 0.86328125, 2.73828125, 3.40625, 0.07476806640625, 0.25787353515625,
  2.021728515625, 3.50390625, 2.3543701171875, 0.1974344253540039,
]);

/** One of them. */
// @ts-ignore: decorator
@inline
function constant(which: Constant): v128 {
  return v128.load32_splat(CONSTANTS + which);
}

/**
 * Two points ±p of Bᵀ d, whose polynomials share P(x²) = x⁴ - sum·x² + product over the other points: at q and `out` behind it.
 */
// @ts-ignore: decorator
@inline
function inputPair(
  d0: v128,
  d1: v128,
  d2: v128,
  d3: v128,
  d4: v128,
  d5: v128,
  point: Constant,
  sum: Constant,
  product: Constant,
  q: usize,
  out: usize,
): void {
  const even = madd(d0, constant(product), nmadd(d2, constant(sum), d4));
  const odd = madd(d1, constant(product), nmadd(d3, constant(sum), d5));
  v128.store(q, madd(even, constant(point), odd));
  v128.store(q + out, nmadd(even, constant(point), odd));
}

/** One line of Bᵀ d: seven vectors `stride` apart at p → seven vectors `out` apart at q. */
// @ts-ignore: decorator
@inline
function inputLine(p: usize, stride: usize, q: usize, out: usize): void {
  const d0 = v128.load(p);
  const d1 = v128.load(p + stride);
  const d2 = v128.load(p + 2 * stride);
  const d3 = v128.load(p + 3 * stride);
  const d4 = v128.load(p + 4 * stride);
  const d5 = v128.load(p + 5 * stride);
  inputPair(d0, d1, d2, d3, d4, d5, Constant.a, Constant.bPlusC, Constant.bTimesC, q, out);
  inputPair(d0, d1, d2, d3, d4, d5, Constant.b, Constant.aPlusC, Constant.aTimesC, q + 2 * out, out);
  inputPair(d0, d1, d2, d3, d4, d5, Constant.c, Constant.aPlusB, Constant.aTimesB, q + 4 * out, out);
  const infinite = nmadd(d4, constant(Constant.sum), v128.load(p + 6 * stride));
  v128.store(q + 6 * out, nmadd(d0, constant(Constant.product), madd(d2, constant(Constant.pairs), infinite)));
}

/** As inputDownSix (winograd-six.ts), of columns of seven pixels. */
export function inputDownSeven(p: usize, rowBytes: usize, pixelBytes: usize, to: usize, count: i32): void {
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += pixelBytes) inputLine(p, rowBytes, to, ROW);
}

/** As inputAcrossSix; tiles begin `tileBytes` apart. */
export function inputAcrossSeven(p: usize, rows: i32, tileBytes: usize, q: usize, out: usize, count: i32): void {
  for (; rows > 0; --rows, p += ROW, q += 7 * out) {
    let x = p;
    for (let to = q; to < q + ((<usize>count) << 4); to += 16, x += tileBytes) inputLine(x, 16, to, out);
  }
}

/** One row of M A, or `last` a column of Aᵀ (M A): seven vectors `stride` apart at p → m results `out` apart at `to`. */
// @ts-ignore: decorator
@inline
function outputLine(
  p: usize,
  stride: usize,
  to: usize,
  out: usize,
  m: i32,
  last: bool,
  residual: usize,
  residualStep: usize,
  base: v128,
  lo: v128,
  hi: v128,
  a: v128,
  b: v128,
  c: v128,
  aa: v128,
  bb: v128,
  cc: v128,
): void {
  const m0 = v128.load(p);
  const m1 = v128.load(p + stride);
  const m2 = v128.load(p + 2 * stride);
  const m3 = v128.load(p + 3 * stride);
  const m4 = v128.load(p + 4 * stride);
  const m5 = v128.load(p + 5 * stride);
  const sumA = f32x4.add(m0, m1);
  const sumB = f32x4.add(m2, m3);
  const sumC = f32x4.add(m4, m5);
  put(to, f32x4.add(f32x4.add(sumA, sumB), sumC), last, residual, base, lo, hi);
  const oddA = f32x4.mul(f32x4.sub(m0, m1), a);
  const oddB = f32x4.mul(f32x4.sub(m2, m3), b);
  const oddC = f32x4.mul(f32x4.sub(m4, m5), c);
  put(to + out, f32x4.add(f32x4.add(oddA, oddB), oddC), last, residual + residualStep, base, lo, hi);
  const squares = madd(sumA, aa, madd(sumB, bb, f32x4.mul(sumC, cc)));
  const infinite = v128.load(p + 6 * stride);
  put(to + 2 * out, m == 3 ? f32x4.add(squares, infinite) : squares, last, residual + 2 * residualStep, base, lo, hi);
  if (m == 3) return;
  const cubes = madd(oddA, aa, madd(oddB, bb, m == 4 ? madd(oddC, cc, infinite) : f32x4.mul(oddC, cc)));
  put(to + 3 * out, cubes, last, residual + 3 * residualStep, base, lo, hi);
  if (m == 4) return;
  const fourthB = f32x4.mul(f32x4.mul(sumB, bb), bb);
  const fourthC = f32x4.mul(f32x4.mul(sumC, cc), cc);
  const fourths = madd(f32x4.mul(sumA, aa), aa, f32x4.add(f32x4.add(fourthB, fourthC), infinite));
  put(to + 4 * out, fourths, last, residual + 4 * residualStep, base, lo, hi);
}

/** As outputAcrossSix, m results a tile. */
// @ts-ignore: decorator
@inline
function across(p: usize, rows: i32, out: usize, to: usize, count: i32, m: i32): void {
  const none = f32x4.splat(0);
  const a = constant(Constant.a);
  const b = constant(Constant.b);
  const c = constant(Constant.c);
  const aa = constant(Constant.aa);
  const bb = constant(Constant.bb);
  const cc = constant(Constant.cc);
  for (; rows > 0; --rows, p += 7 * out, to += ROW) {
    let q = to;
    for (let x = p; x < p + ((<usize>count) << 4); x += 16, q += (<usize>m) << 4) {
      outputLine(x, out, q, 16, m, false, 0, 0, none, none, none, a, b, c, aa, bb, cc);
    }
  }
}

/** As outputDownSix, m results a column. */
// @ts-ignore: decorator
@inline
function down(p: usize, to: usize, residual: usize, row: usize, bias: usize, low: f32, high: f32, count: i32, m: i32): void {
  const base = v128.load(bias);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const a = constant(Constant.a);
  const b = constant(Constant.b);
  const c = constant(Constant.c);
  const aa = constant(Constant.aa);
  const bb = constant(Constant.bb);
  const cc = constant(Constant.cc);
  const residualStep: usize = residual ? 16 : 0;
  const residualRow = residual ? row : 0;
  for (const end = to + ((<usize>count) << 4); to < end; to += 16, p += 16, residual += residualStep) {
    outputLine(p, ROW, to, row, m, true, residual, residualRow, base, lo, hi, a, b, c, aa, bb, cc);
  }
}

// Functions for each m: all in one, V8 finds registers for none of them (4 % of a stem's time).

export function outputAcrossSevenToThree(p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  across(p, rows, out, to, count, 3);
}

export function outputAcrossSevenToFour(p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  across(p, rows, out, to, count, 4);
}

export function outputAcrossSevenToFive(p: usize, rows: i32, out: usize, to: usize, count: i32): void {
  across(p, rows, out, to, count, 5);
}

export function outputDownSevenToThree(
  p: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
  count: i32,
): void {
  down(p, to, residual, row, bias, low, high, count, 3);
}

export function outputDownSevenToFour(
  p: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
  count: i32,
): void {
  down(p, to, residual, row, bias, low, high, count, 4);
}

export function outputDownSevenToFive(
  p: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
  count: i32,
): void {
  down(p, to, residual, row, bias, low, high, count, 5);
}
