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

/** The largest of the three rows (for a size of 2: of the first two) at one column. */
// @ts-ignore: decorator
@inline
function columnMax(size: i32, row0: usize, row1: usize, row2: usize, at: usize): v128 {
  const a = f32x4.pmax(v128.load(row1 + at), v128.load(row0 + at));
  return size == 2 ? a : f32x4.pmax(v128.load(row2 + at), a);
}

/** Results [to, end) of a row, whose windows lie inside the image, the first at `at`. Neighbours share a column's maximum. */
// @ts-ignore: decorator
@inline
function maxRun(size: i32, stride: i32, row0: usize, row1: usize, row2: usize, at: usize, to: usize, end: usize): void {
  if (to >= end) return;
  if (size == 2) {
    for (; to < end; to += 16, at += 32) {
      v128.store(to, f32x4.pmax(columnMax(2, row0, row1, row2, at + 16), columnMax(2, row0, row1, row2, at)));
    }
    return;
  }
  let first = columnMax(3, row0, row1, row2, at);
  if (stride == 2) {
    for (; to < end; to += 16) {
      const second = columnMax(3, row0, row1, row2, at + 16);
      at += 32;
      const third = columnMax(3, row0, row1, row2, at);
      v128.store(to, f32x4.pmax(third, f32x4.pmax(second, first)));
      first = third;
    }
    return;
  }
  let second = columnMax(3, row0, row1, row2, at + 16);
  for (; to < end; to += 16, at += 16) {
    const third = columnMax(3, row0, row1, row2, at + 32);
    v128.store(to, f32x4.pmax(third, f32x4.pmax(second, first)));
    first = second;
    second = third;
  }
}

/** The pixel at i, or the nearest that the image has. */
// @ts-ignore: decorator
@inline
function nearest(i: i32, count: i32): i32 {
  return max(0, min(i, count - 1));
}

/**
 * Windows of size × size and their stride, known to the compiler: 2 and 2, or 3 and 1 or 2. Where a window sticks out of the
 * image, its nearest rows and columns, which it holds anyway, stand for the padding.
 */
// @ts-ignore: decorator
@inline
function maxPoolSquare(size: i32, stride: i32, step: usize, src: usize, dst: usize): void {
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const rowBytes = width << 4;
  // Of a row's windows, those from `inside` to `outside` stick out on neither side.
  const inside = min(dstWidth, (padLeft + stride - 1) / stride);
  const outside = max(inside, min(dstWidth, (width + padLeft - size + stride) / stride));
  for (let planes = (load<i32>(step, Step.channels) + 3) >> 2; planes > 0; --planes, src += pitch, dst += dstPitch) {
    let to = dst;
    for (let y = 0; y < dstHeight; ++y, to += (<usize>dstWidth) << 4) {
      const top = y * stride - padTop;
      const row0 = src + nearest(top, height) * rowBytes;
      const row1 = src + nearest(top + 1, height) * rowBytes;
      const row2 = src + nearest(top + 2, height) * rowBytes;
      const at = (<usize>(inside * stride - padLeft)) << 4;
      maxRun(size, stride, row0, row1, row2, at, to + ((<usize>inside) << 4), to + ((<usize>outside) << 4));
      for (let x = 0; x < dstWidth; ++x) {
        if (x == inside) x = outside;
        if (x == dstWidth) break;
        const left = x * stride - padLeft;
        let a = columnMax(size, row0, row1, row2, (<usize>nearest(left, width)) << 4);
        for (let kx = 1; kx < size; ++kx) {
          a = f32x4.pmax(columnMax(size, row0, row1, row2, (<usize>nearest(left + kx, width)) << 4), a);
        }
        v128.store(to + ((<usize>x) << 4), a);
      }
    }
  }
}

export function maxPool(step: usize, src: usize, dst: usize): void {
  const size = load<i32>(step, Step.kernelHeight);
  const stride = load<i32>(step, Step.strideHeight);
  const square = size == load<i32>(step, Step.kernelWidth) && stride == load<i32>(step, Step.strideWidth);
  const whole = load<i32>(step, Step.dilationHeight) == 1 && load<i32>(step, Step.dilationWidth) == 1;
  // No window lies in the padding altogether.
  const filled =
    load<i32>(step, Step.padTop) < size &&
    load<i32>(step, Step.padLeft) < size &&
    (load<i32>(step, Step.dstHeight) - 1) * stride - load<i32>(step, Step.padTop) < load<i32>(step, Step.height) &&
    (load<i32>(step, Step.dstWidth) - 1) * stride - load<i32>(step, Step.padLeft) < load<i32>(step, Step.width);
  const simple = square && whole && filled;
  if (simple && size == 2 && stride == 2) maxPoolSquare(2, 2, step, src, dst);
  else if (simple && size == 3 && stride == 1) maxPoolSquare(3, 1, step, src, dst);
  else if (simple && size == 3 && stride == 2) maxPoolSquare(3, 2, step, src, dst);
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
