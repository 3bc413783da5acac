// Prepare kernels: weights as a file stores them → the form that the run kernels read.
import { Step } from "../plan";
import { clear } from "../simd";

/** Four columns of the four rows at p, times their factors: as rows, 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transposeFour(p: usize, stride: usize, factors: v128, to: usize): void {
  const a = v128.load(p);
  const b = v128.load(p + stride);
  const c = v128.load(p + 2 * stride);
  const d = v128.load(p + 3 * stride);
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5);
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
  v128.store(to, f32x4.mul(v128.shuffle<i64>(ab, cd, 0, 2), factors));
  v128.store(to, f32x4.mul(v128.shuffle<i64>(ab, cd, 1, 3), factors), 32);
  const ba = v128.shuffle<f32>(a, b, 2, 6, 3, 7);
  const dc = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
  v128.store(to, f32x4.mul(v128.shuffle<i64>(ba, dc, 0, 2), factors), 64);
  v128.store(to, f32x4.mul(v128.shuffle<i64>(ba, dc, 1, 3), factors), 96);
}

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
        let c = 0;
        if (channelStride == 4 && groups == 1 && last - first == 8) {
          // A matrix whose rows are stored one after the other, and whole panels of it.
          const row = cluster * m + first;
          const factors = plan + scale + (row << 2);
          const one = f32x4.splat(1);
          const firstFactors = scale ? v128.load(factors) : one;
          const lastFactors = scale ? v128.load(factors, 16) : one;
          for (let p = src + row * rowStride + (tap << 2); c + 4 <= channels; c += 4, p += 16, dst += 128) {
            transposeFour(p, rowStride, firstFactors, dst);
            transposeFour(p + 4 * rowStride, rowStride, lastFactors, dst + 16);
          }
        }
        for (; c < depth; ++c, dst += wide << 2) {
          // Of the panel's outputs, [from, to) belong to this input's group.
          const group = c / groupInputs;
          const from = max(first, group * groupOutputs);
          const to = min(last, (group + 1) * groupOutputs);
          if (to - from < wide || c >= channels) {
            clear(dst, wide << 2);
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
  const padded = load<i32>(step, Step.dstChannels) << 2;
  for (let i = 0; i < padded; i += 4) store<i32>(dst + i, i < bytes ? load<i32>(plan + src + i) : 0);
}
