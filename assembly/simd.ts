// The few vector operations that kernels share, and the only place where the strict and the relaxed build differ.
//
// Strict uses plain SIMD, which gives the same bits on every host. Relaxed fuses multiply and add where the
// processor can, so its last bits may differ from host to host.

/** a·b + c */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(c, f32x4.mul(a, b));
}

/** c − a·b */
// @ts-ignore: decorator
@inline
export function nmadd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** x limited to [lo, hi]; NaN stays NaN, since pmin and pmax return their first operand when unordered. */
// @ts-ignore: decorator
@inline
export function clamp(x: v128, lo: v128, hi: v128): v128 {
  return f32x4.pmin(f32x4.pmax(x, lo), hi);
}

/** Stores a sum with its bias, a residual if there is one, and clamped. */
// @ts-ignore: decorator
@inline
export function storeResult(to: usize, sum: v128, base: v128, residual: usize, lo: v128, hi: v128): void {
  let r = f32x4.add(sum, base);
  if (residual) r = f32x4.add(r, v128.load(residual));
  v128.store(to, clamp(r, lo, hi));
}

/** Whether these limits change anything. */
// @ts-ignore: decorator
@inline
export function isBound(low: f32, high: f32): bool {
  return low != -Infinity || high != Infinity;
}

/** All ones in the first `lanes` lanes (0…4), zeros in the others. */
// @ts-ignore: decorator
@inline
export function firstLanes(lanes: i32): v128 {
  return i32x4.lt_s(i32x4(0, 1, 2, 3), i32x4.splat(lanes));
}

/**
 * Zeros for so many bytes, a multiple of 16. A memory.fill would be C's memset, whose wide registers have processors of Intel's Skylake
 * line run 13 % slower for most of a millisecond: Winograd's layers took that much longer.
 */
// @ts-ignore: decorator
@inline
export function clear(at: usize, bytes: usize): void {
  const zero = f32x4.splat(0);
  for (const end = at + bytes; at < end; at += 16) v128.store(at, zero);
}

/** Copies so many bytes, a multiple of 16, to where they do not overlap. Not memory.copy for the same reason. */
// @ts-ignore: decorator
@inline
export function copy(to: usize, from: usize, bytes: usize): void {
  for (const end = to + bytes; to < end; to += 16, from += 16) v128.store(to, v128.load(from));
}

/** The largest of four lanes. */
// @ts-ignore: decorator
@inline
export function maxLane(x: v128): f32 {
  const a = max(f32x4.extract_lane(x, 0), f32x4.extract_lane(x, 1));
  const b = max(f32x4.extract_lane(x, 2), f32x4.extract_lane(x, 3));
  return max(a, b);
}

/** The sum of four lanes, in a fixed order. */
// @ts-ignore: decorator
@inline
export function sumLanes(x: v128): f32 {
  const a = f32x4.extract_lane(x, 0) + f32x4.extract_lane(x, 1);
  const b = f32x4.extract_lane(x, 2) + f32x4.extract_lane(x, 3);
  return a + b;
}

/** Byte offsets in POWERS, constants for powers. */
export enum Power {
  /** Beyond these 2ᵗ is no normal number. */
  low = 0,
  high = 4,
  /** Added to a float32 below 2²² it rounds that to a whole number, and leaves the number in the low bits. */
  round = 8,
  /** Coefficients of f⁵, f⁴, …, f⁰ of a polynomial for 2ᶠ. */
  c5 = 12,
  c4 = 16,
  c3 = 20,
  c2 = 24,
  c1 = 28,
  one = 32,
  /** Of logistic: coefficients of f⁰ and f² in an even polynomial, and of f in an odd one, whose f³ has 1. */
  a0 = 36,
  a2 = 40,
  b1 = 44,
  /** From powers of e to powers of 2. */
  log2e = 48,
  minusLog2e = 52,
  /** Of logistic: what its power is limited to. */
  logisticHigh = 56,
}

/** The polynomial has the least largest relative error (9·10⁻⁸) of those of degree five that are 1 at 0. */
const POWERS = memory.data<f32>([
  -125, 127, 12582912, 1.3264727247e-3, 9.6715126881e-3, 5.5507337436e-2, 2.4022242085e-1, 6.931469776e-1, 1, 360.33368, 17.31234,
  124.88214, 1.44269504, -1.44269504, 119,
]);

/**
 * One of those constants, loaded: V8 makes a vector constant that stands in the code anew, by three instructions, in every turn of a
 * loop; what is loaded before it stays in a register.
 */
// @ts-ignore: decorator
@inline
export function power(constant: Power): v128 {
  return v128.load32_splat(POWERS + constant);
}

