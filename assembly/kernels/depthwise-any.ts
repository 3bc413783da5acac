// Depthwise convolution of one plane with windows of any size, stride and dilation.
//
// Where windows lie inside the image, four neighbouring pixels at a time; elsewhere pixel by pixel, only the taps inside. A pixel's sum
// runs over the taps in the same order everywhere.
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { endTap, firstTap } from "./window";

/** One plane of a depthwise step: of `src`, with `weights` of [kH·kW][4], to `out`; `add` is a residual, or 0. */
export function anyPlane(step: usize, src: usize, weights: usize, bias: usize, add: usize, out: usize): void {
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const lo = f32x4.splat(load<f32>(step, Step.low));
  const hi = f32x4.splat(load<f32>(step, Step.high));
  const base = v128.load(bias);
  const pixelStep = (<usize>strideWidth) << 4;
  const tapStep = (<usize>dilationWidth) << 4;
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  const rowTaps = (<usize>kernelWidth) << 4;
  // Output columns whose windows lie inside the image.
  const inner = (padLeft + strideWidth - 1) / strideWidth;
  const reach = width + padLeft - dilationWidth * (kernelWidth - 1) - 1;
  const innerEnd = reach < 0 ? 0 : min(dstWidth, reach / strideWidth + 1);
  for (let y = 0; y < dstHeight; ++y) {
    const first = y * strideHeight - padTop;
    const y0 = firstTap(first, dilationHeight);
    const rows = endTap(first, dilationHeight, height, kernelHeight) - y0;
    for (let x = 0; x < dstWidth;) {
      const column = x * strideWidth - padLeft;
      let row = src + (((first + y0 * dilationHeight) * width + column) << 4);
      let w = weights + <usize>y0 * rowTaps;
      let a0 = base;
      if (x >= inner && x + 4 <= innerEnd) {
        let a1 = base;
        let a2 = base;
        let a3 = base;
        for (let ky = rows; ky > 0; --ky, row += rowStep) {
          let p = row;
          for (let kx = kernelWidth; kx > 0; --kx, p += tapStep, w += 16) {
            const tap = v128.load(w);
            a0 = madd(v128.load(p), tap, a0);
            a1 = madd(v128.load(p + pixelStep), tap, a1);
            a2 = madd(v128.load(p + 2 * pixelStep), tap, a2);
            a3 = madd(v128.load(p + 3 * pixelStep), tap, a3);
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
        continue;
      }
      const x0 = firstTap(column, dilationWidth);
      const x1 = endTap(column, dilationWidth, width, kernelWidth);
      row += <usize>x0 * tapStep;
      w += (<usize>x0) << 4;
      for (let ky = rows; ky > 0; --ky, row += rowStep, w += rowTaps) {
        let p = row;
        let q = w;
        for (let kx = x1 - x0; kx > 0; --kx, p += tapStep, q += 16) a0 = madd(v128.load(p), v128.load(q), a0);
      }
      if (add) {
        a0 = f32x4.add(a0, v128.load(add));
        add += 16;
      }
      v128.store(out, clamp(a0, lo, hi));
      out += 16;
      x += 1;
    }
  }
}
