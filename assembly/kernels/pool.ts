// Max and average pooling (ONNX MaxPool, AveragePool, GlobalAveragePool): any window, stride, padding and dilation.
//
// Four channels are the lanes; a window visits only its taps inside the image. Where an average counts the padding,
// it counts what lies within the padded image: with ceil mode a last window may reach beyond that too.
import { Step } from "../plan";
import { endTap, firstTap } from "./window";

// @ts-ignore: decorator
@inline
function pool(step: usize, src: usize, dst: usize, average: bool): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const padBottom = load<i32>(step, Step.padBottom);
  const padRight = load<i32>(step, Step.padRight);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const countPad = load<i32>(step, Step.mode);
  const tapStep = (<usize>dilationWidth) << 4;
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  for (let plane = 0; plane < planes; ++plane, src += pitch, dst += dstPitch) {
    let to = dst;
    for (let y = 0; y < dstHeight; ++y) {
      const top = y * strideHeight - padTop;
      const y0 = firstTap(top, dilationHeight);
      const y1 = endTap(top, dilationHeight, height, kernelHeight);
      for (let x = 0; x < dstWidth; ++x, to += 16) {
        const left = x * strideWidth - padLeft;
        const x0 = firstTap(left, dilationWidth);
        const x1 = endTap(left, dilationWidth, width, kernelWidth);
        let row = src + (((top + y0 * dilationHeight) * width + left + x0 * dilationWidth) << 4);
        let a = f32x4.splat(average ? 0 : -Infinity);
        for (let ky = y1 - y0; ky > 0; --ky, row += rowStep) {
          let p = row;
          for (let kx = x1 - x0; kx > 0; --kx, p += tapStep) {
            a = average ? f32x4.add(a, v128.load(p)) : f32x4.pmax(v128.load(p), a);
          }
        }
        if (average) {
          const count = countPad
            ? endTap(top, dilationHeight, height + padBottom, kernelHeight) *
              endTap(left, dilationWidth, width + padRight, kernelWidth)
            : (y1 - y0) * (x1 - x0);
          a = f32x4.div(a, f32x4.splat(<f32>count));
        }
        v128.store(to, a);
      }
    }
  }
}

/** The largest of three rows at one column. */
// @ts-ignore: decorator
@inline
function columnMax(p: usize, row: usize): v128 {
  return f32x4.pmax(v128.load(p + 2 * row), f32x4.pmax(v128.load(p + row), v128.load(p)));
}

/** 3×3, stride 2, no padding, every window inside: neighbouring windows share a column, whose maximum is kept. */
function maxPool3x2(step: usize, src: usize, dst: usize): void {
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const row = (<usize>load<i32>(step, Step.width)) << 4;
  const rowBytes = (<usize>load<i32>(step, Step.dstWidth)) << 4;
  for (let planes = (load<i32>(step, Step.channels) + 3) >> 2; planes > 0; --planes, src += pitch, dst += dstPitch) {
    let top = src;
    let to = dst;
    for (let y = 0; y < dstHeight; ++y, top += row << 1) {
      let shared = columnMax(top, row);
      let p = top;
      for (const end = to + rowBytes; to < end; to += 16) {
        const middle = columnMax(p + 16, row);
        p += 32;
        const last = columnMax(p, row);
        v128.store(to, f32x4.pmax(last, f32x4.pmax(middle, shared)));
        shared = last;
      }
    }
  }
}

export function maxPool(step: usize, src: usize, dst: usize): void {
  const square = load<i32>(step, Step.kernelHeight) == 3 && load<i32>(step, Step.kernelWidth) == 3;
  const halves = load<i32>(step, Step.strideHeight) == 2 && load<i32>(step, Step.strideWidth) == 2;
  const dense = load<i32>(step, Step.dilationHeight) == 1 && load<i32>(step, Step.dilationWidth) == 1;
  const inside =
    load<i32>(step, Step.padTop) == 0 &&
    load<i32>(step, Step.padLeft) == 0 &&
    load<i32>(step, Step.dstHeight) * 2 < load<i32>(step, Step.height) &&
    load<i32>(step, Step.dstWidth) * 2 < load<i32>(step, Step.width);
  if (square && halves && dense && inside) maxPool3x2(step, src, dst);
  else pool(step, src, dst, false);
}

export function averagePool(step: usize, src: usize, dst: usize): void {
  pool(step, src, dst, true);
}

/** One average a channel. Four partial sums hide the latency of the adds; their order is part of the result's bits. */
export function globalAveragePool(step: usize, src: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const count = f32x4.splat(<f32>pixels);
  for (let plane = 0; plane < planes; ++plane, src += pitch, dst += dstPitch) {
    let a0 = f32x4.splat(0);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let p = src;
    let left = pixels;
    for (; left > 3; left -= 4, p += 64) {
      a0 = f32x4.add(a0, v128.load(p));
      a1 = f32x4.add(a1, v128.load(p, 16));
      a2 = f32x4.add(a2, v128.load(p, 32));
      a3 = f32x4.add(a3, v128.load(p, 48));
    }
    for (; left > 0; --left, p += 16) a0 = f32x4.add(a0, v128.load(p));
    v128.store(dst, f32x4.div(f32x4.add(f32x4.add(a0, a1), f32x4.add(a2, a3)), count));
  }
}
