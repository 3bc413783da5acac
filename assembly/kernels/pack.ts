// Prepare kernels: weights as a file stores them → the form that the run kernels read.
import { Step } from "../plan";

/**
 * Opcode.packConv: one matrix [M][C][taps] for each cluster → panels [ceil(M/8)][taps][depth][8] (the last panel [4] wide
 * where at most four channels are left), zeros beyond M and C.
 *
 * src          the weight: output channels `rowStride` bytes apart, input channels `pixelStride`, taps 4
 * src2         a factor for each output channel, or 0 (a folded BatchNormalization)
 * dstChannels  M, output channels of one cluster;  channels  C, input channels of one cluster
 * height       depth of a tap, C or C rounded up to four
 * group        clusters;  mode  groups that one cluster holds: a block-diagonal matrix, zero between its groups
 */
export function packConv(step: usize, plan: usize): void {
  const clusters = load<i32>(step, Step.group);
  const groups = load<i32>(step, Step.mode);
  const m = load<i32>(step, Step.dstChannels);
  const channels = load<i32>(step, Step.channels);
  const depth = load<i32>(step, Step.height);
  const taps = load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth);
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
      const last = min(m, first + wide);
      for (let tap = 0; tap < taps; ++tap) {
        for (let c = 0; c < depth; ++c, dst += wide << 2) {
          // Of the panel's outputs, [from, to) belong to this input's group.
          const group = c / groupInputs;
          const from = max(first, group * groupOutputs);
          const to = min(last, (group + 1) * groupOutputs);
          if (to - from < wide || c >= channels) {
            memory.fill(dst, 0, wide << 2);
            if (c >= channels) continue;
          }
          let row = cluster * m + from;
          let p = src + (c - group * groupInputs) * channelStride + (tap << 2) + row * rowStride;
          const end = dst + ((to - first) << 2);
          for (let q = dst + ((from - first) << 2); q < end; q += 4, p += rowStride, ++row) {
            const value = load<f32>(p);
            store<f32>(q, scale ? value * load<f32>(plan + scale + (row << 2)) : value);
          }
        }
      }
    }
  }
}

/** Opcode.packDepthwise: [C][taps] → [ceil(C/4)][taps][4], times a factor for each channel if src2 is not 0. */
export function packDepthwise(step: usize, plan: usize): void {
  const channels = load<i32>(step, Step.channels);
  const taps = load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth);
  const src = plan + load<i32>(step, Step.src);
  const scale = load<i32>(step, Step.src2);
  let dst = plan + load<i32>(step, Step.dst);
  for (let first = 0; first < channels; first += 4) {
    for (let tap = 0; tap < taps; ++tap) {
      for (let c = first; c < first + 4; ++c, dst += 4) {
        let value: f32 = 0;
        if (c < channels) {
          value = load<f32>(src + ((c * taps + tap) << 2));
          if (scale) value *= load<f32>(plan + scale + (c << 2));
        }
        store<f32>(dst, value);
      }
    }
  }
}

/** Opcode.packVector: `channels` floats, then zeros up to `dstChannels`. Without a source (0) all are zeros. */
export function packVector(step: usize, plan: usize): void {
  const dst = plan + load<i32>(step, Step.dst);
  const src = load<i32>(step, Step.src);
  const bytes = src ? load<i32>(step, Step.channels) << 2 : 0;
  memory.copy(dst, plan + src, bytes);
  memory.fill(dst + bytes, 0, (load<i32>(step, Step.dstChannels) << 2) - bytes);
}

/**
 * A row of G: r weights to six. The points are those of winograd.ts. `long` is whether r is above 3, a constant for the
 * compiler; weights beyond r are then zero.
 */