/** 2^(n + f) for f in [-½, ½], `shifted` being n + Power.round: a polynomial for 2^f, whose exponent n is added to. */
// @ts-ignore: decorator
@inline
function raise(f: v128, shifted: v128, c5: v128, c4: v128, c3: v128, c2: v128, c1: v128, one: v128): v128 {
  let p = madd(f, c5, c4);
  p = madd(f, p, c3);
  p = madd(f, p, c2);
  p = madd(f, p, c1);
  p = madd(f, p, one);
  return i32x4.add(p, i32x4.shl(shifted, 23));
}

/**
 * 2^t, for t limited to [-125, 127]; within three units in the last place of 2^t for the float32 t. The constants are arguments, so
 * that loops load them once.
 */
// @ts-ignore: decorator
@inline
export function exp2By(
  t: v128,
  low: v128,
  high: v128,
  round: v128,
  c5: v128,
  c4: v128,
  c3: v128,
  c2: v128,
  c1: v128,
  one: v128,
): v128 {
  t = clamp(t, low, high);
  return raise(fraction(t), f32x4.add(t, round), c5, c4, c3, c2, c1, one);
}

/**
 * x/(1 + 2^t), where t = n + f lies in [-125, 119] or is taken for 119 above that, and x up to 7.9·10³⁵; within three units in the
 * last place. The constants are arguments, as in exp2By.
 *
 * Padé's approximation of degree three to 2^f, f in [-½, ½], is (a + b)/(a − b) with a even and b odd; it errs by 6·10⁻⁹. That makes
 * the whole a quotient: as many operations as with a polynomial, but fewer that wait for each other. So do coefficients with a 1 in
 * the odd polynomial, and limiting t from above beside the polynomials, not before them.
 */
// @ts-ignore: decorator
@inline
export function logistic(x: v128, t: v128, f: v128, high: v128, round: v128, a0: v128, a2: v128, b1: v128): v128 {
  const square = f32x4.mul(f, f);
  const a = madd(square, a2, a0);
  const b = f32x4.mul(f, f32x4.add(square, b1));
  const rest = f32x4.sub(a, b);
  const power = i32x4.add(f32x4.add(a, b), i32x4.shl(f32x4.add(f32x4.pmin(t, high), round), 23));
  return f32x4.div(f32x4.mul(x, rest), f32x4.add(rest, power));
}

/** The f of that t. NaN where t is infinite. */
// @ts-ignore: decorator
@inline
export function fraction(t: v128): v128 {
  return f32x4.sub(t, f32x4.nearest(t));
}

/**
 * e^x to about three units in the last place, for x limited to the range whose result is a normal number. Cody and Waite's
 * reduction x = n·ln2 + r keeps that for large x, where exp2(x·log₂e) would not.
 */
// @ts-ignore: decorator
@inline
export function exp(x: v128): v128 {
  const t = clamp(x, f32x4.splat(-86.6), f32x4.splat(88.37626));
  const round = power(Power.round);
  const log2e = power(Power.log2e);
  const shifted = madd(t, log2e, round);
  const n = f32x4.sub(shifted, round);
  let r = f32x4.sub(t, f32x4.mul(n, f32x4.splat(0.693359375)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  const f = f32x4.mul(r, log2e);
  return raise(f, shifted, power(Power.c5), power(Power.c4), power(Power.c3), power(Power.c2), power(Power.c1), power(Power.one));
}

/**
 * ln x to about one unit in the last place, for x positive and normal.
 *
 * x = 2ⁿ·m with m in [√½, √2), and a polynomial for ln m (Cephes' logf). Plain add and mul, as in exp. Not inline, as little calls it:
 * LRN where β is not ¾.
 */
export function log(x: v128): v128 {
  const e = i32x4.shr_s(i32x4.sub(x, i32x4.splat(0x3f3504f3)), 23);
  const n = f32x4.convert_i32x4_s(e);
  const r = f32x4.sub(i32x4.sub(x, i32x4.shl(e, 23)), f32x4.splat(1.0));
  const z = f32x4.mul(r, r);
  let p = f32x4.splat(7.0376836292e-2);
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.151461031e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.167699874e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.2420140846e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(1.4249322787e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-1.6668057665e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(2.0000714765e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(-2.4999993993e-1));
  p = f32x4.add(f32x4.mul(p, r), f32x4.splat(3.3333331174e-1));
  p = f32x4.mul(f32x4.mul(p, r), z);
  p = f32x4.add(p, f32x4.mul(n, f32x4.splat(-2.1219444e-4)));
  p = f32x4.sub(p, f32x4.mul(z, f32x4.splat(0.5)));
  return f32x4.add(f32x4.add(r, p), f32x4.mul(n, f32x4.splat(0.693359375)));
}
