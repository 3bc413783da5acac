// Opcode.strassen: a convolution's matrix product by Strassen's algorithm (Numerische Mathematik 13, 1969) in Winograd's form, which
// multiplies two 2×2 matrices with seven products and fifteen additions. Here their elements are matrices again:
//
//   W = [ W11 W12 ]  of each sixteen output channels eight   X = [ X11 X12 ]  half of what a window sees, D values
//       [ W21 W22 ]  and the other eight                         [ X21 X22 ]  by halves of a strip of pixels
//
//   S1 = W21 + W22   S2 = S1 − W11   S3 = W11 − W21   S4 = W12 − S2
//   T1 = X12 − X11   T2 = X22 − T1   T3 = X22 − X12   T4 = X21 − T2
//   U2 = W11·X11 + S2·T2    U4 = U2 + S1·T1    P7 = S3·T3
//   Y11 = W11·X11 + W12·X21   Y12 = U4 + S4·X22   Y21 = U2 + P7 + W22·T4   Y22 = U4 + P7
//
// An eighth of the multiplications is saved, for additions whose number grows with the channels, and not with their square. Most of
// the sums Y and U are where a product begins: the matrix kernel (panel.ts) adds them as it would a residual.
//
// A strip of pixels at a time:
//   1. T1 … T4 and copies of X11, X21 and X22 → scratch  [7][D/8][n][4], n pixels being the first half of the strip; or, for long
//      tiles, in chunks of twelve pixels, [7][n/12][D/8][12][4]
//   2. for each sixteen output channels: S1 … S4 → scratch  [4][D/2][8]; four products → scratch  [4][2][n][4]; sums of these
//      and the residual; three products, which with bias and clamp go into the image
// Output channels beyond the last sixteen are multiplied as they are.
//
// A product reads a chunk from front to back. In planes each block of four values is somewhere else, and comes too late for long tiles:
// on the Intel 14²×512 → 512 takes 0.94 of the time in chunks, 14²×1024 → 256 and 14²×480 → 192 0.92 to 0.95.
//
// Sums of weights are made anew in every run: that takes less time than to bring another three quarters of the weights from memory.
//
// The copies are for images whose planes lie in as many pages, whose addresses each product would find again; elsewhere they cost as
// much as they gain. Windows of more than a pixel are gathered first (gather.ts), and so is what is to be multiplied or rectified.
//
// A result's error is relative to the largest results of its strip, as Winograd's is to those of a tile; docs/performance.md has it.
//
// Weights: panels as in panel.ts, depth = D = kH·kW·C, a multiple of eight; C is one of four.
import { Step } from "../plan";
import { storeResult } from "../simd";
import { activatePlanes } from "./activation";
import { gather } from "./gather";
import { boundsOf, hasLongTiles, NO_BIAS, panel8, panels } from "./panel";
import { LONG_BYTES, LONG_PIXELS, long8 } from "./panel-long";
import { touchRows } from "./touch";

/** Least depth of a product for chunks: below that copying costs more than it gains. */
const LEAST_CHUNKED: i32 = 192;

/**
 * T1 … T4 of the pixels from p to `end`, and X11, X21 and X22, `out` bytes apart at q; from `alone` on the strip's other half has none.
 */
// @ts-ignore: decorator
@inline
function sumInputs(p: usize, end: usize, alone: usize, lower: usize, next: usize, q: usize, out: usize): void {
  for (; p < end; p += 16, q += 16) {
    const x11 = v128.load(p);
    const x21 = v128.load(p + lower);
    let x12 = f32x4.splat(0);
    let x22 = x12;
    if (p < alone) {
      x12 = v128.load(p + next);
      x22 = v128.load(p + lower + next);
    }
    const t1 = f32x4.sub(x12, x11);
    const t2 = f32x4.sub(x22, t1);
    v128.store(q, t1);
    v128.store(q + out, t2);
    v128.store(q + 2 * out, f32x4.sub(x22, x12));
    v128.store(q + 3 * out, f32x4.sub(x21, t2));
    v128.store(q + 4 * out, x11);
    v128.store(q + 5 * out, x21);
    v128.store(q + 6 * out, x22);
  }
}