// @ts-ignore: decorator
@inline
function winogradRow(k: i32, long: bool, r: i32, g0: f64, g1: f64, g2: f64, g3: f64, g4: f64): f64 {
  const root2 = 1.4142135623730951;
  if (k == 0) return g0;
  if (k == 5) return long ? (r == 4 ? g3 : g4) : g2;
  const sign = k & 1 ? -1.0 : 1.0;
  if (k < 3) {
    const even = long ? -2.0 * g0 - g2 - 0.5 * g4 : -2.0 * g0 - g2;
    return (even + sign * root2 * (long ? g1 + 0.5 * g3 : g1)) / 3.0;
  }
  const even = long ? g0 + 2.0 * g2 + 4.0 * g4 : g0 + 2.0 * g2;
  return (even - sign * root2 * (long ? g1 + 2.0 * g3 : g1)) / 6.0;
}

/** Element (i, j) of G g; rows of g are 20 bytes apart. */
// @ts-ignore: decorator
@inline
function winogradColumn(i: i32, long: bool, r: i32, g: usize, j: usize): f64 {
  const p = g + (j << 2);
  const g3: f64 = long ? load<f32>(p, 60) : 0;
  const g4: f64 = long ? load<f32>(p, 80) : 0;
  return winogradRow(i, long, r, load<f32>(p), load<f32>(p, 20), load<f32>(p, 40), g3, g4);
}

/** Row i of G g Gᵀ, stored `step` bytes apart; where the next row begins. Written out, so that no branch on i or j is left. */
// @ts-ignore: decorator
@inline
function storeProducts(i: i32, long: bool, r: i32, g: usize, factor: f64, to: usize, step: usize): usize {
  const t0 = winogradColumn(i, long, r, g, 0) * factor;
  const t1 = winogradColumn(i, long, r, g, 1) * factor;
  const t2 = winogradColumn(i, long, r, g, 2) * factor;
  const t3 = long ? winogradColumn(i, long, r, g, 3) * factor : 0;
  const t4 = long ? winogradColumn(i, long, r, g, 4) * factor : 0;
  store<f32>(to, <f32>winogradRow(0, long, r, t0, t1, t2, t3, t4));
  store<f32>(to + step, <f32>winogradRow(1, long, r, t0, t1, t2, t3, t4));
  store<f32>(to + 2 * step, <f32>winogradRow(2, long, r, t0, t1, t2, t3, t4));
  store<f32>(to + 3 * step, <f32>winogradRow(3, long, r, t0, t1, t2, t3, t4));
  store<f32>(to + 4 * step, <f32>winogradRow(4, long, r, t0, t1, t2, t3, t4));
  store<f32>(to + 5 * step, <f32>winogradRow(5, long, r, t0, t1, t2, t3, t4));
  return to + 6 * step;
}

/** All of G g Gᵀ. */
// @ts-ignore: decorator
@inline
function storeTransform(long: bool, r: i32, g: usize, factor: f64, to: usize, step: usize): void {
  to = storeProducts(0, long, r, g, factor, to, step);
  to = storeProducts(1, long, r, g, factor, to, step);
  to = storeProducts(2, long, r, g, factor, to, step);
  to = storeProducts(3, long, r, g, factor, to, step);
  to = storeProducts(4, long, r, g, factor, to, step);
  storeProducts(5, long, r, g, factor, to, step);
}

/** One phase of a window: weights, and zeros where the window ends, in rows of five. */
const phase = memory.data(100);

/**
 * Opcode.packWinograd: weights [M][C][kH·kW] of each cluster → G g Gᵀ in panels [ceil(M/8)][36][s²·C][8] (the last [4] wide
 * where at most four channels are left), phase by phase. In float64, rounded once. Fields as packConv's, and strideHeight: s.
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
        const group = c / groupInputs;
        for (let o = first; o < first + wide; ++o) {
          let to = dst + ((d * wide + o - first) << 2);
          if (o >= m || o / groupOutputs != group) {
            for (let k = 0; k < 36; ++k, to += productStep) store<f32>(to, 0);
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
          if (r == 3) storeTransform(false, 3, phase, factor, to, productStep);
          else storeTransform(true, r, phase, factor, to, productStep);
        }
      }
      dst += productStep * 36;
    }
  }
}
