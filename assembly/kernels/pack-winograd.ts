// Opcode.packWinograd: a convolution's weights → G g Gᵀ, for winograd.ts. In float64, rounded once. Two output channels at a time,
// which lie side by side in a panel: a model's first result waits for this, in code that is not optimised yet.
import { Step } from "../plan";
import { phaseIndex, pointsAcross } from "./winograd-points";

/** The weights of one phase of two windows, in rows of five pairs: zeros where a window ends. */
const phase = memory.data(200);
/** G g, in rows of five pairs of float64: zeros, too, where a window ends. */
const half = memory.data(560);

/** Of each pair ±p of winograd-seven.ts: f, p·f and p², with f = 1 ÷ the product of p's distances from all other points. */
const PAIRS = memory.data<f64>([
  0.9419390770833895, 0.2943559615885592, 0.09765625, -0.4562517404622668, -0.39922027290448345, 0.765625, 0.0645318838867226,
  0.10486431131592423, 2.640625,
]);

// Rows of G times weights, but for that of the point ∞, whose result is the last weight. Results are `step` bytes apart.

/** Stores a pair, `exact` or rounded. */
// @ts-ignore: decorator
@inline
function put(to: usize, pair: v128, exact: bool): void {
  if (exact) v128.store(to, pair);
  else v128.store64_lane(to, f32x4.demote_f64x2_zero(pair), 0);
}

// @ts-ignore: decorator
@inline
function times(pair: v128, factor: f64): v128 {
  return f64x2.mul(pair, f64x2.splat(factor));
}

/** Of two weights, for the points 0, 1. */
// @ts-ignore: decorator
@inline
function threeLine(g0: v128, g1: v128, to: usize, step: usize, exact: bool): void {
  put(to, g0, exact);
  put(to + step, f64x2.add(g0, g1), exact);
}

/** Of three weights, for the points 0, ±1. */
// @ts-ignore: decorator
@inline
function fourLine(g0: v128, g1: v128, g2: v128, to: usize, step: usize, exact: bool): void {
  const even = times(f64x2.add(g0, g2), 0.5);
  const odd = times(g1, 0.5);
  put(to, g0, exact);
  put(to + step, f64x2.add(even, odd), exact);
  put(to + 2 * step, f64x2.sub(even, odd), exact);
}

/** The same for the points 0, ±√2/2, ±√2. */
// @ts-ignore: decorator
@inline
function sixLine(g0: v128, g1: v128, g2: v128, to: usize, step: usize, exact: bool): void {
  const root2 = 1.4142135623730951;
  put(to, g0, exact);
  let even = times(f64x2.add(f64x2.add(g0, g0), g2), -1.0 / 3.0);
  let odd = times(g1, root2 / -3.0);
  put(to + step, f64x2.add(even, odd), exact);
  put(to + 2 * step, f64x2.sub(even, odd), exact);
  even = times(f64x2.add(f64x2.add(g2, g2), g0), 1.0 / 6.0);
  odd = times(g1, root2 / 6.0);
  put(to + 3 * step, f64x2.add(even, odd), exact);
  put(to + 4 * step, f64x2.sub(even, odd), exact);
}

/** Of five weights, those beyond the r-th zero, for the six points of winograd-seven.ts. */
// @ts-ignore: decorator
@inline
function sevenLine(g0: v128, g1: v128, g2: v128, g3: v128, g4: v128, to: usize, step: usize, exact: bool): void {
  for (let pair = PAIRS; pair < PAIRS + 72; pair += 24, to += 2 * step) {
    const square = v128.load64_splat(pair, 16);
    const even = f64x2.mul(f64x2.add(g0, f64x2.mul(square, f64x2.add(g2, f64x2.mul(square, g4)))), v128.load64_splat(pair));
    const odd = f64x2.mul(f64x2.add(g1, f64x2.mul(square, g3)), v128.load64_splat(pair, 8));
    put(to, f64x2.add(odd, even), exact);
    put(to + step, f64x2.sub(odd, even), exact);
  }
}

/** A pair of weights as float64. */
// @ts-ignore: decorator
@inline
function promoted(p: usize, factor: v128): v128 {
  return f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(p)), factor);
}

/** Every `stride`-th weight of a window of so many rows and columns at g, `width` apart, into the pairs at `to`; or zeros. */
function readPhase(g: usize, to: usize, isThere: bool, rows: i32, columns: i32, width: i32, stride: i32): void {
  for (let y = 0; y < rows; y += stride, to += 40) {
    for (let x = 0, q = to; x < columns; x += stride, q += 8) {
      store<f32>(q, isThere ? load<f32>(g + ((y * width + x) << 2)) : 0);
    }
  }
}

