// Opcode.packWinograd: a convolution's weights → G g Gᵀ, for winograd.ts. In float64, rounded once.
import { Step } from "../plan";
import { phaseIndex } from "./winograd-points";

/**
 * A row of G for three weights and the points 0, ±√2/2, ±√2, ∞. Most weights of networks go here, so it is written out with
 * what the points share.
 */
// @ts-ignore: decorator
@inline
function threeRow(k: i32, g0: f64, g1: f64, g2: f64): f64 {
  const root2 = 1.4142135623730951;
  if (k == 0) return g0;
  if (k == 5) return g2;
  const sign = k & 1 ? -1.0 : 1.0;
  if (k < 3) return (-2.0 * g0 - g2 + sign * root2 * g1) / 3.0;
  return (g0 + 2.0 * g2 - sign * root2 * g1) / 6.0;
}

/** Element (i, j) of G g; rows of g are 20 bytes apart. */
// @ts-ignore: decorator
@inline
function threeColumn(i: i32, g: usize, j: usize): f64 {
  const p = g + (j << 2);
  return threeRow(i, load<f32>(p), load<f32>(p, 20), load<f32>(p, 40));
}

/** Row i of G g Gᵀ, stored `step` bytes apart; where the next row begins. Written out, so that no branch on i or j is left. */
// @ts-ignore: decorator
@inline
function storeThreeRow(i: i32, g: usize, factor: f64, to: usize, step: usize): usize {
  const t0 = threeColumn(i, g, 0) * factor;
  const t1 = threeColumn(i, g, 1) * factor;
  const t2 = threeColumn(i, g, 2) * factor;
  store<f32>(to, <f32>threeRow(0, t0, t1, t2));
  store<f32>(to + step, <f32>threeRow(1, t0, t1, t2));
  store<f32>(to + 2 * step, <f32>threeRow(2, t0, t1, t2));
  store<f32>(to + 3 * step, <f32>threeRow(3, t0, t1, t2));
  store<f32>(to + 4 * step, <f32>threeRow(4, t0, t1, t2));
  store<f32>(to + 5 * step, <f32>threeRow(5, t0, t1, t2));
  return to + 6 * step;
}

/** All of G g Gᵀ for 3×3 weights. */
// @ts-ignore: decorator
@inline
function storeThrees(g: usize, factor: f64, to: usize, step: usize): void {
  to = storeThreeRow(0, g, factor, to, step);
  to = storeThreeRow(1, g, factor, to, step);
  to = storeThreeRow(2, g, factor, to, step);
  to = storeThreeRow(3, g, factor, to, step);
  to = storeThreeRow(4, g, factor, to, step);
  storeThreeRow(5, g, factor, to, step);
}

/** A row of G for three weights and the points 0, ±1, ∞. */
// @ts-ignore: decorator
@inline
function fourRow(k: i32, g0: f64, g1: f64, g2: f64): f64 {
  if (k == 0) return g0;
  return k == 3 ? g2 : (g0 + (k == 1 ? g1 : -g1) + g2) * 0.5;
}

/** All of G g Gᵀ for four points. */
function storeFours(g: usize, factor: f64, to: usize, step: usize): void {
  for (let i = 0; i < 4; ++i) {
    const t0 = fourRow(i, load<f32>(g), load<f32>(g, 20), load<f32>(g, 40)) * factor;
    const t1 = fourRow(i, load<f32>(g, 4), load<f32>(g, 24), load<f32>(g, 44)) * factor;
    const t2 = fourRow(i, load<f32>(g, 8), load<f32>(g, 28), load<f32>(g, 48)) * factor;
    for (let j = 0; j < 4; ++j, to += step) store<f32>(to, <f32>fourRow(j, t0, t1, t2));
  }
}

/** Of each pair ±p of winograd-seven.ts: f, p·f and p², with f = 1 ÷ the product of p's distances from all other points. */
const PAIRS = memory.data<f64>([
  0.9419390770833895, 0.2943559615885592, 0.09765625, -0.4562517404622668, -0.39922027290448345, 0.765625, 0.0645318838867226,
  0.10486431131592423, 2.640625,
]);

