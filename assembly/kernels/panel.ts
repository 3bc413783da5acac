// The matrix kernel under every convolution: pixels × output channels, a panel of eight (or four) channels at a time.
//
//   dst[o][p] = clamp(bias[o] + Σ_k x[k][p] · w[k][o] (+ residual[o][p]))
//
// x      blocks of four k, each a plane of pixels: [blocks][pixels][4], `pitch` bytes from block to block. Of each block
//        the first `lanes` count (all four, but for a convolution of fewer than four channels), up to K in all
// w      [K][8], or [K][4] in panel4
//
// Four pixels by eight channels keep eight accumulators, two weights and a splat in 11 of the 15 registers that V8
// has on x86-64. The loop over the four lanes of a block stays rolled on purpose: unrolled, V8 spills (see docs).
// The order of the sum is that of k, whatever the tile, so results do not depend on where a pixel lies.
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { activatePlanes } from "./activation";
import { LONG_BYTES, LONG_PIXELS, long4, long8 } from "./panel-long";

let longTiles: bool = false;

/**
 * Has the relaxed build compute twelve pixels at a time, where there are so many: for hosts whose compiler holds such a tile in
 * registers. The bits are the same either way.
 */
export function useLongTiles(): void {
  longTiles = true;
}

/** How often long tiles fit into tiles of four pixels. */
// @ts-ignore: decorator
@inline
function longCount(tiles: i32): i32 {
  return ASC_FEATURE_RELAXED_SIMD && longTiles ? tiles / (LONG_PIXELS >> 2) : 0;
}

/** Computes `tiles` × 4 pixels of eight output channels. `residual` may be 0; its planes are `residualPitch` apart. */
export function panel8(
  x: usize,
  pitch: usize,
  tiles: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  residualPitch: usize,
  dst: usize,
  dstPitch: usize,
  low: f32,
  high: f32,
): void {
  const long = longCount(tiles);
  if (long > 0) {
    long8(x, pitch, long, depth, lanes, w, bias, residual, residualPitch, dst, dstPitch, low, high);
    const done = <usize>long * LONG_BYTES;
    x += done;
    dst += done;
    if (residual) residual += done;
    tiles -= long * (LONG_PIXELS >> 2);
  }
  const blockStep = pitch - ((<usize>lanes) << 2);
  for (; tiles > 0; --tiles) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
    let b0 = v128.load(bias, 16);
    let b1 = b0;
    let b2 = b0;
    let b3 = b0;
    let p = x;
    let q = w;
    for (let left = depth; left > 0; left -= lanes) {
      const end = q + ((<usize>min(left, lanes)) << 5);
      do {
        const w0 = v128.load(q);
        const w1 = v128.load(q, 16);
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
        p += 4;
        q += 32;
      } while (q < end);
      p += blockStep;
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      const second = residual + residualPitch;
      b0 = f32x4.add(b0, v128.load(second));
      b1 = f32x4.add(b1, v128.load(second, 16));
      b2 = f32x4.add(b2, v128.load(second, 32));
      b3 = f32x4.add(b3, v128.load(second, 48));
      residual += 64;
    }
    const lo = f32x4.splat(low);
    const hi = f32x4.splat(high);
    v128.store(dst, clamp(a0, lo, hi));
    v128.store(dst, clamp(a1, lo, hi), 16);
    v128.store(dst, clamp(a2, lo, hi), 32);
    v128.store(dst, clamp(a3, lo, hi), 48);
    const second = dst + dstPitch;
    v128.store(second, clamp(b0, lo, hi));
    v128.store(second, clamp(b1, lo, hi), 16);
    v128.store(second, clamp(b2, lo, hi), 32);
    v128.store(second, clamp(b3, lo, hi), 48);
    x += 64;
    dst += 64;
  }
}

/** panel8 for a last panel of at most four channels. */
export function panel4(
  x: usize,
  pitch: usize,
  tiles: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
  low: f32,
  high: f32,
): void {
  const long = longCount(tiles);
  if (long > 0) {
    long4(x, pitch, long, depth, lanes, w, bias, residual, dst, low, high);
    const done = <usize>long * LONG_BYTES;
    x += done;
    dst += done;
    if (residual) residual += done;
    tiles -= long * (LONG_PIXELS >> 2);
  }
  const blockStep = pitch - ((<usize>lanes) << 2);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles) {
    let a0 = v128.load(bias);
    let a1 = a0;
    let a2 = a0;
    let a3 = a0;
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
      residual += 64;
    }
    v128.store(dst, clamp(a0, lo, hi));
    v128.store(dst, clamp(a1, lo, hi), 16);
    v128.store(dst, clamp(a2, lo, hi), 32);
    v128.store(dst, clamp(a3, lo, hi), 48);
    x += 64;
    dst += 64;
  }
}

/**
 * All panels of `channels` output channels over `tiles` × 4 pixels; clamp, activation and pitches are the step's. An activation
 * follows each panel, while what it has written is in the cache.
 */
export function panels(
  step: usize,
  x: usize,
  pitch: usize,
  tiles: i32,
  depth: i32,
  lanes: i32,
  channels: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
): void {
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  const residualPitch = <usize>load<i32>(step, Step.src2Pitch);
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const panelBytes = (<usize>depth) << 5;
  for (; channels > 4; channels -= 8) {
    panel8(x, pitch, tiles, depth, lanes, w, bias, residual, residualPitch, dst, dstPitch, low, high);
    activatePlanes(step, dst, 2, tiles << 2);
    w += panelBytes;
    bias += 32;
    dst += dstPitch << 1;
    if (residual) residual += residualPitch << 1;
  }
  if (channels > 0) {
    panel4(x, pitch, tiles, depth, lanes, w, bias, residual, dst, low, high);
    activatePlanes(step, dst, 1, tiles << 2);
  }
}
