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
import { endTap, firstTap } from "./window";

/** 3×3, stride 1: 6 columns serve four pixels, so each is loaded once a row of taps. */
function row3x1(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  bias: v128,
  lo: v128,
  hi: v128,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  for (; tiles > 0; --tiles, p += 64, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 48) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 48);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 64);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 80);
      a3 = madd(x, w2, a3);
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
  }
}

/** 3×3, stride 2: 9 columns serve four pixels, so each is loaded once a row of taps. */
function row3x2(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  bias: v128,
  lo: v128,
  hi: v128,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  for (; tiles > 0; --tiles, p += 128, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 48) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 48);
      a1 = madd(x, w1, a1);
      x = v128.load(row, 64);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 80);
      a2 = madd(x, w1, a2);
      x = v128.load(row, 96);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 112);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 128);
      a3 = madd(x, w2, a3);
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
  }
}

/** 5×5, stride 1: 8 columns serve four pixels, so each is loaded once a row of taps. */
function row5x1(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  bias: v128,
  lo: v128,
  hi: v128,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  for (; tiles > 0; --tiles, p += 64, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 80) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 80);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w2, a3);
      x = v128.load(row, 96);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w3, a3);
      x = v128.load(row, 112);
      a3 = madd(x, w4, a3);
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
  }
}

/** 5×5, stride 2: 11 columns serve four pixels, so each is loaded once a row of taps. */
function row5x2(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  bias: v128,
  lo: v128,
  hi: v128,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  for (; tiles > 0; --tiles, p += 128, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 80) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w1, a1);
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 80);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w1, a2);
      x = v128.load(row, 96);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 112);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 128);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w2, a3);
      x = v128.load(row, 144);
      a3 = madd(x, w3, a3);
      x = v128.load(row, 160);
      a3 = madd(x, w4, a3);
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
  }
}

/** Any window: four pixels at a time, each with its own pointer. */
function rowAny(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  bias: v128,
  lo: v128,
  hi: v128,
  add: usize,
  out: usize,
  tiles: i32,
  columns: i32,
  tapStep: usize,
  pixelStep: usize,
): void {
  for (; tiles > 0; --tiles, p += pixelStep << 2, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep) {
      let p0 = row;
      let p1 = p0 + pixelStep;
      let p2 = p1 + pixelStep;
      let p3 = p2 + pixelStep;
      for (let kx = columns; kx > 0; --kx, w += 16) {
        const tap = v128.load(w);
        a0 = madd(v128.load(p0), tap, a0);
        a1 = madd(v128.load(p1), tap, a1);
        a2 = madd(v128.load(p2), tap, a2);
        a3 = madd(v128.load(p3), tap, a3);
        p0 += tapStep;
        p1 += tapStep;
        p2 += tapStep;
        p3 += tapStep;
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
  }
}

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
  const rowStep = (<usize>(dilationHeight * width)) << 4;
  // Output columns whose windows lie inside the image: `tiles` fours from column `inner` on.
  const inner = min(dstWidth, (padLeft + strideWidth - 1) / strideWidth);
  const reach = width + padLeft - dilationWidth * (kernelWidth - 1) - 1;
  const innerEnd = max(inner, reach < 0 ? 0 : min(dstWidth, reach / strideWidth + 1));
  const tiles = (innerEnd - inner) >> 2;
  const tilesEnd = inner + (tiles << 2);
  const row = dilationWidth == 1 && strideWidth <= 2 ? kernelWidth * 2 + strideWidth : 0;
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
        if (x == inner && tiles > 0) {
          const p = src + (((top + y0 * dilationHeight) * width + left) << 4);
          const q = weights + ((y0 * kernelWidth) << 4);
          const rows = y1 - y0;
          if (row == 7) row3x1(p, rowStep, rows, q, b, lo, hi, add, out, tiles);
          else if (row == 8) row3x2(p, rowStep, rows, q, b, lo, hi, add, out, tiles);
          else if (row == 11) row5x1(p, rowStep, rows, q, b, lo, hi, add, out, tiles);
          else if (row == 12) row5x2(p, rowStep, rows, q, b, lo, hi, add, out, tiles);
          else rowAny(p, rowStep, rows, q, b, lo, hi, add, out, tiles, kernelWidth, tapStep, pixelStep);
          const bytes = (<usize>tiles) << 6;
          out += bytes;
          if (add) add += bytes;
          x = tilesEnd;
          continue;
        }
        const x0 = firstTap(left, dilationWidth);
        const x1 = endTap(left, dilationWidth, width, kernelWidth);
        let a = b;
        for (let ky = y0; ky < y1; ++ky) {
          let p = src + (((top + ky * dilationHeight) * width + left + x0 * dilationWidth) << 4);
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
    src += pitch;
    weights += filterBytes;
    bias += 16;
  }
  activatePlanes(step, dst, planes, dstHeight * dstWidth);
}
