// The activations that need powers: Sigmoid, Swish and Elu. Their loops load the constants once, into registers.
import { Activation } from "../plan";
import { exp2By, fraction, logistic, Power, power } from "../simd";

/** The power of 2 under an x of logisticRun, limited: from above by `logistic`, but for Sigmoid, which is 0 of -∞ and not NaN. */
// @ts-ignore: decorator
@inline
function powerUnder(x: v128, toPower: v128, low: v128, high: v128, times: bool): v128 {
  const t = f32x4.pmax(f32x4.mul(x, toPower), low);
  return times ? t : f32x4.pmin(t, high);
}

/** Swish, or if not `times` Sigmoid, of one or more consecutive vectors; dst may be src. */
// @ts-ignore: decorator
@inline
function logisticRun(src: usize, dst: usize, vectors: i32, times: bool): void {
  const toPower = power(Power.minusLog2e);
  const low = power(Power.low);
  const high = power(Power.logisticHigh);
  const round = power(Power.round);
  const a0 = power(Power.a0);
  const a2 = power(Power.a2);
  const b1 = power(Power.b1);
  const one = power(Power.one);
  let x = v128.load(src);
  let t = powerUnder(x, toPower, low, high, times);
  let f = fraction(t);
  // A vector's power is begun before the last one's quotient is done, since the processor cannot look so far ahead by itself.
  while (--vectors > 0) {
    src += 16;
    const nextX = v128.load(src);
    const nextT = powerUnder(nextX, toPower, low, high, times);
    const nextF = fraction(nextT);
    v128.store(dst, logistic(times ? x : one, t, f, high, round, a0, a2, b1));
    dst += 16;
    x = nextX;
    t = nextT;
    f = nextF;
  }
  v128.store(dst, logistic(times ? x : one, t, f, high, round, a0, a2, b1));
}

function eluRun(src: usize, dst: usize, vectors: i32, alpha: f32): void {
  const toPower = power(Power.log2e);
  const low = power(Power.low);
  const high = power(Power.high);
  const round = power(Power.round);
  const c5 = power(Power.c5);
  const c4 = power(Power.c4);
  const c3 = power(Power.c3);
  const c2 = power(Power.c2);
  const c1 = power(Power.c1);
  const one = power(Power.one);
  const a = f32x4.splat(alpha);
  const end = src + ((<usize>vectors) << 4);
  for (; src < end; src += 16, dst += 16) {
    const x = v128.load(src);
    const e = exp2By(f32x4.mul(x, toPower), low, high, round, c5, c4, c3, c2, c1, one);
    v128.store(dst, v128.bitselect(f32x4.mul(f32x4.sub(e, one), a), x, f32x4.lt(x, f32x4.splat(0))));
  }
}

/** Applies one of the three to one or more consecutive vectors; dst may be src. */
export function powerRun(src: usize, dst: usize, vectors: i32, kind: i32, alpha: f32): void {
  if (kind == Activation.elu) eluRun(src, dst, vectors, alpha);
  else if (kind == Activation.swish) logisticRun(src, dst, vectors, true);
  else logisticRun(src, dst, vectors, false);
}
