// Depthwise convolution of one plane with windows of three or five columns, stride 1 or 2, undilated: tiles of seven neighbouring pixels.
//
// Seven, since a sum waits three or four cycles for its last addition: fewer sums leave the processor idle, and images of 224², halved
// again and again, are 112, 56, 28, 14 and 7 pixels wide. Seven sums and five weights leave V8 three of its registers on x86-64.
//
// Each input column is loaded once for all the pixels that it serves, and asked for first: columns beside the image and those that
// only pixels beyond the row's last would need are left out. So there are no other edges and no rest of a row. The questions also keep
// V8 up to Node 22 from moving all loads to the front, for which it lacks the registers.
//
// A pixel's sum runs over the taps in the same order as in depthwise-any.ts.
import { Step } from "../plan";
import { clamp, isBound, madd } from "../simd";
import { endTap, firstTap } from "./window";

/** Pixels of a tile. */
// @ts-ignore: decorator
@inline
const TILE: i32 = 7;

/** Adds the residual, clamps, and stores the first `count` sums. */
// @ts-ignore: decorator
@inline
function finish(
  a0: v128,
  a1: v128,
  a2: v128,
  a3: v128,
  a4: v128,
  a5: v128,
  a6: v128,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  count: i32,
): void {
  if (add) {
    a0 = f32x4.add(a0, v128.load(add));
    if (count > 1) a1 = f32x4.add(a1, v128.load(add, 16));
    if (count > 2) a2 = f32x4.add(a2, v128.load(add, 32));
    if (count > 3) a3 = f32x4.add(a3, v128.load(add, 48));
    if (count > 4) a4 = f32x4.add(a4, v128.load(add, 64));
    if (count > 5) a5 = f32x4.add(a5, v128.load(add, 80));
    if (count > 6) a6 = f32x4.add(a6, v128.load(add, 96));
  }
  if (bounded) {
    const lo = f32x4.splat(low);
    const hi = f32x4.splat(high);
    a0 = clamp(a0, lo, hi);
    a1 = clamp(a1, lo, hi);
    a2 = clamp(a2, lo, hi);
    a3 = clamp(a3, lo, hi);
    a4 = clamp(a4, lo, hi);
    a5 = clamp(a5, lo, hi);
    a6 = clamp(a6, lo, hi);
  }
  v128.store(out, a0);
  // A whole tile apart: 3 % of such a layer (Node 24).
  if (count >= TILE) {
    v128.store(out, a1, 16);
    v128.store(out, a2, 32);
    v128.store(out, a3, 48);
    v128.store(out, a4, 64);
    v128.store(out, a5, 80);
    v128.store(out, a6, 96);
  } else {
    if (count > 1) v128.store(out, a1, 16);
    if (count > 2) v128.store(out, a2, 32);
    if (count > 3) v128.store(out, a3, 48);
    if (count > 4) v128.store(out, a4, 64);
    if (count > 5) v128.store(out, a5, 80);
  }
}

// A tile: `row` is where its first window begins, in the first row of taps inside the image, `w` that row's weights. `rows` rows of
// taps count, and of each the columns from `from` up to `to`; of the seven pixels, the first `count`.

