// Opcode.affine: dst[c][p] = act(scale[c] · src[c][p] + shift[c]), a BatchNormalization that no convolution took in.
// `weights` is scale, `bias` is shift, both padded to whole blocks of four.
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { activatePlanes } from "./activation";

export function affine(step: usize, plan: usize, src: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const lo = f32x4.splat(load<f32>(step, Step.low));
  const hi = f32x4.splat(load<f32>(step, Step.high));
  const scales = plan + load<i32>(step, Step.weights);
  const shifts = plan + load<i32>(step, Step.bias);
  for (let plane = 0; plane < planes; ++plane) {
    const scale = v128.load(scales + (plane << 4));
    const shift = v128.load(shifts + (plane << 4));
    let p = src + plane * pitch;
    let q = dst + plane * dstPitch;
    for (let i = pixels; i > 0; --i, p += 16, q += 16) {
      v128.store(q, clamp(madd(v128.load(p), scale, shift), lo, hi));
    }
  }
  activatePlanes(step, dst, planes, pixels);
}
