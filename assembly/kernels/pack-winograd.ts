// Opcode.packWinograd: a convolution's weights → G g Gᵀ, for winograd.ts. In float64, rounded once.
import { Step } from "../plan";
import { phaseIndex, winogradPoints } from "./winograd-points";

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

/** The finite points of winograd-seven.ts, each with its row's factor: 1 ÷ the product of its distances from all others. */
const POINTS = memory.data<f64>([
  0.3125, 0.9419390770833895, -0.3125, -0.9419390770833895, 0.875, -0.4562517404622668, -0.875, 0.4562517404622668, 1.625,
  0.0645318838867226, -1.625, -0.0645318838867226,
]);

/** Row k of G for seven points, times r weights `step` bytes apart at g. */
function sevenRow(k: i32, r: usize, g: usize, step: usize): f64 {
  const end = g + r * step;
  if (k == 6) return load<f64>(end - step);
  const at = POINTS + (k << 4);
  const point = load<f64>(at);
  let sum: f64 = 0;
  for (let p = end; p > g;) {
    p -= step;
    sum = sum * point + load<f64>(p);
  }
  return sum * load<f64>(at, 8);
}

/** One phase of a window: weights, and zeros where the window ends, in rows of five. In float64 too, and G g. */
const phase = memory.data(100);
const exact = memory.data(200);
const half = memory.data(280);

/** All of G g Gᵀ for seven points. */
function storeSevens(r: i32, g: usize, factor: f64, to: usize, step: usize): void {
  for (let i: usize = 0; i < 25; ++i) store<f64>(exact + (i << 3), factor * load<f32>(g + (i << 2)));
  for (let k = 0; k < 7; ++k) {
    for (let j = 0; j < r; ++j) store<f64>(half + ((k * 5 + j) << 3), sevenRow(k, r, exact + (j << 3), 40));
  }
  for (let k = 0; k < 7; ++k) {
    for (let j = 0; j < 7; ++j, to += step) store<f32>(to, <f32>sevenRow(j, r, half + k * 40, 8));
  }
}

/**
 * Weights [M][C][kH·kW] of each cluster → panels [ceil(M/8)][points²][s²·C][8] (the last [4] wide where at most four channels
 * are left), phase by phase. Fields as packConv's, and strideHeight: s.
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
  const points = winogradPoints(r);
  const reach = stride * (r == 3 ? 3 : 5);
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
          if (r == 3) storeThrees(phase, factor, to, productStep);
          else storeSevens(r, phase, factor, to, productStep);
        }
      }
      dst += productStep * points * points;
    }
  }
}