/** G times five weights, those beyond the r-th zero, for seven points: seven numbers `step` bytes apart. */
// @ts-ignore: decorator
@inline
function storeSevenLine<T>(g0: f64, g1: f64, g2: f64, g3: f64, g4: f64, last: f64, to: usize, step: usize): void {
  for (let pair = PAIRS; pair < PAIRS + 72; pair += 24, to += 2 * step) {
    const square = load<f64>(pair, 16);
    const even = (g0 + square * (g2 + square * g4)) * load<f64>(pair);
    const odd = (g1 + square * g3) * load<f64>(pair, 8);
    store<T>(to, <T>(odd + even));
    store<T>(to + step, <T>(odd - even));
  }
  store<T>(to, <T>last);
}

/** One phase of a window: weights, and zeros where the window ends, in rows of five. G g in float64. */
const phase = memory.data(100);
const half = memory.data(280);

/** All of G g Gᵀ for seven points. */
function storeSevens(r: i32, g: usize, factor: f64, to: usize, step: usize): void {
  const last = (<usize>r - 1) * 20;
  for (let p = g, q = half; p < g + 20; p += 4, q += 8) {
    const g0 = factor * load<f32>(p);
    const g1 = factor * load<f32>(p, 20);
    const g2 = factor * load<f32>(p, 40);
    const g3 = factor * load<f32>(p, 60);
    const g4 = factor * load<f32>(p, 80);
    storeSevenLine<f64>(g0, g1, g2, g3, g4, factor * load<f32>(p + last), q, 40);
  }
  for (let q = half; q < half + 280; q += 40, to += 7 * step) {
    const t0 = load<f64>(q);
    const t1 = load<f64>(q, 8);
    const t2 = load<f64>(q, 16);
    const t3 = load<f64>(q, 24);
    const t4 = load<f64>(q, 32);
    storeSevenLine<f32>(t0, t1, t2, t3, t4, load<f64>(q + ((r - 1) << 3)), to, step);
  }
}

/**
 * Weights [M][C][kH·kW] of each cluster → panels [ceil(M/8)][points²][s²·C][8] (the last [4] wide where at most four channels
 * are left), phase by phase. Fields as packConv's, points, and strideHeight: s.
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
  const points = load<i32>(step, Step.points);
  const reach = stride * (points == 7 ? 5 : 3);
  const depth = stride * stride * channels;
  const rowStride = load<i32>(step, Step.rowStride);
  const channelStride = load<i32>(step, Step.pixelStride);
  const src = plan + load<i32>(step, Step.src);
  const scale = load<i32>(step, Step.src2);
  let dst = plan + load<i32>(step, Step.dst);
  const groupOutputs = m / groups;
  const groupInputs = channels / groups;
  for (let cluster = 0; cluster < clusters; ++cluster) {
    for (let first = 0; first < m; first += 8) {
      const wide = m - first > 4 ? 8 : 4;
      const productStep = (depth * wide) << 2;
      for (let d = 0; d < depth; ++d) {
        const c = d % channels;
        const top = d / channels / stride;
        const left = d / channels - top * stride;
        const at = phaseIndex(top, left, stride, fullRows, fullColumns) * channels + c;
        const group = c / groupInputs;
        for (let o = first; o < first + wide; ++o) {
          let to = dst + ((at * wide + o - first) << 2);
          if (o >= m || o / groupOutputs != group) {
            for (let k = points * points; k > 0; --k, to += productStep) store<f32>(to, 0);
            continue;
          }
          const row = cluster * m + o;
          const g = src + row * rowStride + (c - group * groupInputs) * channelStride;
          for (let y = top, p = phase; y < top + reach; y += stride, p += 20) {
            for (let x = left, q = p; x < left + reach; x += stride, q += 4) {
              const inside = y < kernelHeight && x < kernelWidth;
              store<f32>(q, inside ? load<f32>(g + ((y * kernelWidth + x) << 2)) : 0);
            }
          }
          const factor: f64 = scale ? load<f32>(plan + scale + (row << 2)) : 1.0;
          if (points == 6) storeThrees(phase, factor, to, productStep);
          else if (points == 4) storeFours(phase, factor, to, productStep);
          else storeSevens(r, phase, factor, to, productStep);
        }
      }
      dst += productStep * points * points;
    }
  }
}
