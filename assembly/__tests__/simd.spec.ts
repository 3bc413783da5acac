import { clamp, exp, exp2By, firstLanes, fraction, log, logistic, madd, maxLane, Power, power, sumLanes } from "../simd";
import { expectClose, Worst } from "./worst";

function lanes(v: v128): string {
  const text = new StaticArray<f32>(4);
  v128.store(changetype<usize>(text), v);
  return text.join(",");
}

function exp2(t: v128): v128 {
  return exp2By(
    t,
    power(Power.low),
    power(Power.high),
    power(Power.round),
    power(Power.c5),
    power(Power.c4),
    power(Power.c3),
    power(Power.c2),
    power(Power.c1),
    power(Power.one),
  );
}

function logisticOf(x: v128, t: v128): v128 {
  t = f32x4.pmax(t, power(Power.low));
  return logistic(
    x,
    t,
    fraction(t),
    power(Power.logisticHigh),
    power(Power.round),
    power(Power.a0),
    power(Power.a2),
    power(Power.b1),
  );
}

describe("simd", () => {
  // The test runner looks for this name, to know that it ran the build it meant to.
  test(ASC_FEATURE_RELAXED_SIMD ? "relaxed build" : "strict build", () => {
    // a·a = 1 + 2⁻¹¹ + 2⁻²⁴, whose last term float32 rounds away.
    const a = f32x4.splat(1 + <f32>1 / 4096);
    const r = f32x4.extract_lane(madd(a, a, f32x4.splat(-1 - <f32>1 / 2048)), 0);
    if (ASC_FEATURE_RELAXED_SIMD) expect<bool>(r == 0 || r == <f32>5.9604644775390625e-8).toBe(true, "fused or not");
    else expect<f32>(r).toBe(0, "rounded twice");
  });

  test("madd multiplies the first two, adds the third, lane by lane", () => {
    const r = madd(f32x4(1, 2, 3, 4), f32x4(10, 20, 30, 40), f32x4(5, 6, 7, 8));
    expect<string>(lanes(r)).toBe("15.0,46.0,97.0,168.0");
  });

  test("clamp limits each lane and keeps NaN", () => {
    const r = clamp(f32x4(-1, 3, 7, NaN), f32x4.splat(0), f32x4.splat(6));
    expect<string>(lanes(r)).toBe("0.0,3.0,6.0,NaN");
  });

  test("firstLanes sets all bits of so many lanes", () => {
    for (let n = 0; n <= 4; ++n) {
      const mask = firstLanes(n);
      const bits = i32x4.bitmask(mask);
      expect<i32>(bits).toBe((1 << n) - 1, n.toString());
      expect<bool>(v128.any_true(v128.xor(mask, i32x4.shr_s(mask, 31)))).toBe(false, "all bits or none");
    }
  });

  test("maxLane and sumLanes", () => {
    for (let i = 0; i < 4; ++i) {
      const v = f32x4(i == 0 ? 9 : -1, i == 1 ? 9 : -2, i == 2 ? 9 : -3, i == 3 ? 9 : -4);
      expect<f32>(maxLane(v)).toBe(9, i.toString());
      expect<f32>(sumLanes(v)).toBe(<f32>i, i.toString());
    }
  });

  test("exp is right to three units in the last place", () => {
    for (let x: f32 = -86; x < 88; x += 0.37) {
      const worst = new Worst();
      worst.compare(f32x4.extract_lane(exp(f32x4.splat(x)), 1), Math.exp(x));
      expect<f64>(worst.relative()).toBeLessThan(3.6e-7, x.toString());
    }
    expect<f32>(f32x4.extract_lane(exp(f32x4.splat(0)), 0)).toBe(1, "e⁰");
  });

  test("exp2 is right to three units in the last place, and exact for whole numbers", () => {
    for (let t: f32 = -125; t < 127; t += 0.0731) {
      const worst = new Worst();
      worst.compare(f32x4.extract_lane(exp2(f32x4.splat(t)), 3), 2.0 ** <f64>t);
      expect<f64>(worst.relative()).toBeLessThan(3.6e-7, t.toString());
    }
    for (let t: f32 = -125; t <= 127; ++t) {
      expect<f64>(f32x4.extract_lane(exp2(f32x4.splat(t)), 2)).toBe(2.0 ** <f64>t, t.toString());
    }
  });

  test("x/(1 + 2^t) is right to three units in the last place", () => {
    for (let x: f32 = -1e35; x < 7.9e35; x += 2.2e35) {
      for (let t: f32 = -125; t < 119; t += 0.0731) {
        const worst = new Worst();
        worst.compare(f32x4.extract_lane(logisticOf(f32x4.splat(x), f32x4.splat(t)), 1), <f64>x / (1 + 2.0 ** <f64>t));
        expect<f64>(worst.relative()).toBeLessThan(3.6e-7, `${x}, ${t}`);
      }
    }
    expect<f32>(f32x4.extract_lane(logisticOf(f32x4.splat(1), f32x4.splat(-1e30)), 0)).toBe(1);
    expect<f32>(f32x4.extract_lane(logisticOf(f32x4.splat(1), f32x4.splat(1e30)), 0)).toBeLessThan(1.6e-36);
  });

  test("exp stays finite and positive however large its argument", () => {
    for (let sign: f32 = -1; sign <= 1; sign += 2) {
      const y = f32x4.extract_lane(exp(f32x4.splat(sign * 1e30)), 0);
      expect<bool>(y > 0 && y <= f32.MAX_VALUE).toBe(true, y.toString());
    }
  });

  test("log is right to a unit in the last place", () => {
    for (let x: f32 = 1.2e-38; x < 3e38; x *= 1.013) {
      const error = abs(<f64>f32x4.extract_lane(log(f32x4.splat(x)), 2) - Math.log(x));
      expect<f64>(error).toBeLessThan(1e-7 * max(abs(Math.log(x)), 1e-2), x.toString());
    }
    for (let x: f32 = 0.5; x < 2; x += 0.0007) {
      const error = abs(<f64>f32x4.extract_lane(log(f32x4.splat(x)), 1) - Math.log(x));
      expect<f64>(error).toBeLessThan(1.2e-7 * abs(Math.log(x)) + 1e-12, x.toString());
    }
    expect<f32>(f32x4.extract_lane(log(f32x4.splat(1)), 0)).toBe(0, "ln 1");
  });

  test("the specs' own comparison notices NaN", () => {
    const worst = new Worst();
    worst.compare(NaN, 1);
    worst.compare(1, 1);
    expect<f64>(worst.relative()).toBe(Infinity);
    const close = new Worst();
    close.compare(1, 1 + 1e-9);
    expectClose(close, "a small error");
  });
});
