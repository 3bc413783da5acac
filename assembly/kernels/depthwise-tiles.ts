// Depthwise convolution of one plane with windows of three or five columns, stride 1 or 2, undilated: tiles of seven neighbouring pixels.
//
// Seven, since a sum waits three or four cycles for its last addition: fewer sums leave the processor idle, and images of 224², halved
// again and again, are 112, 56, 28, 14 and 7 pixels wide. Seven sums and five weights leave V8 three of its registers on x86-64.
//
// Each input column is loaded once for all the pixels that it serves, behind a branch: columns beside the image and those that only
// pixels beyond the row's last would need are left out. So there are no other edges and no rest of a row. The branches also keep V8 up
// to Node 22 from hoisting all loads, for which it lacks the registers.
//
// A pixel's sum runs over the taps in the same order as in depthwise-any.ts.
import { Step } from "../plan";
import { isBound } from "../simd";
import { TILE } from "./depthwise-finish";
import { tile5x1, tile5x2 } from "./depthwise-five";
import { tile3x1, tile3x2 } from "./depthwise-three";
import { endTap, firstTap } from "./window";

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
    // Not `for`: what a body that might not run computes of values from outside, V8 up to Node 22 computes in every turn.
    let left = dstWidth;
    do {
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
      left -= TILE;
    } while (left > 0);
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
