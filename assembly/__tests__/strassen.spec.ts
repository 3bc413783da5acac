import { useLongTiles } from "../kernels/panel";
import { LONG_BYTES } from "../kernels/panel-long";
import { strassen } from "../kernels/strassen";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set, setDestination, setSource, setWindow, Window } from "./step";
import { expectClose, Worst } from "./worst";

const NONE: StaticArray<i32> = [0, 0, 0, 0];

function newStrassen(src: Image, dst: Image, strip: i32, weights: usize, bias: usize): usize {
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  setWindow(step, new Window(1, 1, 1, 1, NONE));
  set(step, Step.strip, strip);
  set(step, Step.weights, <i32>weights);
  set(step, Step.bias, <i32>bias);
  const c = src.channels;
  const scratch = 64 + 4 * (c * 16 + strip * 16 + 2 * 64) + 7 * ((c / 8) * (strip * 8 + LONG_BYTES) + 64) + c * strip * 4;
  set(step, Step.scratch, <i32>zeroed(<i32>scratch));
  return step;
}

class Options {
  strip: i32 = 16;
  withResidual: bool = false;
  /** Gathers its source, multiplies it by factors and adds to it. */
  withFactors: bool = false;
  /** Gathers every so many pixels. */
  stride: i32 = 1;
}

function check(c: i32, m: i32, height: i32, width: i32, options: Options): void {
  const stride = options.stride;
  const src = randomImage(c, height, width);
  const dst = new Image(m, (height - 1) / stride + 1, (width - 1) / stride + 1);
  const residual = options.withResidual ? randomImage(m, dst.height, dst.width) : null;
  const weights = randomFloats(panelFloats(m, c));
  const bias = randomFloats(panelFloats(m, 1));
  const step = newStrassen(src, dst, options.strip, weights, bias);
  setWindow(step, new Window(1, 1, stride, stride, NONE));
  if (residual) set(step, Step.src2Pitch, residual.pitch);
  const factors: usize = options.withFactors ? randomFloats(c) : 0;
  const addends: usize = options.withFactors ? randomFloats(c) : 0;
  set(step, Step.addends, <i32>addends);
  set(step, Step.mode, options.withFactors ? 1 : 0);
  set(step, Step.gathers, options.withFactors || stride > 1 ? 1 : 0);
  strassen(step, PLAN, src.at, residual ? residual.at : 0, factors, dst.at);
  const worst = new Worst();
  for (let o = 0; o < m; ++o) {
    for (let p = 0; p < dst.pixels(); ++p) {
      const row = p / dst.width;
      const from = row * stride * width + (p - row * dst.width) * stride;
      let sum = float(bias, o);
      for (let k = 0; k < c; ++k) {
        let x = src.get(k, from);
        if (factors) x = max(x * float(factors, k) + float(addends, k), 0);
        sum += x * panelWeight(weights, m, c, o, k);
      }
      if (residual) sum += residual.get(o, p);
      worst.compare(dst.get(o, p), sum);
    }
  }
  const what =
    `${c} → ${m} channels, ${height}×${width}, stride ${stride}, strips of ${options.strip}, ` +
    `residual ${options.withResidual}, factors ${options.withFactors}`;
  expectClose(worst, what, 3e-6);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("strassen", () => {
  test("over a grid of channels", () => {
    for (let c = 8; c <= 40; c += 8) {
      for (let m = 1; m <= 50; m += 7) check(c, m, 3, 7, new Options());
    }
  });

  test("images that fill strips and that do not", () => {
    for (let width = 2; width <= 40; ++width) {
      for (let strip = 8; strip <= 24; strip += 8) {
        const options = new Options();
        options.strip = strip;
        check(8, 16, 1, width, options);
      }
    }
  });

  test("with a residual", () => {
    const options = new Options();
    options.withResidual = true;
    for (let width = 2; width <= 20; ++width) check(16, 40, 1, width, options);
  });

  test("with factors and addends for the channels of the source", () => {
    const options = new Options();
    options.withFactors = true;
    check(16, 32, 5, 5, options);
    options.withResidual = true;
    check(24, 21, 7, 5, options);
  });

  test("with a stride", () => {
    const options = new Options();
    options.stride = 2;
    check(8, 16, 7, 9, options);
    options.withFactors = true;
    check(16, 24, 8, 6, options);
  });

  test("with an activation", () => {
    const src = randomImage(8, 5, 5);
    const plain = new Image(27, 5, 5);
    const clamped = new Image(27, 5, 5);
    const leaky = new Image(27, 5, 5);
    const step = newStrassen(src, plain, 8, randomFloats(panelFloats(27, 8)), randomFloats(28));
    strassen(step, PLAN, src.at, 0, 0, plain.at);
    fuseClamp(step);
    strassen(step, PLAN, src.at, 0, 0, clamped.at);
    fuseLeaky(step);
    strassen(step, PLAN, src.at, 0, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });

  // The last test: what it turns on cannot be turned off.
  test("chunks for long tiles give the same bits as planes", () => {
    const c = 392;
    const m = 21;
    const steps: usize[] = [];
    const sources: Image[] = [];
    const planes: Image[] = [];
    for (let width = 2; width <= 58; width += 7) {
      for (let strip = 16; strip <= 64; strip += 24) {
        const src = randomImage(c, 1, width);
        const dst = new Image(m, 1, width);
        const step = newStrassen(src, dst, strip, randomFloats(panelFloats(m, c)), randomFloats(panelFloats(m, 1)));
        strassen(step, PLAN, src.at, 0, 0, dst.at);
        steps.push(step);
        sources.push(src);
        planes.push(dst);
      }
    }
    useLongTiles();
    for (let i = 0; i < steps.length; ++i) {
      const plain = planes[i];
      const chunked = new Image(m, 1, plain.width);
      strassen(steps[i], PLAN, sources[i].at, 0, 0, chunked.at);
      const what = `${plain.width} pixels, strips of ${load<i32>(steps[i], Step.strip)}`;
      for (let o = 0; o < m; ++o) {
        for (let p = 0; p < plain.width; ++p) expect<f64>(chunked.get(o, p)).toBe(plain.get(o, p), what);
      }
      expect<bool>(chunked.intact()).toBe(true, what);
    }
    const options = new Options();
    options.strip = 56;
    options.withResidual = true;
    options.withFactors = true;
    check(c, m, 9, 9, options);
  });
});
