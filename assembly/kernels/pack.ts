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
 * Opcode.packConv: matrices [M][C][taps] along the diagonal of a weight → of each the panels [ceil(M/8)][taps][depth][8] (the last
 * panel [4] wide where at most four channels are left), zeros beyond M and C and where an output's group lacks an input.
 *
 * src          the weight: output channels `rowStride` bytes apart, input channels of their group `pixelStride`, taps 4
 * src2         a factor for each output channel, or 0 (a folded BatchNormalization)
 * group        matrices;  dstChannels  M, output channels of each;  channels  C, input channels of each
 * firstOutput  where the first begins among the output channels;  padFront  and among the input channels
 * height       depth of a tap, C or C rounded up to four
 */
export function packConv(step: usize, plan: usize): void {
  const matrices = load<i32>(step, Step.group);
  const m = load<i32>(step, Step.dstChannels);
  const channels = load<i32>(step, Step.channels);
  const depth = load<i32>(step, Step.height);
  const taps = load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth);
  const rowStride = load<i32>(step, Step.rowStride);
  const channelStride = load<i32>(step, Step.pixelStride);
  const src = plan + load<i32>(step, Step.src);
  const scale = load<i32>(step, Step.src2);
  let dst = plan + load<i32>(step, Step.dst);
  const groupOutputs = load<i32>(step, Step.groupOutputs);
  const groupInputs = load<i32>(step, Step.groupInputs);
  const firstOutput = load<i32>(step, Step.firstOutput);
  const firstInput = load<i32>(step, Step.padFront);
  for (let matrix = 0; matrix < matrices; ++matrix) {
    for (let first = 0; first < m; first += 8) {
      const wide = m - first > 4 ? 8 : 4;
      const row = firstOutput + matrix * m + first;
      const end = row + min(m - first, wide);
      for (let tap = 0; tap < taps; ++tap) {
        for (let c = 0; c < depth;) {
          // Of the panel's outputs, [from, to) belong to this input's group.
          const input = firstInput + matrix * channels + c;
          const group = input / groupInputs;
          const from = max(row, group * groupOutputs);
          const to = min(end, (group + 1) * groupOutputs);
          const before = input - group * groupInputs;
          let left = min(groupInputs - before, depth - c);
          let p = src + before * channelStride + (tap << 2) + from * rowStride;
          const factors = plan + scale + (from << 2);
          if (channelStride == 4 && to - from == 8) {
            // A whole panel of rows that are stored one after the other.
            const one = f32x4.splat(1);
            const firstFactors = scale ? v128.load(factors) : one;
            const lastFactors = scale ? v128.load(factors, 16) : one;
            for (; left >= 4; left -= 4, c += 4, p += 16, dst += 128) {
              transposeFour(p, rowStride, firstFactors, dst);
              transposeFour(p + 4 * rowStride, rowStride, lastFactors, dst + 16);
            }
            if (left == 0) continue;
          }
          if (to - from < wide) clear(dst, wide << 2);
          let q = dst + ((from - row) << 2);
          for (let i = 0; i < to - from; ++i, p += rowStride, q += 4) {
            const value = load<f32>(p);
            store<f32>(q, scale ? value * load<f32>(factors + (i << 2)) : value);
          }
          ++c;
          dst += wide << 2;
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