/** 3 columns, stride 1: 9 columns serve the 7 pixels. */
// @ts-ignore: decorator
@inline
function tile3x1(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 48) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    x = v128.load(row, 16);
    a0 = madd(x, w1, a0);
    a1 = madd(x, w0, a1);
    if (to > 2) {
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
    }
    if (to > 3) {
      x = v128.load(row, 48);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
    }
    if (to > 4) {
      x = v128.load(row, 64);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      a4 = madd(x, w0, a4);
    }
    if (to > 5) {
      x = v128.load(row, 80);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w1, a4);
      a5 = madd(x, w0, a5);
    }
    if (to > 6) {
      x = v128.load(row, 96);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w1, a5);
      a6 = madd(x, w0, a6);
    }
    if (to > 7) {
      x = v128.load(row, 112);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w1, a6);
    }
    if (to > 8) {
      x = v128.load(row, 128);
      a6 = madd(x, w2, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}

/** 3 columns, stride 2: 15 columns serve the 7 pixels. */
// @ts-ignore: decorator
@inline
function tile3x2(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 48) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    x = v128.load(row, 16);
    a0 = madd(x, w1, a0);
    if (to > 2) {
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
    }
    if (to > 3) {
      x = v128.load(row, 48);
      a1 = madd(x, w1, a1);
    }
    if (to > 4) {
      x = v128.load(row, 64);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
    }
    if (to > 5) {
      x = v128.load(row, 80);
      a2 = madd(x, w1, a2);
    }
    if (to > 6) {
      x = v128.load(row, 96);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
    }
    if (to > 7) {
      x = v128.load(row, 112);
      a3 = madd(x, w1, a3);
    }
    if (to > 8) {
      x = v128.load(row, 128);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w0, a4);
    }
    if (to > 9) {
      x = v128.load(row, 144);
      a4 = madd(x, w1, a4);
    }
    if (to > 10) {
      x = v128.load(row, 160);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w0, a5);
    }
    if (to > 11) {
      x = v128.load(row, 176);
      a5 = madd(x, w1, a5);
    }
    if (to > 12) {
      x = v128.load(row, 192);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w0, a6);
    }
    if (to > 13) {
      x = v128.load(row, 208);
      a6 = madd(x, w1, a6);
    }
    if (to > 14) {
      x = v128.load(row, 224);
      a6 = madd(x, w2, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}

/** 5 columns, stride 1: 11 columns serve the 7 pixels. */
// @ts-ignore: decorator
@inline
function tile5x1(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 80) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    if (from < 2) {
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
    }
    x = v128.load(row, 32);
    a0 = madd(x, w2, a0);
    a1 = madd(x, w1, a1);
    a2 = madd(x, w0, a2);
    if (to > 3) {
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
    }
    if (to > 4) {
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      a4 = madd(x, w0, a4);
    }
    if (to > 5) {
      x = v128.load(row, 80);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w1, a4);
      a5 = madd(x, w0, a5);
    }
    if (to > 6) {
      x = v128.load(row, 96);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w3, a3);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w1, a5);
      a6 = madd(x, w0, a6);
    }
    if (to > 7) {
      x = v128.load(row, 112);
      a3 = madd(x, w4, a3);
      a4 = madd(x, w3, a4);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w1, a6);
    }
    if (to > 8) {
      x = v128.load(row, 128);
      a4 = madd(x, w4, a4);
      a5 = madd(x, w3, a5);
      a6 = madd(x, w2, a6);
    }
    if (to > 9) {
      x = v128.load(row, 144);
      a5 = madd(x, w4, a5);
      a6 = madd(x, w3, a6);
    }
    if (to > 10) {
      x = v128.load(row, 160);
      a6 = madd(x, w4, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}

/** 5 columns, stride 2: 17 columns serve the 7 pixels. */
// @ts-ignore: decorator
@inline
function tile5x2(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 80) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    const w3 = v128.load(w, 48);
    const w4 = v128.load(w, 64);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    if (from < 2) {
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
    }
    x = v128.load(row, 32);
    a0 = madd(x, w2, a0);
    a1 = madd(x, w0, a1);
    if (to > 3) {
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w1, a1);
    }
    if (to > 4) {
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
    }
    if (to > 5) {
      x = v128.load(row, 80);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w1, a2);
    }
    if (to > 6) {
      x = v128.load(row, 96);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
    }
    if (to > 7) {
      x = v128.load(row, 112);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w1, a3);
    }
    if (to > 8) {
      x = v128.load(row, 128);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w0, a4);
    }
    if (to > 9) {
      x = v128.load(row, 144);
      a3 = madd(x, w3, a3);
      a4 = madd(x, w1, a4);
    }
    if (to > 10) {
      x = v128.load(row, 160);
      a3 = madd(x, w4, a3);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w0, a5);
    }
    if (to > 11) {
      x = v128.load(row, 176);
      a4 = madd(x, w3, a4);
      a5 = madd(x, w1, a5);
    }
    if (to > 12) {
      x = v128.load(row, 192);
      a4 = madd(x, w4, a4);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w0, a6);
    }
    if (to > 13) {
      x = v128.load(row, 208);
      a5 = madd(x, w3, a5);
      a6 = madd(x, w1, a6);
    }
    if (to > 14) {
      x = v128.load(row, 224);
      a5 = madd(x, w4, a5);
      a6 = madd(x, w2, a6);
    }
    if (to > 15) {
      x = v128.load(row, 240);
      a6 = madd(x, w3, a6);
    }
    if (to > 16) {
      x = v128.load(row, 256);
      a6 = madd(x, w4, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}

/** All tiles of a plane, row by row. */
// @ts-ignore: decorator
@inline
function planeOf(columns: i32, stride: i32, step: usize, src: usize, weights: usize, bias: usize, add: usize, out: usize): void {
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const bounded = isBound(low, high);
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  for (let y = 0; y < dstHeight; ++y) {
    const first = y * strideHeight - padTop;
    const y0 = firstTap(first, dilationHeight);
    const rows = endTap(first, dilationHeight, height, kernelHeight) - y0;
    const w = weights + ((y0 * columns) << 4);
    let row = src + (((first + y0 * dilationHeight) * width - padLeft) << 4);
    let from = padLeft;
    let end = padLeft + width;
    for (let left = dstWidth; left > 0; left -= TILE) {
      const to = min(end, (left - 1) * stride + columns);
      if (columns == 3) {
        if (stride == 1) tile3x1(row, rowStep, rows, w, bias, bounded, low, high, add, out, from, to, left);
        else tile3x2(row, rowStep, rows, w, bias, bounded, low, high, add, out, from, to, left);
      } else {
        if (stride == 1) tile5x1(row, rowStep, rows, w, bias, bounded, low, high, add, out, from, to, left);
        else tile5x2(row, rowStep, rows, w, bias, bounded, low, high, add, out, from, to, left);
      }
      from = 0;
      end -= TILE * stride;
      row += (<usize>(TILE * stride)) << 4;
      const bytes = (<usize>min(left, TILE)) << 4;
      out += bytes;
      if (add) add += bytes;
    }
  }
}

/** Whether a step's windows are such, and lie beside the image with half their columns at most. */
export function hasTiles(step: usize): bool {
  const columns = load<i32>(step, Step.kernelWidth);
  const stride = load<i32>(step, Step.strideWidth);
  const padLeft = load<i32>(step, Step.padLeft);
  const padRight = (load<i32>(step, Step.dstWidth) - 1) * stride + columns - padLeft - load<i32>(step, Step.width);
  const half = columns >> 1;
  if (load<i32>(step, Step.dilationWidth) != 1 || (columns != 3 && columns != 5)) return false;
  return stride <= 2 && padLeft <= half && padRight <= half;
}

/** One plane of a step that hasTiles: of `src`, with `weights` of [kH·kW][4], to `out`; `add` is a residual, or 0. */
export function tilesOfPlane(step: usize, src: usize, weights: usize, bias: usize, add: usize, out: usize): void {
  const stride = load<i32>(step, Step.strideWidth);
  if (load<i32>(step, Step.kernelWidth) == 3) {
    if (stride == 1) planeOf(3, 1, step, src, weights, bias, add, out);
    else planeOf(3, 2, step, src, weights, bias, add, out);
  } else {
    if (stride == 1) planeOf(5, 1, step, src, weights, bias, add, out);
    else planeOf(5, 2, step, src, weights, bias, add, out);
  }
}
