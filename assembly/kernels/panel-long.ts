// The panel kernel's long tiles, for the relaxed build alone: twelve pixels at a time, as two tiles of 6×8 or one of 12×4.
//
// A fused multiply-add waits four cycles for the last one on the same accumulator, and a processor begins two in each: fewer
// than eight accumulators leave it idle, and eight leave no slack. Twelve give 98 % of the peak instead of 84 (65 instead of 56
// GFLOP/s, Node 24 and Chromium 156, x86-64). Separate additions wait less: in the strict build 4×8 is as fast.
//
// The lanes of two blocks are unrolled with branches between them, as in panel-short.ts; nested, they keep Binaryen from gathering what
// is done to one accumulator, which takes more registers than there are. A loop over lanes, which V8 unrolls by three, took 31
// instructions a lane instead of 24, and a processor that begins four in a cycle 8.3 cycles instead of 6.3, six being the arithmetic.
//
// 12 accumulators, 2 weights and a splat are all the registers that V8 has on x86-64. Firefox keeps some of them in memory (47
// GFLOP/s instead of 59), V8 of Node 22 nearly all (7), so the engine's host turns them on (src/runtime/long-tiles.ts).
import { clamp, madd } from "../simd";

/** Pixels, and the bytes that they take in a plane. */
// @ts-ignore: decorator
@inline
export const LONG_PIXELS: i32 = 12;
// @ts-ignore: decorator
@inline
export const LONG_BYTES: usize = 192;

