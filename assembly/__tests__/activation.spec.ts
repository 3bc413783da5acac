import { activate, activatePlanes, activateRun } from "../kernels/activation";
import { Activation, Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setReal, setSource } from "./step";
import { expectClose, expectExact, Worst } from "./worst";

function naive(x: f64, kind: i32, alpha: f64, beta: f64): f64 {
  if (kind == Activation.none) return min(max(x, alpha), beta);
  if (kind == Activation.leakyRelu) return x < 0 ? alpha * x : x;
  if (kind == Activation.elu) return x < 0 ? alpha * (Math.exp(x) - 1) : x;
  if (kind == Activation.sigmoid) return 1 / (1 + Math.exp(-x));
  if (kind == Activation.swish) return x / (1 + Math.exp(-x));
  if (kind == Activation.hardSigmoid) return min(max(alpha * x + beta, 0), 1);
  return x * min(max(x / 6 + 0.5, 0), 1);
}

/** Numbers from −12 to 12, where every activation has all of its parts. */
function ramp(channels: i32, height: i32, width: i32): Image {
  const image = randomImage(channels, height, width);
  for (let c = 0; c < channels; ++c) {
    for (let p = 0; p < image.pixels(); ++p) image.set(c, p, 12 * <f32>image.get(c, p));
  }
  return image;
}

function check(kind: i32, alpha: f32, beta: f32): void {
  for (let channels = 1; channels <= 9; channels += 4) {
    for (let width = 1; width <= 5; ++width) {
      const src = ramp(channels, 3, width);
      const dst = new Image(channels, 3, width);
      const step = newStep();
      set(step, Step.activation, kind);
      setReal(step, Step.alpha, alpha);
      setReal(step, Step.beta, beta);
      setReal(step, Step.low, kind == Activation.none ? alpha : -f32.MAX_VALUE);
      setReal(step, Step.high, kind == Activation.none ? beta : f32.MAX_VALUE);
      setSource(step, src);
      setDestination(step, dst);
      activate(step, src.at, dst.at);
      const worst = new Worst();
      for (let c = 0; c < channels; ++c) {
        for (let p = 0; p < src.pixels(); ++p) worst.compare(dst.get(c, p), naive(src.get(c, p), kind, alpha, beta));
      }
      const what = `kind ${kind}, ${channels} channels, width ${width}`;
      expectClose(worst, what);
      expect<bool>(dst.intact()).toBe(true, what);
    }
  }
}

describe("activation", () => {
  test("clamp", () => check(Activation.none, 0, 6));
  test("leakyRelu", () => check(Activation.leakyRelu, 0.1, 0));
  test("elu", () => check(Activation.elu, 0.7, 0));
  test("sigmoid", () => check(Activation.sigmoid, 0, 0));
  test("swish", () => check(Activation.swish, 0, 0));
  test("hardSigmoid", () => check(Activation.hardSigmoid, 0.2, 0.5));
  test("hardSwish", () => check(Activation.hardSwish, 0, 0));

  test("sigmoid of ±∞ is 0 and 1; swish of ∞ is ∞, and of NaN NaN", () => {
    const at = changetype<usize>(new StaticArray<f32>(8));
    v128.store(at, f32x4(-Infinity, Infinity, NaN, 0));
    activateRun(at, at + 16, 1, Activation.sigmoid, 0, 0);
    const sigmoid = v128.load(at, 16);
    expect<f32>(f32x4.extract_lane(sigmoid, 0)).toBeLessThan(1.6e-36);
    expect<f32>(f32x4.extract_lane(sigmoid, 1)).toBe(1);
    expect<f32>(f32x4.extract_lane(sigmoid, 2)).toBeNaN();
    activateRun(at, at + 16, 1, Activation.swish, 0, 0);
    const swish = v128.load(at, 16);
    expect<f32>(f32x4.extract_lane(swish, 1)).toBe(Infinity);
    expect<f32>(f32x4.extract_lane(swish, 2)).toBeNaN();
    expect<f32>(f32x4.extract_lane(swish, 3)).toBe(0);
  });

  test("sigmoid and swish of huge numbers", () => {
    const at = changetype<usize>(new StaticArray<f32>(8));
    v128.store(at, f32x4(-1e30, 1e30, -100, 100));
    activateRun(at, at + 16, 1, Activation.sigmoid, 0, 0);
    const sigmoid = v128.load(at, 16);
    expect<f32>(f32x4.extract_lane(sigmoid, 0)).toBeLessThan(1.6e-36);
    expect<f32>(f32x4.extract_lane(sigmoid, 1)).toBe(1);
    activateRun(at, at + 16, 1, Activation.swish, 0, 0);
    const swish = v128.load(at, 16);
    expect<f32>(abs(f32x4.extract_lane(swish, 2))).toBeLessThan(1.6e-34);
    expect<f32>(f32x4.extract_lane(swish, 3)).toBe(100);
  });

  test("activatePlanes works in place, and leaves a clamp to the kernels", () => {
    const image = ramp(6, 2, 3);
    const before = new StaticArray<f64>(36);
    for (let i = 0; i < 36; ++i) before[i] = image.get(i / 6, i % 6);
    const step = newStep();
    setDestination(step, image);
    setReal(step, Step.low, 0);
    setReal(step, Step.high, 0);
    activatePlanes(step, image.at, image.planes, image.pixels());
    const clamped = new Worst();
    for (let i = 0; i < 36; ++i) clamped.compare(image.get(i / 6, i % 6), before[i]);
    expectExact(clamped, "clamp");
    set(step, Step.activation, Activation.hardSwish);
    activatePlanes(step, image.at, image.planes, image.pixels());
    const worst = new Worst();
    for (let i = 0; i < 36; ++i) worst.compare(image.get(i / 6, i % 6), naive(before[i], Activation.hardSwish, 0, 0));
    expectClose(worst, "hardSwish");
    expect<bool>(image.intact()).toBe(true);
  });
});