/** G g of the two phases, each weight times the factor of its output channel. */
function transformColumns(points: i32, r: usize, factor: v128): void {
  const infinite = half + <usize>(points - 1) * 80;
  for (let p = phase, q = half, to = infinite; p < phase + (r << 3); p += 8, q += 16, to += 16) {
    const g0 = promoted(p, factor);
    const g1 = promoted(p + 40, factor);
    const g2 = promoted(p + 80, factor);
    if (points == 6) sixLine(g0, g1, g2, q, 80, true);
    else if (points == 4) fourLine(g0, g1, g2, q, 80, true);
    else if (points == 3) threeLine(g0, g1, q, 80, true);
    else sevenLine(g0, g1, g2, promoted(p + 120, factor), promoted(p + 160, factor), q, 80, true);
    put(to, promoted(p + (r - 1) * 40, factor), true);
  }
}

/** A row of (G g) Gᵀ from that at p: results `step` bytes apart, and that for ∞ at `infinite`, unless this is 0. */
function transformRow(p: usize, points: i32, r: usize, to: usize, step: usize, infinite: usize): void {
  const g0 = v128.load(p);
  const g1 = v128.load(p, 16);
  const g2 = v128.load(p, 32);
  if (points == 6) sixLine(g0, g1, g2, to, step, false);
  else if (points == 4) fourLine(g0, g1, g2, to, step, false);
  else if (points == 3) threeLine(g0, g1, to, step, false);
  else sevenLine(g0, g1, g2, v128.load(p, 48), v128.load(p, 64), to, step, false);
  if (infinite) put(infinite, v128.load(p + ((r - 1) << 4)), false);
}

/**
 * Weights [M][C][kH·kW] of each cluster → panels [ceil(M/8/panels)][products][panels][phases·C][8] (the last [4] wide where at most
 * four channels are left), of each product the phases that have a share in it. Fields as packConv's, products, panels, and
 * strideHeight: s.
 */
export function packWinograd(step: usize, plan: usize): void {
  const clusters = load<i32>(step, Step.group);
  const groups = load<i32>(step, Step.mode);
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
  const groupOutputs = m / groups;
  const groupInputs = channels / groups;
  // What the windows of the last layer have left there may be larger.
  memory.fill(half, 0, 560);
  for (let cluster = 0; cluster < clusters; ++cluster) {
    for (let first = 0; first < m; first += 8) {
      const wide = m - first > 4 ? 8 : 4;
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
        for (let c = 0; c < channels; ++c) {
          const group = c / groupInputs;
          memory.fill(phase, 0, 200);
          for (let o = first; o < first + wide; o += 2) {
            let factor = f64x2.splat(1);
            for (let i = 0; i < 2; ++i) {
              const isThere = o + i < m && (o + i) / groupOutputs == group;
              const row = cluster * m + o + i;
              const g = src + row * rowStride + (c - group * groupInputs) * channelStride + ((top * kernelWidth + left) << 2);
              readPhase(g, phase + (i << 2), isThere, kernelHeight - top, kernelWidth - left, kernelWidth, stride);
              if (scale && isThere) {
                const value: f64 = load<f32>(plan + scale + (row << 2));
                factor = i ? f64x2.replace_lane(factor, 1, value) : f64x2.replace_lane(factor, 0, value);
              }
            }
            transformColumns(rowPoints, r, factor);
            let to = dst + at + ((c * wide + o - first) << 2);
            for (let i = 0; i < rows; ++i, to += rowBytes) {
              const phaseRows = i == rowPoints - 1 ? fullRows : stride;
              const productStep = allBytes * stride * phaseRows;
              const finite = to + beforeBytes * stride * phaseRows;
              // The phases that have no share in the column's ∞ are the first.
              const shared = beforeBytes * fullColumns * phaseRows - phaseBytes * fullRows * (stride - fullColumns);
              const infinite = to + productStep * (columnPoints - 1) + shared;
              transformRow(half + 80 * i, columnPoints, r, finite, productStep, left < fullColumns ? infinite : 0);
            }
          }
        }
      }
      if (first + wide >= end)
        dst += rowBytes * (rowPoints - 1) + allBytes * fullRows * ((columnPoints - 1) * stride + fullColumns);
    }
  }
}
