// Opcode.binary: dst = act(a ∘ b), ∘ one of add, sub, mul, div, with NumPy's broadcasting on every axis of [N,C,H,W].
//
// Broadcasting is in the strides: along an axis on which a source has size 1 its stride is 0. A source of one channel
// where the result has more (channels of the step, or src2Channels in `group`) spreads its first lane.
import { BinaryMode, Step } from "../plan";
import { clamp } from "../simd";
import { activatePlanes } from "./activation";

// @ts-ignore: decorator
@inline
function operand(p: usize, spread: bool): v128 {
  return spread ? v128.load32_splat(p) : v128.load(p);
}

export function binary(step: usize, a: usize, b: usize, dst: usize): void {
  const mode = load<i32>(step, Step.mode);
  const channels = load<i32>(step, Step.dstChannels);
  const planes = (channels + 3) >> 2;
  const height = load<i32>(step, Step.dstHeight);
  const width = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const spreadA = channels > 1 && load<i32>(step, Step.channels) == 1;
  const spreadB = channels > 1 && load<i32>(step, Step.group) == 1;
  const pitchA = load<i32>(step, Step.pitch);
  const pitchB = load<i32>(step, Step.src2Pitch);
  const rowA = load<i32>(step, Step.rowStride);
  const rowB = load<i32>(step, Step.src2RowStride);
  const pixelA = load<i32>(step, Step.pixelStride);
  const pixelB = load<i32>(step, Step.src2PixelStride);
  const lo = f32x4.splat(load<f32>(step, Step.low));
  const hi = f32x4.splat(load<f32>(step, Step.high));
  for (let plane = 0; plane < planes; ++plane) {
    let to = dst + plane * dstPitch;
    for (let y = 0; y < height; ++y) {
      let p = a + plane * pitchA + y * rowA;
      let q = b + plane * pitchB + y * rowB;
      for (let x = width; x > 0; --x, p += pixelA, q += pixelB, to += 16) {
        const u = operand(p, spreadA);
        const v = operand(q, spreadB);
        let r: v128;
        if (mode == BinaryMode.add) r = f32x4.add(u, v);
        else if (mode == BinaryMode.sub) r = f32x4.sub(u, v);
        else if (mode == BinaryMode.mul) r = f32x4.mul(u, v);
        else r = f32x4.div(u, v);
        v128.store(to, clamp(r, lo, hi));
      }
    }
  }
  activatePlanes(step, dst, planes, height * width);
}
