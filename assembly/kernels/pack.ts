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

/** A row of G: three weights to six. The points are those of winograd.ts. */
// @ts-ignore: decorator
@inline
function winogradRow(k: i32, g0: f64, g1: f64, g2: f64): f64 {
  const root2 = 1.4142135623730951;
  if (k == 0) return g0;
  if (k == 5) return g2;
  const sign = k & 1 ? -1.0 : 1.0;
  if (k < 3) return (-2.0 * g0 + sign * root2 * g1 - g2) / 3.0;
  return (g0 - sign * root2 * g1 + 2.0 * g2) / 6.0;
}

/** Row i of G g Gᵀ, stored `step` bytes apart; where the next row begins. Written out, so that no branch on i or j is left. */
// @ts-ignore: decorator
@inline
function storeProducts(i: i32, g: usize, factor: f64, to: usize, step: usize): usize {
  const t0 = winogradRow(i, load<f32>(g), load<f32>(g, 12), load<f32>(g, 24)) * factor;
  const t1 = winogradRow(i, load<f32>(g, 4), load<f32>(g, 16), load<f32>(g, 28)) * factor;
  const t2 = winogradRow(i, load<f32>(g, 8), load<f32>(g, 20), load<f32>(g, 32)) * factor;
  store<f32>(to, <f32>winogradRow(0, t0, t1, t2));
  store<f32>(to + step, <f32>winogradRow(1, t0, t1, t2));
  store<f32>(to + 2 * step, <f32>winogradRow(2, t0, t1, t2));
  store<f32>(to + 3 * step, <f32>winogradRow(3, t0, t1, t2));
  store<f32>(to + 4 * step, <f32>winogradRow(4, t0, t1, t2));
  store<f32>(to + 5 * step, <f32>winogradRow(5, t0, t1, t2));
  return to + 6 * step;
}

/**
 * Opcode.packWinograd: 3×3 weights [M][C][9] of each cluster → G g Gᵀ in panels [ceil(M/8)][36][C][8] (the last [4] wide where
 * at most four channels are left). In float64, rounded once. Fields as packConv's.
 */
export function packWinograd(step: usize, plan: usize): void {
  const clusters = load<i32>(step, Step.group);
  const groups = load<i32>(step, Step.mode);
  const m = load<i32>(step, Step.dstChannels);
  const channels = load<i32>(step, Step.channels);
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
      const productStep = (channels * wide) << 2;
      for (let c = 0; c < channels; ++c) {
        const group = c / groupInputs;
        for (let o = first; o < first + wide; ++o) {
          let to = dst + ((c * wide + o - first) << 2);
          if (o >= m || o / groupOutputs != group) {
            for (let k = 0; k < 36; ++k, to += productStep) store<f32>(to, 0);
            continue;
          }
          const row = cluster * m + o;
          const g = src + row * rowStride + (c - group * groupInputs) * channelStride;
          const factor: f64 = scale ? load<f32>(plan + scale + (row << 2)) : 1.0;
          to = storeProducts(0, g, factor, to, productStep);
          to = storeProducts(1, g, factor, to, productStep);
          to = storeProducts(2, g, factor, to, productStep);
          to = storeProducts(3, g, factor, to, productStep);
          to = storeProducts(4, g, factor, to, productStep);
          storeProducts(5, g, factor, to, productStep);
        }
      }
      dst += productStep * 36;
    }
  }
}
