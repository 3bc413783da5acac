// The panel kernel's tile of five pixels by eight output channels, in any build: an odd image has a pixel more than whole fours. Of
// 7² it makes twelve tiles, the last a quarter longer, instead of thirteen: 5 % of the time of such a layer.
//
// Ten accumulators, two weights, a splat and a product: one splat at a time, for which the order is that of panel-short.ts. But splats
// that preceded the first `if`, as they do there, would be a register too many.
import { clamp, madd } from "../simd";

/** Computes five pixels of eight output channels, as short8 does four. */
export function five8(
  x: usize,
  pitch: usize,
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
  // From the last lane of a block to the next block; only the last of all may have fewer lanes.
  const next = pitch - ((<usize>lanes - 1) << 2);
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let b0 = v128.load(bias, 16);
  let b1 = b0;
  let b2 = b0;
  let b3 = b0;
  let b4 = b0;
  do {
    const count = min(depth, lanes);
    if (count > 0) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const x4 = v128.load32_splat(x, 64);
      a4 = madd(x4, w0, a4);
      b4 = madd(x4, w1, b4);
      const x3 = v128.load32_splat(x, 48);
      a3 = madd(x3, w0, a3);
      b3 = madd(x3, w1, b3);
      const x2 = v128.load32_splat(x, 32);
      a2 = madd(x2, w0, a2);
      b2 = madd(x2, w1, b2);
      const x1 = v128.load32_splat(x, 16);
      a1 = madd(x1, w0, a1);
      b1 = madd(x1, w1, b1);
      const x0 = v128.load32_splat(x);
      a0 = madd(x0, w0, a0);
      b0 = madd(x0, w1, b0);
    }
    if (count > 1) {
      x += 4;
      const w0 = v128.load(w, 32);
      const w1 = v128.load(w, 48);
      const x4 = v128.load32_splat(x, 64);
      a4 = madd(x4, w0, a4);
      b4 = madd(x4, w1, b4);
      const x3 = v128.load32_splat(x, 48);
      a3 = madd(x3, w0, a3);
      b3 = madd(x3, w1, b3);
      const x2 = v128.load32_splat(x, 32);
      a2 = madd(x2, w0, a2);
      b2 = madd(x2, w1, b2);
      const x1 = v128.load32_splat(x, 16);
      a1 = madd(x1, w0, a1);
      b1 = madd(x1, w1, b1);
      const x0 = v128.load32_splat(x);
      a0 = madd(x0, w0, a0);
      b0 = madd(x0, w1, b0);
    }
    if (count > 2) {
      x += 4;
      const w0 = v128.load(w, 64);
      const w1 = v128.load(w, 80);
      const x4 = v128.load32_splat(x, 64);
      a4 = madd(x4, w0, a4);
      b4 = madd(x4, w1, b4);
      const x3 = v128.load32_splat(x, 48);
      a3 = madd(x3, w0, a3);
      b3 = madd(x3, w1, b3);
      const x2 = v128.load32_splat(x, 32);
      a2 = madd(x2, w0, a2);
      b2 = madd(x2, w1, b2);
      const x1 = v128.load32_splat(x, 16);
      a1 = madd(x1, w0, a1);
      b1 = madd(x1, w1, b1);
      const x0 = v128.load32_splat(x);
      a0 = madd(x0, w0, a0);
      b0 = madd(x0, w1, b0);
    }
    if (count > 3) {
      x += 4;
      const w0 = v128.load(w, 96);
      const w1 = v128.load(w, 112);
      const x4 = v128.load32_splat(x, 64);
      a4 = madd(x4, w0, a4);
      b4 = madd(x4, w1, b4);
      const x3 = v128.load32_splat(x, 48);
      a3 = madd(x3, w0, a3);
      b3 = madd(x3, w1, b3);
      const x2 = v128.load32_splat(x, 32);
      a2 = madd(x2, w0, a2);
      b2 = madd(x2, w1, b2);
      const x1 = v128.load32_splat(x, 16);
      a1 = madd(x1, w0, a1);
      b1 = madd(x1, w1, b1);
      const x0 = v128.load32_splat(x);
      a0 = madd(x0, w0, a0);
      b0 = madd(x0, w1, b0);
    }
    x += next;
    w += (<usize>lanes) << 5;
    depth -= lanes;
  } while (depth > 0);
  if (residual) {
    a0 = f32x4.add(a0, v128.load(residual));
    a1 = f32x4.add(a1, v128.load(residual, 16));
    a2 = f32x4.add(a2, v128.load(residual, 32));
    a3 = f32x4.add(a3, v128.load(residual, 48));
    a4 = f32x4.add(a4, v128.load(residual, 64));
    const second = residual + residualPitch;
    b0 = f32x4.add(b0, v128.load(second));
    b1 = f32x4.add(b1, v128.load(second, 16));
    b2 = f32x4.add(b2, v128.load(second, 32));
    b3 = f32x4.add(b3, v128.load(second, 48));
    b4 = f32x4.add(b4, v128.load(second, 64));
  }
  if (bounds) {
    const lo = v128.load32_splat(bounds);
    const hi = v128.load32_splat(bounds, 4);
    a0 = clamp(a0, lo, hi);
    a1 = clamp(a1, lo, hi);
    a2 = clamp(a2, lo, hi);
    a3 = clamp(a3, lo, hi);
    a4 = clamp(a4, lo, hi);
    b0 = clamp(b0, lo, hi);
    b1 = clamp(b1, lo, hi);
    b2 = clamp(b2, lo, hi);
    b3 = clamp(b3, lo, hi);
    b4 = clamp(b4, lo, hi);
  }
  const second = dst + dstPitch;
  v128.store(dst, a0);
  v128.store(second, b0);
  v128.store(dst, a1, 16);
  v128.store(second, b1, 16);
  v128.store(dst, a2, 32);
  v128.store(second, b2, 32);
  v128.store(dst, a3, 48);
  v128.store(second, b3, 48);
  v128.store(dst, a4, 64);
  v128.store(second, b4, 64);
}
