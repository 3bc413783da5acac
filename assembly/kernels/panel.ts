// The matrix kernel under every convolution: pixels × output channels, a panel of eight (or four) channels at a time.
//
//   dst[o][p] = clamp(bias[o] + Σ_k x[k][p] · w[k][o] (+ residual[o][p]))
//
// x      blocks of four k, each a plane of pixels: [blocks][pixels][4], `pitch` bytes from block to block. Of each block
//        the first `lanes` count (all four, but for a convolution of fewer than four channels), up to K in all
// w      [K][8], or [K][4] in panel4
//
// The order of the sum is that of k, whatever the tile (panel-short.ts, panel-long.ts), so results do not depend on where a pixel
// lies.
import { Step } from "../plan";
import { isBound } from "../simd";
import { activatePlanes } from "./activation";
import { five8 } from "./panel-five";
import { LONG_BYTES, LONG_PIXELS, long4, long8 } from "./panel-long";
import { short4, short8 } from "./panel-short";

/** The bias of products that have none. */
export const NO_BIAS: usize = memory.data(32, 16);

/** Where what a step's results are clamped to lies, or 0 where that is all numbers. */
// @ts-ignore: decorator
@inline
export function boundsOf(step: usize): usize {
  return isBound(load<f32>(step, Step.low), load<f32>(step, Step.high)) ? step + Step.low : 0;
}

let longTiles: bool = false;

/** Whether products have long tiles. */
// @ts-ignore: decorator
@inline
export function hasLongTiles(): bool {
  return ASC_FEATURE_RELAXED_SIMD && longTiles;
}

/**
 * Has the relaxed build compute twelve pixels at a time, where there are so many: for hosts whose compiler holds such a tile in
 * registers. The bits are the same either way.
 */
export function useLongTiles(): void {
  longTiles = true;
}

/** How many long tiles so many pixels begin with: not the last where it would leave a single pixel. */
// @ts-ignore: decorator
@inline
function longCount(pixels: i32): i32 {
  if (!hasLongTiles()) return 0;
  const count = pixels / LONG_PIXELS;
  return count > 0 && pixels - count * LONG_PIXELS == 1 ? count - 1 : count;
}

/** Whether the rest of them ends in a tile of five, a single pixel being left beyond fours. */
// @ts-ignore: decorator
@inline
function endsInFive(rest: i32): bool {
  return rest > 4 && (rest & 3) == 1;
}

/** How many short tiles the rest takes beside that. */
// @ts-ignore: decorator
@inline
function shortCount(rest: i32): i32 {
  return endsInFive(rest) ? (rest >> 2) - 1 : (rest + 3) >> 2;
}

/**
 * Computes `pixels` of eight output channels, and up to three beyond them: whole tiles. `residual` may be 0; its planes are
 * `residualPitch` apart. `bounds` is where the least and the greatest result lie, or 0.
 */
// @ts-ignore: decorator
@inline
export function panel8(
  x: usize,
  pitch: usize,
  pixels: i32,
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
  // Long tiles have no code for one lane or two.
  const long = lanes > 2 ? longCount(pixels) : 0;
  const rest = pixels - long * LONG_PIXELS;
  const short = shortCount(rest);
  if (long > 0) long8(x, pitch, long, depth, lanes, w, bias, residual, residualPitch, dst, dstPitch, bounds);
  let done = <usize>long * LONG_BYTES;
  if (short > 0) {
    const add = residual ? residual + done : 0;
    short8(x + done, pitch, short, depth, lanes, w, bias, add, residualPitch, dst + done, dstPitch, bounds);
    done += (<usize>short) << 6;
  }
  if (endsInFive(rest)) {
    const add = residual ? residual + done : 0;
    five8(x + done, pitch, depth, lanes, w, bias, add, residualPitch, dst + done, dstPitch, bounds);
  }
}

/** panel8 for a last panel of at most four channels, by fours alone. */
// @ts-ignore: decorator
@inline
export function panel4(
  x: usize,
  pitch: usize,
  pixels: i32,
  depth: i32,
  lanes: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
  bounds: usize,
): void {
  const long = longCount(pixels);
  const rest = pixels - long * LONG_PIXELS;
  if (long > 0) long4(x, pitch, long, depth, lanes, w, bias, residual, dst, bounds);
  if (rest > 0) {
    const done = <usize>long * LONG_BYTES;
    const add = residual ? residual + done : 0;
    short4(x + done, pitch, (rest + 3) >> 2, depth, lanes, w, bias, add, dst + done, bounds);
  }
}

/**
 * All panels of `channels` output channels over so many pixels, `part` of the sum at a time (a multiple of four): each part but the
 * first adds what the last has left in the image. Clamp, activation and pitches are the step's; an activation follows each panel,
 * while what it has written is in the cache.
 */
export function panels(
  step: usize,
  x: usize,
  pitch: usize,
  pixels: i32,
  depth: i32,
  part: i32,
  lanes: i32,
  channels: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
): void {
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  let residualPitch = <usize>load<i32>(step, Step.src2Pitch);
  for (let from = 0; from < depth; from += part) {
    const last = from + part >= depth;
    const span = last ? depth - from : part;
    const bounds = last ? boundsOf(step) : 0;
    let left = channels;
    let panel = w;
    let base = bias;
    let add = residual;
    let to = dst;
    for (; left > 4; left -= 8) {
      panel8(x, pitch, pixels, span, lanes, panel + ((<usize>from) << 5), base, add, residualPitch, to, dstPitch, bounds);
      if (last) activatePlanes(step, to, 2, pixels);
      panel += (<usize>depth) << 5;
      if (from == 0) base += 32;
      if (add) add += residualPitch << 1;
      to += dstPitch << 1;
    }
    if (left > 0) {
      panel4(x, pitch, pixels, span, lanes, panel + ((<usize>from) << 4), base, add, to, bounds);
      if (last) activatePlanes(step, to, 1, pixels);
    }
    x += pitch * (part >> 2);
    bias = NO_BIAS;
    residual = dst;
    residualPitch = dstPitch;
  }
}
