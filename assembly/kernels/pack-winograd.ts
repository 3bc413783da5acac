// Opcode.packWinograd: a convolution's weights → G g Gᵀ, for winograd.ts. In float64, rounded once, two output channels at a time. A
// model's first result waits for this, in code that is not optimised yet: what is stored is read as it was stored, by whole vectors,
// lest the processor wait for it.
import { Step } from "../plan";
import { clear, copy } from "../simd";
import { phaseIndex, pointsAcross } from "./winograd-points";

/** So many input channels of a product are written at a time: products may lie so that their cache lines push each other out. */
// @ts-ignore: decorator
@inline
const CHANNELS: i32 = 4;

// Bytes of the tables below, and of their rows.
// @ts-ignore: decorator
@inline
const PAIRS_ROW: i32 = 5 * 16;
// @ts-ignore: decorator
@inline
const PHASE_BYTES: i32 = 5 * PAIRS_ROW;
// @ts-ignore: decorator
@inline
const HALF_BYTES: i32 = 7 * PAIRS_ROW;
// @ts-ignore: decorator
@inline
const EXACT_ROW: i32 = 7 * 64;
// @ts-ignore: decorator
@inline
const ROUNDED_STEP: i32 = CHANNELS * 32;
// @ts-ignore: decorator
@inline
const ROUNDED_ROW: i32 = 7 * ROUNDED_STEP;

/** The weights of one phase of two windows, in rows of five pairs of float64: zeros where a window ends. */
const phase = memory.data(PHASE_BYTES);
/** G g, in rows of five pairs: zeros, too, where a window ends. */
const half = memory.data(HALF_BYTES);
/** (G g) Gᵀ, in rows of seven products of a panel's four pairs. */
const exact = memory.data(7 * EXACT_ROW);
/** The same rounded, in rows of seven products of so many input channels. */
const rounded = memory.data(7 * ROUNDED_ROW);

/** Of each pair ±p of winograd-seven.ts: f, p·f and p², with f = 1 ÷ the product of p's distances from all other points. */
const PAIRS = memory.data<f64>([
  0.9419390770833895, 0.2943559615885592, 0.09765625, -0.4562517404622668, -0.39922027290448345, 0.765625, 0.0645318838867226,
  0.10486431131592423, 2.640625,
]);

// Rows of G times weights, but for that of the point ∞, whose result is the last weight. Results are `step` bytes apart.

// @ts-ignore: decorator
@inline
function times(pair: v128, factor: f64): v128 {
  return f64x2.mul(pair, f64x2.splat(factor));
}

/** Of two weights, for the points 0, 1. */
// @ts-ignore: decorator
@inline
function threeLine(g0: v128, g1: v128, to: usize, step: usize): void {
  v128.store(to, g0);
  v128.store(to + step, f64x2.add(g0, g1));
}

/** Of three weights, for the points 0, ±1. */
// @ts-ignore: decorator
@inline
function fourLine(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  const even = times(f64x2.add(g0, g2), 0.5);
  const odd = times(g1, 0.5);
  v128.store(to, g0);
  v128.store(to + step, f64x2.add(even, odd));
  v128.store(to + 2 * step, f64x2.sub(even, odd));
}

/** The same for the points 0, ±√2/2, ±√2. */
// @ts-ignore: decorator
@inline
function sixLine(g0: v128, g1: v128, g2: v128, to: usize, step: usize): void {
  const root2 = 1.4142135623730951;
  v128.store(to, g0);
  let even = times(f64x2.add(f64x2.add(g0, g0), g2), -1.0 / 3.0);
  let odd = times(g1, root2 / -3.0);
  v128.store(to + step, f64x2.add(even, odd));
  v128.store(to + 2 * step, f64x2.sub(even, odd));
  even = times(f64x2.add(f64x2.add(g2, g2), g0), 1.0 / 6.0);
  odd = times(g1, root2 / 6.0);
  v128.store(to + 3 * step, f64x2.add(even, odd));
  v128.store(to + 4 * step, f64x2.sub(even, odd));
}