/** Of one pixel of the first half: U2 + P7 → over P7. A residual at `upper` and `lower` goes into W11·X11 at m and into that. */
// @ts-ignore: decorator
@inline
function startLower(m: usize, out: usize, upper: usize, lower: usize): void {
  let y21 = f32x4.add(v128.load(m + out), v128.load(m + 3 * out));
  if (upper) {
    y21 = f32x4.add(y21, v128.load(lower));
    v128.store(m, f32x4.add(v128.load(m), v128.load(upper)));
  }
  v128.store(m + 3 * out, y21);
}

/**
 * For `pairs` pixels of both halves and `alone` ones of the first: U4 + P7 → the image's second half at `to`, U2 + P7 → over P7. A
 * residual at `upper` of the first eight channels' first half, at `lower` of the others', goes into W11·X11, U4 and U2 + P7, where
 * the results begin whose products are still to come. W11·X11, U2, U4 and P7 lie `out` bytes apart at m; second halves `next` apart.
 */
// @ts-ignore: decorator
@inline
function sumProducts(
  m: usize,
  out: usize,
  pairs: i32,
  alone: i32,
  to: usize,
  upper: usize,
  lower: usize,
  next: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const base = v128.load(bias);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const residualStep: usize = upper ? 16 : 0;
  const both = m + ((<usize>pairs) << 4);
  const end = both + ((<usize>alone) << 4);
  for (; m < both; m += 16, to += 16, upper += residualStep, lower += residualStep) {
    const u4 = v128.load(m + 2 * out);
    storeResult(to, f32x4.add(u4, v128.load(m + 3 * out)), base, upper ? lower + next : 0, lo, hi);
    if (upper) v128.store(m + 2 * out, f32x4.add(u4, v128.load(upper + next)));
    startLower(m, out, upper, lower);
  }
  for (; m < end; m += 16, upper += residualStep, lower += residualStep) startLower(m, out, upper, lower);
}

/** S1 … S4, `out` bytes apart at s, of two panels of 2·depth rows. */
// @ts-ignore: decorator
@inline
function sumWeights(w: usize, depth: usize, s: usize, out: usize): void {
  const right = depth << 5;
  const below = depth << 6;
  for (const end = w + right; w < end; w += 16, s += 16) {
    const w11 = v128.load(w);
    const w21 = v128.load(w + below);
    const s1 = f32x4.add(w21, v128.load(w + below + right));
    const s2 = f32x4.sub(s1, w11);
    v128.store(s, s1);
    v128.store(s + out, s2);
    v128.store(s + 2 * out, f32x4.sub(w11, w21));
    v128.store(s + 3 * out, f32x4.sub(v128.load(w + right), s2));
  }
}

/** A matrix product of eight channels, as panel8 has it; where planes of twelve pixels have fewer than there are, they are chunks. */
function multiply(
  x: usize,
  pitch: usize,
  pixels: i32,
  depth: i32,
  w: usize,
  bias: usize,
  start: usize,
  startPitch: usize,
  dst: usize,
  dstPitch: usize,
  bounds: usize,
): void {
  for (; ASC_FEATURE_RELAXED_SIMD && pitch == LONG_BYTES && pixels > LONG_PIXELS; pixels -= LONG_PIXELS) {
    long8(x, pitch, 1, depth, 4, w, bias, start, startPitch, dst, dstPitch, bounds);
    x += pitch * (depth >> 2);
    dst += LONG_BYTES;
    if (start) start += LONG_BYTES;
  }
  panel8(x, pitch, pixels, depth, 4, w, bias, start, startPitch, dst, dstPitch, bounds);
}

/** A product that begins with `start`, where it isn't 0, between matrices of scratch. */
// @ts-ignore: decorator
@inline
function product(x: usize, pitch: usize, pixels: i32, depth: i32, w: usize, start: usize, dst: usize, dstPitch: usize): void {
  multiply(x, pitch, pixels, depth, w, NO_BIAS, start, dstPitch, dst, dstPitch, 0);
}