/** panel8 for `count` × 12 pixels; `lanes` is four or, in all blocks, three. */
export function long8(
  x: usize,
  pitch: usize,
  count: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  residualPitch: usize,
  dst: usize,
  dstPitch: usize,
  bounds: usize,
): void {
  // From the last lane of a block to the next block.
  const next = pitch - ((<usize>lanes - 1) << 2);
  const last = dst + <usize>count * LONG_BYTES;
  for (; dst < last; dst += 96) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let b0 = v128.load(bias, 16);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    let b4 = b0;
    let b5 = b0;
    let p = x;
    let q = w;
    if (lanes == 4) {
      for (let left = depth; left > 0; left -= 8) {
        let w0 = v128.load(q);
        let w1 = v128.load(q, 16);
        let s = v128.load32_splat(p);
        a0 = madd(s, w0, a0);
        b0 = madd(s, w1, b0);
        s = v128.load32_splat(p, 16);
        a1 = madd(s, w0, a1);
        b1 = madd(s, w1, b1);
        s = v128.load32_splat(p, 32);
        a2 = madd(s, w0, a2);
        b2 = madd(s, w1, b2);
        s = v128.load32_splat(p, 48);
        a3 = madd(s, w0, a3);
        b3 = madd(s, w1, b3);
        s = v128.load32_splat(p, 64);
        a4 = madd(s, w0, a4);
        b4 = madd(s, w1, b4);
        s = v128.load32_splat(p, 80);
        a5 = madd(s, w0, a5);
        b5 = madd(s, w1, b5);
        if (left > 1) {
          p += 4;
          w0 = v128.load(q, 32);
          w1 = v128.load(q, 48);
          s = v128.load32_splat(p);
          a0 = madd(s, w0, a0);
          b0 = madd(s, w1, b0);
          s = v128.load32_splat(p, 16);
          a1 = madd(s, w0, a1);
          b1 = madd(s, w1, b1);
          s = v128.load32_splat(p, 32);
          a2 = madd(s, w0, a2);
          b2 = madd(s, w1, b2);
          s = v128.load32_splat(p, 48);
          a3 = madd(s, w0, a3);
          b3 = madd(s, w1, b3);
          s = v128.load32_splat(p, 64);
          a4 = madd(s, w0, a4);
          b4 = madd(s, w1, b4);
          s = v128.load32_splat(p, 80);
          a5 = madd(s, w0, a5);
          b5 = madd(s, w1, b5);
          if (left > 2) {
            p += 4;
            w0 = v128.load(q, 64);
            w1 = v128.load(q, 80);
            s = v128.load32_splat(p);
            a0 = madd(s, w0, a0);
            b0 = madd(s, w1, b0);
            s = v128.load32_splat(p, 16);
            a1 = madd(s, w0, a1);
            b1 = madd(s, w1, b1);
            s = v128.load32_splat(p, 32);
            a2 = madd(s, w0, a2);
            b2 = madd(s, w1, b2);
            s = v128.load32_splat(p, 48);
            a3 = madd(s, w0, a3);
            b3 = madd(s, w1, b3);
            s = v128.load32_splat(p, 64);
            a4 = madd(s, w0, a4);
            b4 = madd(s, w1, b4);
            s = v128.load32_splat(p, 80);
            a5 = madd(s, w0, a5);
            b5 = madd(s, w1, b5);
            if (left > 3) {
              p += 4;
              w0 = v128.load(q, 96);
              w1 = v128.load(q, 112);
              s = v128.load32_splat(p);
              a0 = madd(s, w0, a0);
              b0 = madd(s, w1, b0);
              s = v128.load32_splat(p, 16);
              a1 = madd(s, w0, a1);
              b1 = madd(s, w1, b1);
              s = v128.load32_splat(p, 32);
              a2 = madd(s, w0, a2);
              b2 = madd(s, w1, b2);
              s = v128.load32_splat(p, 48);
              a3 = madd(s, w0, a3);
              b3 = madd(s, w1, b3);
              s = v128.load32_splat(p, 64);
              a4 = madd(s, w0, a4);
              b4 = madd(s, w1, b4);
              s = v128.load32_splat(p, 80);
              a5 = madd(s, w0, a5);
              b5 = madd(s, w1, b5);
            }
          }
        }
        p += next;
        if (left > 4) {
          w0 = v128.load(q, 128);
          w1 = v128.load(q, 144);
          s = v128.load32_splat(p);
          a0 = madd(s, w0, a0);
          b0 = madd(s, w1, b0);
          s = v128.load32_splat(p, 16);
          a1 = madd(s, w0, a1);
          b1 = madd(s, w1, b1);
          s = v128.load32_splat(p, 32);
          a2 = madd(s, w0, a2);
          b2 = madd(s, w1, b2);
          s = v128.load32_splat(p, 48);
          a3 = madd(s, w0, a3);
          b3 = madd(s, w1, b3);
          s = v128.load32_splat(p, 64);
          a4 = madd(s, w0, a4);
          b4 = madd(s, w1, b4);
          s = v128.load32_splat(p, 80);
          a5 = madd(s, w0, a5);
          b5 = madd(s, w1, b5);
          if (left > 5) {
            p += 4;
            w0 = v128.load(q, 160);
            w1 = v128.load(q, 176);
            s = v128.load32_splat(p);
            a0 = madd(s, w0, a0);
            b0 = madd(s, w1, b0);
            s = v128.load32_splat(p, 16);
            a1 = madd(s, w0, a1);
            b1 = madd(s, w1, b1);
            s = v128.load32_splat(p, 32);
            a2 = madd(s, w0, a2);
            b2 = madd(s, w1, b2);
            s = v128.load32_splat(p, 48);
            a3 = madd(s, w0, a3);
            b3 = madd(s, w1, b3);
            s = v128.load32_splat(p, 64);
            a4 = madd(s, w0, a4);
            b4 = madd(s, w1, b4);
            s = v128.load32_splat(p, 80);
            a5 = madd(s, w0, a5);
            b5 = madd(s, w1, b5);
            if (left > 6) {
              p += 4;
              w0 = v128.load(q, 192);
              w1 = v128.load(q, 208);
              s = v128.load32_splat(p);
              a0 = madd(s, w0, a0);
              b0 = madd(s, w1, b0);
              s = v128.load32_splat(p, 16);
              a1 = madd(s, w0, a1);
              b1 = madd(s, w1, b1);
              s = v128.load32_splat(p, 32);
              a2 = madd(s, w0, a2);
              b2 = madd(s, w1, b2);
              s = v128.load32_splat(p, 48);
              a3 = madd(s, w0, a3);
              b3 = madd(s, w1, b3);
              s = v128.load32_splat(p, 64);
              a4 = madd(s, w0, a4);
              b4 = madd(s, w1, b4);
              s = v128.load32_splat(p, 80);
              a5 = madd(s, w0, a5);
              b5 = madd(s, w1, b5);
              if (left > 7) {
                p += 4;
                w0 = v128.load(q, 224);
                w1 = v128.load(q, 240);
                s = v128.load32_splat(p);
                a0 = madd(s, w0, a0);
                b0 = madd(s, w1, b0);
                s = v128.load32_splat(p, 16);
                a1 = madd(s, w0, a1);
                b1 = madd(s, w1, b1);
                s = v128.load32_splat(p, 32);
                a2 = madd(s, w0, a2);
                b2 = madd(s, w1, b2);
                s = v128.load32_splat(p, 48);
                a3 = madd(s, w0, a3);
                b3 = madd(s, w1, b3);
                s = v128.load32_splat(p, 64);
                a4 = madd(s, w0, a4);
                b4 = madd(s, w1, b4);
                s = v128.load32_splat(p, 80);
                a5 = madd(s, w0, a5);
                b5 = madd(s, w1, b5);
              }
            }
          }
          p += next;
        }
        q += 256;
      }
    } else {
      for (let left = depth; left > 0; left -= 3) {
        let w0 = v128.load(q);
        let w1 = v128.load(q, 16);
        let s = v128.load32_splat(p);
        a0 = madd(s, w0, a0);
        b0 = madd(s, w1, b0);
        s = v128.load32_splat(p, 16);
        a1 = madd(s, w0, a1);
        b1 = madd(s, w1, b1);
        s = v128.load32_splat(p, 32);
        a2 = madd(s, w0, a2);
        b2 = madd(s, w1, b2);
        s = v128.load32_splat(p, 48);
        a3 = madd(s, w0, a3);
        b3 = madd(s, w1, b3);
        s = v128.load32_splat(p, 64);
        a4 = madd(s, w0, a4);
        b4 = madd(s, w1, b4);
        s = v128.load32_splat(p, 80);
        a5 = madd(s, w0, a5);
        b5 = madd(s, w1, b5);
        if (left > 1) {
          p += 4;
          w0 = v128.load(q, 32);
          w1 = v128.load(q, 48);
          s = v128.load32_splat(p);
          a0 = madd(s, w0, a0);
          b0 = madd(s, w1, b0);
          s = v128.load32_splat(p, 16);
          a1 = madd(s, w0, a1);
          b1 = madd(s, w1, b1);
          s = v128.load32_splat(p, 32);
          a2 = madd(s, w0, a2);
          b2 = madd(s, w1, b2);
          s = v128.load32_splat(p, 48);
          a3 = madd(s, w0, a3);
          b3 = madd(s, w1, b3);
          s = v128.load32_splat(p, 64);
          a4 = madd(s, w0, a4);
          b4 = madd(s, w1, b4);
          s = v128.load32_splat(p, 80);
          a5 = madd(s, w0, a5);
          b5 = madd(s, w1, b5);
          if (left > 2) {
            p += 4;
            w0 = v128.load(q, 64);
            w1 = v128.load(q, 80);
            s = v128.load32_splat(p);
            a0 = madd(s, w0, a0);
            b0 = madd(s, w1, b0);
            s = v128.load32_splat(p, 16);
            a1 = madd(s, w0, a1);
            b1 = madd(s, w1, b1);
            s = v128.load32_splat(p, 32);
            a2 = madd(s, w0, a2);
            b2 = madd(s, w1, b2);
            s = v128.load32_splat(p, 48);
            a3 = madd(s, w0, a3);
            b3 = madd(s, w1, b3);
            s = v128.load32_splat(p, 64);
            a4 = madd(s, w0, a4);
            b4 = madd(s, w1, b4);
            s = v128.load32_splat(p, 80);
            a5 = madd(s, w0, a5);
            b5 = madd(s, w1, b5);
          }
        }
        p += next;
        q += 96;
      }
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      a4 = f32x4.add(a4, v128.load(residual, 64));
      a5 = f32x4.add(a5, v128.load(residual, 80));
      const second = residual + residualPitch;
      b0 = f32x4.add(b0, v128.load(second));
      b1 = f32x4.add(b1, v128.load(second, 16));
      b2 = f32x4.add(b2, v128.load(second, 32));
      b3 = f32x4.add(b3, v128.load(second, 48));
      b4 = f32x4.add(b4, v128.load(second, 64));
      b5 = f32x4.add(b5, v128.load(second, 80));
      residual += 96;
    }
    if (bounds) {
      const lo = v128.load32_splat(bounds);
      const hi = v128.load32_splat(bounds, 4);
      a0 = clamp(a0, lo, hi);
      a1 = clamp(a1, lo, hi);
      a2 = clamp(a2, lo, hi);
      a3 = clamp(a3, lo, hi);
      a4 = clamp(a4, lo, hi);
      a5 = clamp(a5, lo, hi);
      b0 = clamp(b0, lo, hi);
      b1 = clamp(b1, lo, hi);
      b2 = clamp(b2, lo, hi);
      b3 = clamp(b3, lo, hi);
      b4 = clamp(b4, lo, hi);
      b5 = clamp(b5, lo, hi);
    }
    v128.store(dst, a0);
    v128.store(dst, a1, 16);
    v128.store(dst, a2, 32);
    v128.store(dst, a3, 48);
    v128.store(dst, a4, 64);
    v128.store(dst, a5, 80);
    const second = dst + dstPitch;
    v128.store(second, b0);
    v128.store(second, b1, 16);
    v128.store(second, b2, 32);
    v128.store(second, b3, 48);
    v128.store(second, b4, 64);
    v128.store(second, b5, 80);
    x += 96;
  }
}

