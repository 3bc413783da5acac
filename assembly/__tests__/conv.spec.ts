import { conv } from "../kernels/conv";
import { Step } from "../plan";
import { madd } from "../simd";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { panelFloats, panelWeight } from "./panels";
import { newStep, PLAN, set, setDestination, setSource, setWindow, Window } from "./step";
import { expectClose, Worst } from "./worst";

/** Values of one tap: whole blocks, but for fewer than four channels of more than one pixel. */
function tapDepth(channels: i32, pixels: i32): i32 {
  return channels < 4 && pixels > 1 ? channels : (channels + 3) & ~3;
}

function newConv(src: Image, dst: Image, window: Window, groups: i32, strip: i32): usize {
  const blocks = (src.channels / groups + 3) >> 2;
  const depth = window.kernelHeight * window.kernelWidth * blocks * 4;
  const m = dst.channels / groups;
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  setWindow(step, window);
  set(step, Step.group, groups);
  set(step, Step.strip, strip);
  set(step, Step.scratch, <i32>zeroed((depth * strip) << 2));
  const taps = window.kernelHeight * window.kernelWidth;
  const values = taps * tapDepth(src.channels / groups, dst.pixels());
  set(step, Step.weights, <i32>randomFloats(panelFloats(m, values) * groups));
  set(step, Step.bias, <i32>randomFloats(panelFloats(m, 1) * groups));
  return step;
}

/** The sum over the window at output pixel (y, x), for output channel o of group g. */
function naive(step: usize, src: Image, dst: Image, m: i32, window: Window, groups: i32, g: i32, o: i32, y: i32, x: i32): f64 {
  const channels = src.channels / groups;
  const padded = tapDepth(channels, dst.pixels());
  const depth = window.kernelHeight * window.kernelWidth * padded;
  const weights = load<u32>(step, Step.weights) + ((g * panelFloats(m, depth)) << 2);
  let sum = float(load<u32>(step, Step.bias), g * panelFloats(m, 1) + o);
  for (let ky = 0; ky < window.kernelHeight; ++ky) {
    for (let kx = 0; kx < window.kernelWidth; ++kx) {
      for (let c = 0; c < channels; ++c) {
        const k = (ky * window.kernelWidth + kx) * padded + c;
        const pixel = src.padded(g * channels + c, window.row(y, ky), window.column(x, kx));
        sum += pixel * panelWeight(weights, m, depth, o, k);
      }
    }
  }
  return sum;
}

function check(channels: i32, m: i32, height: i32, width: i32, window: Window, groups: i32 = 1, strip: i32 = 8): void {
  const src = randomImage(channels * groups, height, width);
  const one = window.outHeight(height) * window.outWidth(width) == 1;
  const gap = one ? 0 : 32;
  const dst = new Image(m * groups, window.outHeight(height), window.outWidth(width), gap);
  const residual = randomImage(dst.channels, dst.height, dst.width, gap);
  const step = newConv(src, dst, window, groups, strip);
  set(step, Step.src2Pitch, residual.pitch);
  for (let add = 0; add <= 1; ++add) {
    conv(step, PLAN, src.at, add ? residual.at : 0, 0, dst.at);
    const worst = new Worst();
    for (let g = 0; g < groups; ++g) {
      for (let o = 0; o < m; ++o) {
        for (let y = 0; y < dst.height; ++y) {
          for (let x = 0; x < dst.width; ++x) {
            const p = y * dst.width + x;
            const sum = naive(step, src, dst, m, window, groups, g, o, y, x);
            worst.compare(dst.get(g * m + o, p), sum + (add ? residual.get(g * m + o, p) : 0));
          }
        }
      }
    }
    const what = `${channels} → ${m} channels × ${groups}, ${height}×${width}, ${window.toString()}, strip ${strip}, residual ${add}`;
    expectClose(worst, what);
    expect<bool>(dst.intact()).toBe(true, what);
  }
}

