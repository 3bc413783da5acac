// Opcode.depthwise: convolution with one filter a channel (group = channels), any kernel size, stride and dilation.
//
//   dst[c][y][x] = act(bias[c] + Σ_taps w[c][tap] · src[c][…])      weights [ceil(C/4)][kH·kW][4]
//
// Four channels are the lanes, four neighbouring output pixels the accumulators. Rows and columns whose windows
// leave the image visit only the taps inside it.
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { activatePlanes } from "./activation";
import { endTap, firstTap } from "./window";

export function depthwise(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const residualPitch = load<i32>(step, Step.src2Pitch);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const lo = f32x4.splat(load<f32>(step, Step.low));
  const hi = f32x4.splat(load<f32>(step, Step.high));
  const pixelStep = (<usize>strideWidth) << 4;
  const tapStep = (<usize>dilationWidth) << 4;
  // Output columns whose windows lie inside the image: [inner, innerEnd).
  const inner = min(dstWidth, (padLeft + strideWidth - 1) / strideWidth);
  const reach = width + padLeft - dilationWidth * (kernelWidth - 1) - 1;
  const innerEnd = max(inner, reach < 0 ? 0 : min(dstWidth, reach / strideWidth + 1));
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  const filterBytes = (kernelHeight * kernelWidth) << 4;
  for (let plane = 0; plane < planes; ++plane) {
    const b = v128.load(bias);
    let out = dst + plane * dstPitch;
    let add = residual ? residual + plane * residualPitch : 0;
    for (let y = 0; y < dstHeight; ++y) {
      const top = y * strideHeight - padTop;
      const y0 = firstTap(top, dilationHeight);
      const y1 = endTap(top, dilationHeight, height, kernelHeight);
      for (let x = 0; x < dstWidth;) {
        const left = x * strideWidth - padLeft;
        if (x >= inner && x + 4 <= innerEnd) {
          let a0 = b;
          let a1 = b;
          let a2 = b;
          let a3 = b;
          for (let ky = y0; ky < y1; ++ky) {
            let p0 = src + (((top + ky * dilationHeight) * width + left) << 4);
            let p1 = p0 + pixelStep;
            let p2 = p1 + pixelStep;
            let p3 = p2 + pixelStep;
            let q = weights + ((ky * kernelWidth) << 4);
            for (let k = kernelWidth; k > 0; --k) {
              const w = v128.load(q);
              a0 = madd(v128.load(p0), w, a0);
              a1 = madd(v128.load(p1), w, a1);
              a2 = madd(v128.load(p2), w, a2);
              a3 = madd(v128.load(p3), w, a3);
              p0 += tapStep;
              p1 += tapStep;
              p2 += tapStep;
              p3 += tapStep;
              q += 16;
            }
          }
          if (add) {
            a0 = f32x4.add(a0, v128.load(add));
            a1 = f32x4.add(a1, v128.load(add, 16));
            a2 = f32x4.add(a2, v128.load(add, 32));
            a3 = f32x4.add(a3, v128.load(add, 48));
            add += 64;
          }
          v128.store(out, clamp(a0, lo, hi));
          v128.store(out, clamp(a1, lo, hi), 16);
          v128.store(out, clamp(a2, lo, hi), 32);
          v128.store(out, clamp(a3, lo, hi), 48);
          out += 64;
          x += 4;
        } else {
          const x0 = firstTap(left, dilationWidth);
          const x1 = endTap(left, dilationWidth, width, kernelWidth);
          let a = b;
          for (let ky = y0; ky < y1; ++ky) {
            const row = src + (((top + ky * dilationHeight) * width) << 4);
            for (let kx = x0; kx < x1; ++kx) {
              const w = v128.load(weights + ((ky * kernelWidth + kx) << 4));
              a = madd(v128.load(row + ((left + kx * dilationWidth) << 4)), w, a);
            }
          }
          if (add) {
            a = f32x4.add(a, v128.load(add));
            add += 16;
          }
          v128.store(out, clamp(a, lo, hi));
          out += 16;
          x += 1;
        }
      }
    }
    src += pitch;
    weights += filterBytes;
    bias += 16;
  }
  activatePlanes(step, dst, planes, dstHeight * dstWidth);
}
