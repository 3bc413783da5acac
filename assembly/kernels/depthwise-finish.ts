// What the tiles of depthwise-three.ts and depthwise-five.ts have in common: seven pixels, and what becomes of their sums.
import { clamp } from "../simd";

/** Pixels of a tile. */
// @ts-ignore: decorator
@inline
export const TILE: i32 = 7;

/** Adds the residual, clamps, and stores the first `count` sums. */
// @ts-ignore: decorator
@inline
export function finish(
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
