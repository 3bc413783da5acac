// Opcode.lrn: local response normalisation across channels (ONNX LRN).
//
//   dst[c] = src[c] · (k + a·Σ src[i]²)^−β     i from c − ⌊(n−1)/2⌋ to c + ⌈(n−1)/2⌉, within the image's channels
//
// n is `mode`, a (ONNX's alpha / n) is `alpha`, β is `beta`, k is `low`. A block's window of four sums is its neighbours'
// squares shifted by each distance in the window; a shift is one shuffle of two blocks. β = ¾, which every published
// network has, takes two square roots and a division, any other an exponential and a logarithm. With a window of five, which they
// have, too, it has a loop of its own.
import { Step } from "../plan";
import { exp, firstLanes, log } from "../simd";

/** Pixels whose planes stay in the first-level cache from one block of channels to the next: 2 KiB a plane. */
const STRIP: usize = 128 * 16;

/** Channels 1–3 of a block and the first of the next, and so on: what lies `by` channels further. */
// @ts-ignore: decorator
@inline
function shift(block: v128, next: v128, by: i32): v128 {
  if (by == 1) return v128.shuffle<i32>(block, next, 1, 2, 3, 4);
  if (by == 2) return v128.shuffle<i32>(block, next, 2, 3, 4, 5);
  return v128.shuffle<i32>(block, next, 3, 4, 5, 6);
}

/** The squares in block number `plane` at `at` in its plane; zeros where there are no such channels. */
// @ts-ignore: decorator
@inline
function squares(src: usize, plane: i32, planes: i32, pitch: usize, at: usize, tail: v128): v128 {
  if (<u32>plane >= <u32>planes) return f32x4.splat(0);
  const x = v128.load(src + <usize>plane * pitch + at);
  const square = f32x4.mul(x, x);
  return plane == planes - 1 ? v128.and(square, tail) : square;
}

/** A window of any size: all distances from `-before` to `after`. */
function anyWindow(src: usize, plane: i32, planes: i32, pitch: usize, at: usize, tail: v128, before: i32, after: i32): v128 {
  // The distances that reach beyond the image's channels add nothing.
  const first = max(-before >> 2, -1 - plane);
  const last = min(after >> 2, planes - 1 - plane);
  let sum = f32x4.splat(0);
  let block = squares(src, plane + first, planes, pitch, at, tail);
  for (let q = first; q <= last; ++q) {
    const next = squares(src, plane + q + 1, planes, pitch, at, tail);
    const from = -before - (q << 2);
    const to = after - (q << 2);
    if (from <= 0 && to >= 0) sum = f32x4.add(sum, block);
    if (from <= 1 && to >= 1) sum = f32x4.add(sum, shift(block, next, 1));
    if (from <= 2 && to >= 2) sum = f32x4.add(sum, shift(block, next, 2));
    if (from <= 3 && to >= 3) sum = f32x4.add(sum, shift(block, next, 3));
    block = next;
  }
  return sum;
}

/** x · d^−β, with β = ¾ where `roots`. */
// @ts-ignore: decorator
@inline
function scaled(x: v128, d: v128, roots: bool, beta: f32): v128 {
  if (roots) {
    const root = f32x4.sqrt(d);
    return f32x4.div(x, f32x4.mul(root, f32x4.sqrt(root)));
  }
  return f32x4.mul(x, exp(f32x4.mul(log(d), f32x4.splat(-beta))));
}

/** Pixels from src to `end` of one block, with the window of five and β = ¾. `before` and `after` say which neighbours exist. */
// @ts-ignore: decorator
@inline
function five(
  src: usize,
  dst: usize,
  end: usize,
  last: usize,
  next: usize,
  before: v128,
  own: v128,
  after: v128,
  a: v128,
  k: v128,
): void {
  for (; src < end; src += 16, last += 16, next += 16, dst += 16) {
    const x = v128.load(src);
    const p = v128.load(last);
    const n = v128.load(next);
    const pp = v128.and(f32x4.mul(p, p), before);
    const xx = v128.and(f32x4.mul(x, x), own);
    const nn = v128.and(f32x4.mul(n, n), after);
    const outer = f32x4.add(shift(pp, xx, 2), shift(xx, nn, 2));
    const inner = f32x4.add(shift(pp, xx, 3), shift(xx, nn, 1));
    const sum = f32x4.add(f32x4.add(outer, inner), xx);
    v128.store(dst, scaled(x, f32x4.add(k, f32x4.mul(a, sum)), true, 0.75));
  }
}

export function lrn(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const planes = (channels + 3) >> 2;
  const bytes = (<usize>(load<i32>(step, Step.height) * load<i32>(step, Step.width))) << 4;
  const pitch = <usize>load<i32>(step, Step.pitch);
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  const size = load<i32>(step, Step.mode);
  const a = f32x4.splat(load<f32>(step, Step.alpha));
  const k = f32x4.splat(load<f32>(step, Step.low));
  const beta = load<f32>(step, Step.beta);
  const roots = beta == 0.75;
  const none = f32x4.splat(0);
  const all = i32x4.splat(-1);
  // What lies in lanes beyond the last channel is undefined.
  const tail = firstLanes(((channels - 1) & 3) + 1);
  const before = (size - 1) >> 1;
  const after = size >> 1;
  for (let at: usize = 0; at < bytes; at += STRIP) {
    const end = min(bytes, at + STRIP);
    for (let plane = 0; plane < planes; ++plane) {
      const from = src + <usize>plane * pitch;
      const to = dst + <usize>plane * dstPitch;
      if (size == 5 && roots) {
        // A neighbour that does not exist is masked; reading the block itself for it stays inside the image.
        const last = plane > 0 ? from - pitch : from;
        const next = plane < planes - 1 ? from + pitch : from;
        const hasLast = plane > 0 ? all : none;
        const own = plane < planes - 1 ? all : tail;
        const hasNext = plane < planes - 2 ? all : plane < planes - 1 ? tail : none;
        five(from + at, to + at, from + end, last + at, next + at, hasLast, own, hasNext, a, k);
        continue;
      }
      for (let p = at; p < end; p += 16) {
        const d = f32x4.add(k, f32x4.mul(a, anyWindow(src, plane, planes, pitch, p, tail, before, after)));
        const x = v128.load(from + p);
        v128.store(to + p, roots ? scaled(x, d, true, beta) : scaled(x, d, false, beta));
      }
    }
  }
}
