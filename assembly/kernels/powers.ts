// The activations that need powers: Sigmoid, Swish and Elu. Their loops load the constants once, into registers.
import { Activation } from "../plan";
import { clamp, exp2By, fraction, logistic, Power, power } from "../simd";

/** Swish of `vectors` consecutive vectors; dst may be src. */
function swishRun(src: usize, dst: usize, vectors: i32): void {
  const toPower = power(Power.minusLog2e);
  const low = power(Power.low);
  const high = power(Power.logisticHigh);
  const round = power(Power.round);
  const a0 = power(Power.a0);
  const a2 = power(Power.a2);
  const b1 = power(Power.b1);
  let x = v128.load(src);
  let t = f32x4.pmax(f32x4.mul(x, toPower), low);
  let f = fraction(t);
  // A vector's power is begun before the last one's quotient is done, since the processor cannot look so far ahead by itself.
  while (--vectors > 0) {
    src += 16;
    const nextX = v128.load(src);
    const nextT = f32x4.pmax(f32x4.mul(nextX, toPower), low);
    const nextF = fraction(nextT);
    v128.store(dst, logistic(x, t, f, high, round, a0, a2, b1));
    dst += 16;
    x = nextX;
    t = nextT;
    f = nextF;
  }
  v128.store(dst, logistic(x, t, f, high, round, a0, a2, b1));
}

function sigmoidRun(src: usize, dst: usize, vectors: i32): void {
  const toPower = power(Power.minusLog2e);
  const low = power(Power.low);
  const high = power(Power.logisticHigh);
  const round = power(Power.round);
  const a0 = power(Power.a0);
  const a2 = power(Power.a2);
  const b1 = power(Power.b1);
  const one = power(Power.one);
  for (; vectors > 0; --vectors, src += 16, dst += 16) {
    const t = clamp(f32x4.mul(v128.load(src), toPower), low, high);
    v128.store(dst, logistic(one, t, fraction(t), high, round, a0, a2, b1));
  }
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
  else if (kind == Activation.swish) swishRun(src, dst, vectors);
  else sigmoidRun(src, dst, vectors);
}