/** Factors, addends and a ReLU on the way in: the bits must be those of a source to which all that was done before. */
function checkInput(channels: i32, size: i32, window: Window, groups: i32, shifts: bool, rectifies: bool): void {
  const src = randomImage(channels * groups, size, size);
  const done = randomImage(channels * groups, size, size);
  const factors = randomFloats(panelFloats(channels, 1) * groups);
  const addends = randomFloats(panelFloats(channels, 1) * groups);
  for (let c = 0; c < src.channels; ++c) {
    const at = (c / channels) * panelFloats(channels, 1) + (c % channels);
    const addend = shifts ? v128.load32_splat(addends + (at << 2)) : f32x4.splat(0);
    for (let p = 0; p < size * size; ++p) {
      const y = f32x4.extract_lane(madd(f32x4.splat(<f32>src.get(c, p)), v128.load32_splat(factors + (at << 2)), addend), 0);
      done.set(c, p, rectifies ? max<f32>(y, 0) : y);
    }
  }
  const one = window.outHeight(size) * window.outWidth(size) == 1;
  const expected = new Image(8 * groups, window.outHeight(size), window.outWidth(size), one ? 0 : 32);
  const actual = new Image(8 * groups, window.outHeight(size), window.outWidth(size), one ? 0 : 32);
  const step = newConv(src, expected, window, groups, one ? 1 : 8);
  conv(step, PLAN, done.at, 0, 0, expected.at);
  set(step, Step.mode, rectifies ? 1 : 0);
  if (shifts) set(step, Step.addends, <i32>addends);
  conv(step, PLAN, src.at, 0, factors, actual.at);
  const what = `${channels} channels × ${groups}, ${size}², ${window.toString()}, addends ${shifts}, ReLU ${rectifies}`;
  for (let o = 0; o < actual.channels; ++o) {
    for (let p = 0; p < actual.pixels(); ++p) expect<f64>(actual.get(o, p)).toBe(expected.get(o, p), what);
  }
}

const SAME: StaticArray<i32> = [1, 1, 1, 1];
const NONE: StaticArray<i32> = [0, 0, 0, 0];

describe("conv", () => {
  test("3×3 over a grid of channels", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let m = 1; m <= 13; m += 3) check(channels, m, 4, 5, new Window(3, 3, 1, 1, SAME));
    }
  });

  test("every window over small images", () => {
    for (let kernel = 1; kernel <= 4; ++kernel) {
      for (let stride = 1; stride <= 3; ++stride) {
        for (let dilation = 1; dilation <= 2; ++dilation) {
          for (let size = 1; size <= 6; ++size) {
            check(3, 5, size, 4, new Window(kernel, 2, stride, 1, [4, 1, 3, 0], dilation, 1));
            check(3, 5, 4, size, new Window(2, kernel, 1, stride, [0, 3, 1, 4], 1, dilation));
          }
        }
      }
    }
  });

  test("large kernels, mostly padding", () => {
    check(3, 4, 3, 3, new Window(7, 7, 2, 2, [3, 3, 3, 3]));
    check(2, 4, 5, 4, new Window(11, 5, 4, 1, [5, 2, 5, 2]));
  });

  test("strips that end within a row, at a pixel, and beyond the image", () => {
    for (let strip = 4; strip <= 32; strip += 4) check(5, 9, 5, 5, new Window(3, 3, 1, 1, SAME), 1, strip);
  });

  test("groups of whole blocks", () => {
    check(4, 8, 4, 4, new Window(3, 3, 1, 1, SAME), 2);
    check(8, 4, 4, 4, new Window(1, 3, 2, 2, NONE), 3);
  });

  test("a single output pixel", () => {
    for (let m = 1; m <= 37; m += 4) check(5, m, 3, 3, new Window(3, 3, 1, 1, NONE));
    check(4, 8, 2, 2, new Window(2, 2, 1, 1, NONE), 2);
  });

  test("with something done to its input", () => {
    for (let kind = 0; kind < 4; ++kind) {
      for (let channels = 1; channels <= 9; ++channels) {
        checkInput(channels, 5, new Window(1, 1, 1, 1, NONE), 1, (kind & 1) != 0, (kind & 2) != 0);
        checkInput(channels, 5, new Window(3, 3, 2, 2, SAME), 1, (kind & 1) != 0, (kind & 2) != 0);
      }
      checkInput(8, 6, new Window(1, 1, 1, 1, NONE), 3, (kind & 1) != 0, (kind & 2) != 0);
      checkInput(6, 1, new Window(1, 1, 1, 1, NONE), 1, (kind & 1) != 0, (kind & 2) != 0);
    }
  });

  test("with an activation", () => {
    const src = randomImage(3, 4, 4);
    const plain = new Image(6, 4, 4);
    const clamped = new Image(6, 4, 4);
    const leaky = new Image(6, 4, 4);
    const step = newConv(src, plain, new Window(3, 3, 1, 1, SAME), 1, 8);
    conv(step, PLAN, src.at, 0, 0, plain.at);
    fuseClamp(step);
    conv(step, PLAN, src.at, 0, 0, clamped.at);
    fuseLeaky(step);
    conv(step, PLAN, src.at, 0, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