/** Of five weights, those beyond the r-th zero, for the six points of winograd-seven.ts. */
// @ts-ignore: decorator
@inline
function sevenLine(g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, to: usize, step: usize): void {
  for (let pair = PAIRS; pair < PAIRS + 72; pair += 24, to += 2 * step) {
    const square = v128.load64_splat(pair, 16);
    const even = f64x2.mul(f64x2.add(g0, f64x2.mul(square, f64x2.add(g2, f64x2.mul(square, g4)))), v128.load64_splat(pair));
    const odd = f64x2.mul(f64x2.add(g1, f64x2.mul(square, g3)), v128.load64_splat(pair, 8));
    v128.store(to, f64x2.add(odd, even));
    v128.store(to + step, f64x2.sub(odd, even));
  }
}

/**
 * Every `stride`-th weight of two windows of so many rows and columns, `width` apart, at g and `other` bytes beyond it, times their
 * factors and where there is one: as pairs into `phase`.
 */
function readPhase(g: usize, other: usize, factors: v128, isThere: v128, rows: i32, columns: i32, width: i32, stride: i32): void {
  const step = (<usize>stride) << 2;
  for (let to = phase; rows > 0; rows -= stride, to += PAIRS_ROW, g += <usize>width * step) {
    const end = g + ((<usize>columns) << 2);
    for (let p = g, q = to; p < end; p += step, q += 16) {
      const pair = v128.load32_lane(p + other, v128.load32_zero(p), 1);
      v128.store(q, v128.and(f64x2.mul(f64x2.promote_low_f32x4(pair), factors), isThere));
    }
  }
}

/**
 * Lines of a transform, `next` bytes apart: from r weights at p, `step` bytes apart, to so many results at `to`. The last, for the
 * point ∞, is the last weight.
 */
function transform(
  p: usize,
  next: usize,
  step: usize,
  r: i32,
  points: i32,
  to: usize,
  toNext: usize,
  toStep: usize,
  lines: i32,
): void {
  for (; lines > 0; --lines, p += next, to += toNext) {
    const g0 = v128.load(p);
    const g1 = v128.load(p + step);
    const g2 = v128.load(p + 2 * step);
    if (points == 6) sixLine(g0, g1, g2, to, toStep);
    else if (points == 4) fourLine(g0, g1, g2, to, toStep);
    else if (points == 3) threeLine(g0, g1, to, toStep);
    else sevenLine(g0, g1, g2, v128.load(p + 3 * step), v128.load(p + 4 * step), to, toStep);
    v128.store(to + <usize>(points - 1) * toStep, v128.load(p + <usize>(r - 1) * step));
  }
}

/** Two pairs, rounded. */
// @ts-ignore: decorator
@inline
function round(p: usize): v128 {
  const first = f32x4.demote_f64x2_zero(v128.load(p));
  return v128.shuffle<i64>(first, f32x4.demote_f64x2_zero(v128.load(p, 16)), 0, 2);
}

/** What is in `exact`, rounded, of four pairs or two: as the input channel of number `before` in `rounded`. */
function roundChannel(before: i32, rows: i32, columns: i32, wide: i32): void {
  for (let i = 0; i < rows; ++i) {
    let p = exact + EXACT_ROW * i;
    let q = rounded + ROUNDED_ROW * i + ((before * wide) << 2);
    for (let j = 0; j < columns; ++j, p += 64, q += ROUNDED_STEP) {
      v128.store(q, round(p));
      if (wide == 8) v128.store(q, round(p + 32), 16);
    }
  }
}

/**
 * Matrices [M][C][kH·kW] → of each the panels [ceil(M/8/panels)][products][panels][phases·C][8] (the last [4] wide where at most
 * four channels are left), of each product the phases that have a share in it. Fields as packConv's, products, panels, and
 * strideHeight: s.
 */