/** panel4 for `count` × 12 pixels. */
export function long4(
  x: usize,
  pitch: usize,
  count: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
  bounds: usize,
): void {
  const blockStep = pitch - ((<usize>lanes) << 2);
  const last = dst + <usize>count * LONG_BYTES;
  for (; dst < last; dst += LONG_BYTES) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let a4 = a0;
    let a5 = a0;
    let a6 = a0;
    let a7 = a0;
    let a8 = a0;
    let a9 = a0;
    let a10 = a0;
    let a11 = a0;
    let p = x;
    let q = w;
    for (let left = depth; left > 0; left -= lanes) {
      const end = q + ((<usize>min(left, lanes)) << 4);
      do {
        const w0 = v128.load(q);
        a0 = madd(v128.load32_splat(p), w0, a0);
        a1 = madd(v128.load32_splat(p, 16), w0, a1);
        a2 = madd(v128.load32_splat(p, 32), w0, a2);
        a3 = madd(v128.load32_splat(p, 48), w0, a3);
        a4 = madd(v128.load32_splat(p, 64), w0, a4);
        a5 = madd(v128.load32_splat(p, 80), w0, a5);
        a6 = madd(v128.load32_splat(p, 96), w0, a6);
        a7 = madd(v128.load32_splat(p, 112), w0, a7);
        a8 = madd(v128.load32_splat(p, 128), w0, a8);
        a9 = madd(v128.load32_splat(p, 144), w0, a9);
        a10 = madd(v128.load32_splat(p, 160), w0, a10);
        a11 = madd(v128.load32_splat(p, 176), w0, a11);
        p += 4;
        q += 16;
      } while (q < end);
      p += blockStep;
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      a4 = f32x4.add(a4, v128.load(residual, 64));
      a5 = f32x4.add(a5, v128.load(residual, 80));
      a6 = f32x4.add(a6, v128.load(residual, 96));
      a7 = f32x4.add(a7, v128.load(residual, 112));
      a8 = f32x4.add(a8, v128.load(residual, 128));
      a9 = f32x4.add(a9, v128.load(residual, 144));
      a10 = f32x4.add(a10, v128.load(residual, 160));
      a11 = f32x4.add(a11, v128.load(residual, 176));
      residual += LONG_BYTES;
    }
    if (bounds) {
      const lo = v128.load32_splat(bounds);
      const hi = v128.load32_splat(bounds, 4);
      a0 = clamp(a0, lo, hi);
      a1 = clamp(a1, lo, hi);
      a2 = clamp(a2, lo, hi);
      a3 = clamp(a3, lo, hi);
      a4 = clamp(a4, lo, hi);
      a5 = clamp(a5, lo, hi);
      a6 = clamp(a6, lo, hi);
      a7 = clamp(a7, lo, hi);
      a8 = clamp(a8, lo, hi);
      a9 = clamp(a9, lo, hi);
      a10 = clamp(a10, lo, hi);
      a11 = clamp(a11, lo, hi);
    }
    v128.store(dst, a0);
    v128.store(dst, a1, 16);
    v128.store(dst, a2, 32);
    v128.store(dst, a3, 48);
    v128.store(dst, a4, 64);
    v128.store(dst, a5, 80);
    v128.store(dst, a6, 96);
    v128.store(dst, a7, 112);
    v128.store(dst, a8, 128);
    v128.store(dst, a9, 144);
    v128.store(dst, a10, 160);
    v128.store(dst, a11, 176);
    x += LONG_BYTES;
  }
}