export function strassen(step: usize, plan: usize, src: usize, residual: usize, factors: usize, dst: usize): void {
  const channelsIn = load<i32>(step, Step.channels);
  const depth = (channelsIn * load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth)) >> 1;
  const blocks = (<usize>depth) >> 2;
  const channels = load<i32>(step, Step.dstChannels);
  const pixels = load<i32>(step, Step.dstHeight) * load<i32>(step, Step.dstWidth);
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  const residualPitch = <usize>load<i32>(step, Step.src2Pitch);
  const strip = load<i32>(step, Step.strip);
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const bounds = boundsOf(step);
  const addends: usize = load<i32>(step, Step.addends) ? plan + load<i32>(step, Step.addends) : 0;
  const gathers = load<i32>(step, Step.gathers) != 0;
  const pitch = gathers ? (<usize>strip) << 4 : <usize>load<i32>(step, Step.pitch);
  const half = (<usize>depth) << 5;
  // Matrices lie an odd number of cache lines apart, lest they collide in the first-level cache.
  const rowPitch = (<usize>strip) << 3;
  const weightStep = half | 64;
  // Those of inputs have rows of half a strip, or chunks of twelve pixels, the last of which is seldom full.
  const chunked = hasLongTiles() && depth >= LEAST_CHUNKED;
  const inputPitch = chunked ? LONG_BYTES : rowPitch;
  const inputStep = ((chunked ? rowPitch + LONG_BYTES : rowPitch) * blocks) | 64;
  const productStep = (rowPitch << 1) | 64;
  // Scratch: S, T and copies, products, the strip gathered.
  const s1 = plan + load<i32>(step, Step.scratch);
  const t1 = s1 + 4 * weightStep;
  const x11 = t1 + 4 * inputStep;
  const x21 = x11 + inputStep;
  const x22 = x21 + inputStep;
  const m1 = x22 + inputStep;
  const u2 = m1 + productStep;
  const u4 = u2 + productStep;
  const p7 = u4 + productStep;
  const gathered = p7 + productStep;
  for (let first = 0; first < pixels; first += strip) {
    const count = min(strip, pixels - first);
    // Pixels of the first half, a multiple of four, and of the second.
    const n = ((count + 7) >> 3) << 2;
    const pairs = max(count - n, 0);
    const next = (<usize>n) << 4;
    const offset = (<usize>first) << 4;
    let x = src + offset;
    if (gathers) {
      gather(step, src, factors, addends, channelsIn >> 2, 4, gathered, strip, first, count);
      x = gathered;
    } else touchRows(src, pitch, channelsIn >> 2, 16, first, first + count);
    const below = pitch * blocks;
    for (let row: usize = 0; row < blocks; ++row) {
      const from = x + row * pitch;
      const alone = from + ((<usize>pairs) << 4);
      const end = from + next;
      // Of a row all chunks, since each row begins in another page.
      let to = t1 + row * inputPitch;
      for (let p = from; p < end; p += inputPitch, to += inputPitch * blocks) {
        sumInputs(p, min(p + inputPitch, end), alone, below, next, to, inputStep);
      }
    }
    let w = plan + load<i32>(step, Step.weights);
    let bias = plan + load<i32>(step, Step.bias);
    let to = dst + offset;
    let add = residual ? residual + offset : 0;
    let left = channels;
    for (; left >= 16; left -= 16) {
      sumWeights(w, depth, s1, weightStep);
      product(x11, inputPitch, n, depth, w, 0, m1, rowPitch);
      product(t1 + inputStep, inputPitch, n, depth, s1 + weightStep, m1, u2, rowPitch);
      product(t1, inputPitch, pairs, depth, s1, u2, u4, rowPitch);
      product(t1 + 2 * inputStep, inputPitch, n, depth, s1 + 2 * weightStep, 0, p7, rowPitch);
      const lowerTo = to + (dstPitch << 1);
      for (let i: usize = 0; i < 2; ++i) {
        const upper = add ? add + residualPitch * i : 0;
        const lower = upper + (residualPitch << 1);
        const image = lowerTo + dstPitch * i + next;
        sumProducts(m1 + rowPitch * i, productStep, pairs, n - pairs, image, upper, lower, next, bias + 32 + (i << 4), low, high);
      }
      multiply(x21, inputPitch, n, depth, w + half, bias, m1, rowPitch, to, dstPitch, bounds);
      const s4 = s1 + 3 * weightStep;
      multiply(x22, inputPitch, pairs, depth, s4, bias, u4, rowPitch, to + next, dstPitch, bounds);
      const t4 = t1 + 3 * inputStep;
      multiply(t4, inputPitch, n, depth, w + 3 * half, bias + 32, p7, rowPitch, lowerTo, dstPitch, bounds);
      activatePlanes(step, to, 4, count);
      w += half << 2;
      bias += 64;
      to += dstPitch << 2;
      if (add) add += residualPitch << 2;
    }
    if (left > 0) panels(step, x, pitch, count, depth << 1, depth << 1, 4, left, w, bias, add, to);
  }
}