export function packWinograd(step: usize, plan: usize): void {
  const matrices = load<i32>(step, Step.group);
  const m = load<i32>(step, Step.dstChannels);
  const channels = load<i32>(step, Step.channels);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const stride = load<i32>(step, Step.strideHeight);
  const r = (kernelHeight + stride - 1) / stride;
  const fullRows = kernelHeight - (r - 1) * stride;
  const fullColumns = kernelWidth - (r - 1) * stride;
  const products = load<i32>(step, Step.products);
  const together = load<i32>(step, Step.panels) << 3;
  const columnPoints = pointsAcross(products);
  const rowPoints = products / columnPoints;
  const rowStride = load<i32>(step, Step.rowStride);
  const channelStride = load<i32>(step, Step.pixelStride);
  const src = plan + load<i32>(step, Step.src);
  const scale = load<i32>(step, Step.src2);
  let dst = plan + load<i32>(step, Step.dst);
  const groupOutputs = load<i32>(step, Step.groupOutputs);
  const groupInputs = load<i32>(step, Step.groupInputs);
  const firstOutput = load<i32>(step, Step.firstOutput);
  const firstInput = load<i32>(step, Step.padFront);
  // What the windows of the last layer have left there may be larger.
  clear(half, HALF_BYTES);
  for (let matrix = 0; matrix < matrices; ++matrix) {
    for (let first = 0; first < m; first += 8) {
      const wide = m - first > 4 ? 8 : 4;
      const row = firstOutput + matrix * m + first;
      const lastRow = row + min(m - first, wide) - 1;
      // Of each product the panels from `begin` on lie together. Bytes of a phase's matrix in this one, in those before it, and in all;
      // and of a row of products of all phases, in which ∞ has the fewest.
      const begin = first - (first % together);
      const end = min(begin + together, (m + 3) & ~3);
      const phaseBytes = (channels * wide) << 2;
      const beforeBytes = (channels * (first - begin)) << 2;
      const allBytes = (channels * (end - begin)) << 2;
      const rowBytes = allBytes * stride * ((columnPoints - 1) * stride + fullColumns);
      for (let p = 0; p < stride * stride; ++p) {
        const top = p / stride;
        const left = p - top * stride;
        const at = phaseIndex(top, left, stride, fullRows, fullColumns) * phaseBytes;
        const rows = top < fullRows ? rowPoints : rowPoints - 1;
        // Beyond a window's rows and columns nothing is read, for any channel.
        clear(phase, PHASE_BYTES);
        for (let c = 0; c < channels; ++c) {
          // Of the panel's outputs, [from, to) belong to this input's group.
          const input = firstInput + matrix * channels + c;
          const group = input / groupInputs;
          const from = max(row, group * groupOutputs);
          const to = min(lastRow + 1, (group + 1) * groupOutputs);
          const weight = src + (input - group * groupInputs) * channelStride + ((top * kernelWidth + left) << 2);
          for (let i = 0; i < wide; i += 2) {
            let factors = f64x2.splat(1);
            let isThere = i64x2.splat(0);
            const o = row + i;
            if (o >= from && o < to) {
              isThere = i64x2.replace_lane(isThere, 0, -1);
              if (scale) factors = f64x2.replace_lane(factors, 0, load<f32>(plan + scale + (o << 2)));
            }
            let other: usize = 0;
            if (o + 1 >= from && o + 1 < to) {
              isThere = i64x2.replace_lane(isThere, 1, -1);
              other = rowStride;
              if (scale) factors = f64x2.replace_lane(factors, 1, load<f32>(plan + scale + (o << 2), 4));
            }
            // An output beyond the last has no weights that could be read.
            const g = weight + min(o, lastRow) * rowStride;
            readPhase(g, other, factors, isThere, kernelHeight - top, kernelWidth - left, kernelWidth, stride);
            transform(phase, 16, PAIRS_ROW, r, rowPoints, half, 16, PAIRS_ROW, r);
            transform(half, PAIRS_ROW, 16, r, columnPoints, exact + (i << 3), EXACT_ROW, 64, rows);
          }
          const before = c % CHANNELS;
          roundChannel(before, rows, columnPoints, wide);
          if (before < CHANNELS - 1 && c < channels - 1) continue;
          const bytes = ((before + 1) * wide) << 2;
          let line = dst + at + (((c - before) * wide) << 2);
          for (let i = 0; i < rows; ++i, line += rowBytes) {
            const phaseRows = i == rowPoints - 1 ? fullRows : stride;
            const productStep = allBytes * stride * phaseRows;
            let p = rounded + ROUNDED_ROW * i;
            let q = line + beforeBytes * stride * phaseRows;
            for (let j = 0; j < columnPoints - 1; ++j, p += ROUNDED_STEP, q += productStep) copy(q, p, bytes);
            // The phases that have no share in the column's ∞ are the first.
            const shared = beforeBytes * fullColumns * phaseRows - phaseBytes * fullRows * (stride - fullColumns);
            if (left < fullColumns) copy(line + productStep * (columnPoints - 1) + shared, p, bytes);
          }
        }
      }
      if (first + wide >= end)
        dst += rowBytes * (rowPoints - 1) + allBytes * fullRows * ((columnPoints - 1) * stride + fullColumns);
    }
  }
}
