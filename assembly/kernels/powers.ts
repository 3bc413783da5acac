// The activations that need powers: Sigmoid, Swish and Elu. Their loops load the powers' constants once, into registers: a vector of
// Swish takes 1.7 ns (relaxed) or 2.3 instead of 4.1.
import { Activation } from "../plan";
import { exp2By, LOG2E, Power, power } from "../simd";

/** Applies one of the three to `vectors` consecutive vectors; dst may be src. */
export function powerRun(src: usize, dst: usize, vectors: i32, kind: i32, alpha: f32): void {
  const low = power(Power.low);
  const high = power(Power.high);
  const round = power(Power.round);
  const c5 = power(Power.c5);
  const c4 = power(Power.c4);
  const c3 = power(Power.c3);
  const c2 = power(Power.c2);
  const c1 = power(Power.c1);
  const one = power(Power.one);
  const end = src + ((<usize>vectors) << 4);
  // 1 + e⁻ˣ needs no more of e⁻ˣ than a power of two gives: where x is large, it is next to 1, or so is its reciprocal to 0.
  const sign: f32 = kind == Activation.elu ? 1 : -1;
  const toPower = f32x4.splat(sign * LOG2E);
  if (kind == Activation.swish) {
    for (; src < end; src += 16, dst += 16) {
      const x = v128.load(src);
      const e = exp2By(f32x4.mul(x, toPower), low, high, round, c5, c4, c3, c2, c1, one);
      v128.store(dst, f32x4.div(x, f32x4.add(one, e)));
    }
  } else if (kind == Activation.sigmoid) {
    for (; src < end; src += 16, dst += 16) {
      const e = exp2By(f32x4.mul(v128.load(src), toPower), low, high, round, c5, c4, c3, c2, c1, one);
      v128.store(dst, f32x4.div(one, f32x4.add(one, e)));
    }
  } else {
    const a = f32x4.splat(alpha);
    for (; src < end; src += 16, dst += 16) {
      const x = v128.load(src);
      const e = exp2By(f32x4.mul(x, toPower), low, high, round, c5, c4, c3, c2, c1, one);
      v128.store(dst, v128.bitselect(f32x4.mul(f32x4.sub(e, one), a), x, f32x4.lt(x, f32x4.splat(0))));
    }
  }
}
