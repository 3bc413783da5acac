// Max and average pooling (ONNX MaxPool, AveragePool, GlobalAveragePool): any window, stride, padding and dilation.
//
// Four channels are the lanes; a window visits only its taps inside the image. Where an average counts the padding,
// it counts what lies within the padded image: with ceil mode a last window may reach beyond that too.
import { Step } from "../plan";
import { endTap, firstTap } from "./window";

/** A tap more in a window's sum or maximum. */
// @ts-ignore: decorator
@inline
function include(average: bool, a: v128, p: usize): v128 {
  return average ? f32x4.add(a, v128.load(p)) : f32x4.pmax(v128.load(p), a);
}

/** The sum or the largest of rows × columns taps. */
function oneWindow(average: bool, row: usize, rows: i32, columns: i32, rowStep: usize, tapStep: usize): v128 {
  let a = f32x4.splat(average ? 0 : -Infinity);
  for (; rows > 0; --rows, row += rowStep) {
    let p = row;
    for (let kx = columns; kx > 0; --kx, p += tapStep) a = include(average, a, p);
  }
  return a;
}

/** Four windows that are `next` bytes apart, to be divided by `count` where they are averaged. */
// @ts-ignore: decorator
@inline
function fourWindows(
  average: bool,
  row: usize,
  rows: i32,
  columns: i32,
  rowStep: usize,
  tapStep: usize,
  next: usize,
  count: i32,
  to: usize,
): void {
  let a0 = f32x4.splat(average ? 0 : -Infinity);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  for (; rows > 0; --rows, row += rowStep) {
    let p = row;
    for (let kx = columns; kx > 0; --kx, p += tapStep) {
      a0 = include(average, a0, p);
      a1 = include(average, a1, p + next);
      a2 = include(average, a2, p + 2 * next);
      a3 = include(average, a3, p + 3 * next);
    }
  }
  if (average) {
    const counts = f32x4.splat(<f32>count);
    a0 = f32x4.div(a0, counts);
    a1 = f32x4.div(a1, counts);
    a2 = f32x4.div(a2, counts);
    a3 = f32x4.div(a3, counts);
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
}

// @ts-ignore: decorator
@inline
function pool(step: usize, src: usize, dst: usize, average: bool): void {
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
  const next = (<usize>strideWidth) << 4;
  const tapStep = (<usize>dilationWidth) << 4;
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  // The first column that begins four windows of which one sticks out.
  const outside = width - (kernelWidth - 1) * dilationWidth - 3 * strideWidth;
  for (let planes = (load<i32>(step, Step.channels) + 3) >> 2; planes > 0; --planes, src += pitch, dst += dstPitch) {
    let to = dst;
    for (let y = 0; y < dstHeight; ++y, to += (<usize>dstWidth) << 4) {
      const top = y * strideHeight - padTop;
      const y0 = firstTap(top, dilationHeight);
      const y1 = endTap(top, dilationHeight, height, kernelHeight);
      const row = src + (((top + y0 * dilationHeight) * width) << 4);
      const counted = countPad ? endTap(top, dilationHeight, height + padBottom, kernelHeight) : y1 - y0;
      for (let x = 0; x < dstWidth;) {
        // A row's last four may begin among those before.
        const x4 = min(x, dstWidth - 4);
        const left4 = x4 * strideWidth - padLeft;
        if (x4 >= 0 && left4 >= 0 && left4 < outside) {
          const count = counted * kernelWidth;
          fourWindows(average, row + (left4 << 4), y1 - y0, kernelWidth, rowStep, tapStep, next, count, to + ((<usize>x4) << 4));
          x = x4 + 4;
          continue;
        }
        const left = x * strideWidth - padLeft;
        const x0 = firstTap(left, dilationWidth);
        const x1 = endTap(left, dilationWidth, width, kernelWidth);
        let a = oneWindow(average, row + ((left + x0 * dilationWidth) << 4), y1 - y0, x1 - x0, rowStep, tapStep);
        if (average) {
          const columns = countPad ? endTap(left, dilationWidth, width + padRight, kernelWidth) : x1 - x0;
          a = f32x4.div(a, f32x4.splat(<f32>(counted * columns)));
        }
        v128.store(to + ((<usize>x) << 4), a);
        ++x;
      }
    }
  }
}

/** The largest of three rows at one column. */
// @ts-ignore: decorator
@inline
function columnMax(row0: usize, row1: usize, row2: usize, at: usize): v128 {
  return f32x4.pmax(v128.load(row2 + at), f32x4.pmax(v128.load(row1 + at), v128.load(row0 + at)));
}

/** Results [to, end) of a row, whose windows lie inside the image, the first at `at`. Neighbours share a column's maximum. */
// @ts-ignore: decorator
@inline
function maxRun(stride: i32, row0: usize, row1: usize, row2: usize, at: usize, to: usize, end: usize): void {
  if (to >= end) return;
  let first = columnMax(row0, row1, row2, at);
  if (stride == 2) {
    for (; to < end; to += 16) {
      const second = columnMax(row0, row1, row2, at + 16);
      at += 32;
      const third = columnMax(row0, row1, row2, at);
      v128.store(to, f32x4.pmax(third, f32x4.pmax(second, first)));
      first = third;
    }
    return;
  }
  let second = columnMax(row0, row1, row2, at + 16);
  for (; to < end; to += 16, at += 16) {
    const third = columnMax(row0, row1, row2, at + 32);
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
 * Windows of 3×3 and a stride of 1 or 2, each with a pixel in the image. Where one sticks out of it, its nearest rows and columns,
 * which it holds anyway, stand for the padding.
 */
function maxPoolThree(stride: i32, step: usize, src: usize, dst: usize): void {
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
  const outside = max(inside, min(dstWidth, (width + padLeft - 3 + stride) / stride));
  for (let planes = (load<i32>(step, Step.channels) + 3) >> 2; planes > 0; --planes, src += pitch, dst += dstPitch) {
    let to = dst;
    for (let y = 0; y < dstHeight; ++y, to += (<usize>dstWidth) << 4) {
      const top = y * stride - padTop;
      const row0 = src + nearest(top, height) * rowBytes;
      const row1 = src + nearest(top + 1, height) * rowBytes;
      const row2 = src + nearest(top + 2, height) * rowBytes;
      const at = (<usize>(inside * stride - padLeft)) << 4;
      maxRun(stride, row0, row1, row2, at, to + ((<usize>inside) << 4), to + ((<usize>outside) << 4));
      for (let x = 0; x < dstWidth; ++x) {
        if (x == inside) x = outside;
        if (x == dstWidth) break;
        const left = x * stride - padLeft;
        let a = columnMax(row0, row1, row2, (<usize>nearest(left, width)) << 4);
        for (let kx = 1; kx < 3; ++kx) {
          a = f32x4.pmax(columnMax(row0, row1, row2, (<usize>nearest(left + kx, width)) << 4), a);
        }
        v128.store(to + ((<usize>x) << 4), a);
      }
    }
  }
}

export function maxPool(step: usize, src: usize, dst: usize): void {
  const stride = load<i32>(step, Step.strideHeight);
  const three =
    load<i32>(step, Step.kernelHeight) == 3 &&
    load<i32>(step, Step.kernelWidth) == 3 &&
    load<i32>(step, Step.dilationHeight) == 1 &&
    load<i32>(step, Step.dilationWidth) == 1 &&
    load<i32>(step, Step.strideWidth) == stride;
  if (three && stride < 3) maxPoolThree(stride, step, src, dst);
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
