// Opcode.depthwise: convolution with one filter a channel (group = channels), any kernel size, stride and dilation.
//
//   dst[c][y][x] = act(bias[c] + Σ_taps w[c][tap] · src[c][…])      weights [ceil(C/4)][kH·kW][4]
//
// Four channels are the lanes, four neighbouring output pixels the accumulators. Rows whose windows leave the image visit
// only the taps inside it; so do columns, pixel by pixel. For 3×3 and 5×5 windows there are rows of tiles that load each
// input column once for all the pixels that it serves. A pixel's sum runs over the taps in the same order everywhere.
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { activatePlanes } from "./activation";
import { row } from "./depthwise-rows";
import { endTap, firstTap } from "./window";

/** Stores zeros from `to` up to `end`. Loops of vectors: V8 calls a function for memory.fill, which takes longer. */
// @ts-ignore: decorator
@inline
function fillZeros(to: usize, end: usize): usize {
  for (; to < end; to += 16) v128.store(to, i32x4.splat(0));
  return to;
}

/** Copies a plane to `to` with `left` and `right` zeros beside each row, and as many rows of zeros above and below. */
function framePlane(p: usize, height: i32, width: i32, top: i32, left: i32, bottom: i32, right: i32, to: usize): void {
  const rowBytes = (<usize>width) << 4;
  const frameBytes = (left + width + right) << 4;
  to = fillZeros(to, to + top * frameBytes);
  for (let y = 0; y < height; ++y) {
    to = fillZeros(to, to + ((<usize>left) << 4));
    for (const end = to + rowBytes; to < end; to += 16, p += 16) v128.store(to, v128.load(p));
    to = fillZeros(to, to + ((<usize>right) << 4));
  }
  fillZeros(to, to + bottom * frameBytes);
}

export function depthwise(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  let height = load<i32>(step, Step.height);
  let width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const residualPitch = load<i32>(step, Step.src2Pitch);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  let padTop = load<i32>(step, Step.padTop);
  let padLeft = load<i32>(step, Step.padLeft);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  // Small planes are copied into a frame of zeros first: the pixels at an image's edges would take longer than that.
  const framed = load<i32>(step, Step.strip) != 0;
  const frame = plan + load<i32>(step, Step.scratch);
  const top = padTop;
  const left = padLeft;
  const bottom = load<i32>(step, Step.padBottom);
  const right = load<i32>(step, Step.padRight);
  const srcHeight = height;
  const srcWidth = width;
  if (framed) {
    height += top + bottom;
    width += left + right;
    padTop = 0;
    padLeft = 0;
  }
  const pixelStep = (<usize>strideWidth) << 4;
  const tapStep = (<usize>dilationWidth) << 4;
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  // Output columns whose windows lie inside the image: `tiles` fours from column `inner` on.
  const inner = min(dstWidth, (padLeft + strideWidth - 1) / strideWidth);
  const reach = width + padLeft - dilationWidth * (kernelWidth - 1) - 1;
  const innerEnd = max(inner, reach < 0 ? 0 : min(dstWidth, reach / strideWidth + 1));
  const tiles = (innerEnd - inner) >> 2;
  const tilesEnd = inner + (tiles << 2);
  // Pixels left behind the tiles: a last tile computes some pixels again. Not over a residual, which may lie where results go.
  const overlaps = !residual && tiles > 0 && innerEnd == dstWidth && tilesEnd < dstWidth;
  const kind = dilationWidth == 1 && strideWidth <= 2 ? kernelWidth * 2 + strideWidth : 0;
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  const filterBytes = (kernelHeight * kernelWidth) << 4;
  for (let plane = 0; plane < planes; ++plane) {
    const b = v128.load(bias);
    let from = src;
    if (framed) {
      framePlane(src, srcHeight, srcWidth, top, left, bottom, right, frame);
      from = frame;
    }
    const start = dst + plane * dstPitch;
    let out = start;
    let add = residual ? residual + plane * residualPitch : 0;
    for (let y = 0; y < dstHeight; ++y) {
      const first = y * strideHeight - padTop;
      const y0 = firstTap(first, dilationHeight);
      const y1 = endTap(first, dilationHeight, height, kernelHeight);
      for (let x = 0; x < dstWidth;) {
        const column = x * strideWidth - padLeft;
        if (x == inner && tiles > 0) {
          const p = from + (((first + y0 * dilationHeight) * width + column) << 4);
          const q = weights + ((y0 * kernelWidth) << 4);
          const rows = y1 - y0;
          row(kind, p, rowStep, rows, q, bias, low, high, add, out, tiles, kernelWidth, tapStep, pixelStep);
          if (overlaps) {
            const skip = <usize>(dstWidth - 4 - inner);
            row(
              kind,
              p + skip * pixelStep,
              rowStep,
              rows,
              q,
              bias,
              low,
              high,
              0,
              out + (skip << 4),
              1,
              kernelWidth,
              tapStep,
              pixelStep,
            );
          }
          x = overlaps ? dstWidth : tilesEnd;
          const bytes = (<usize>(x - inner)) << 4;
          out += bytes;
          if (add) add += bytes;
          continue;
        }
        const x0 = firstTap(column, dilationWidth);
        const x1 = endTap(column, dilationWidth, width, kernelWidth);
        let a = b;
        for (let ky = y0; ky < y1; ++ky) {
          let p = from + (((first + ky * dilationHeight) * width + column + x0 * dilationWidth) << 4);
          let q = weights + ((ky * kernelWidth + x0) << 4);
          for (let kx = x1 - x0; kx > 0; --kx, p += tapStep, q += 16) a = madd(v128.load(p), v128.load(q), a);
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
    activatePlanes(step, start, 1, dstHeight * dstWidth);
    src += pitch;
    weights += filterBytes;
    bias += 16;
  }
}
