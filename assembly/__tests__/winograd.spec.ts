import { packWinograd } from "../kernels/pack-winograd";
import { winograd } from "../kernels/winograd";
import { BUFFER, RUN } from "../kernels/winograd-lines";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { panelFloats } from "./panels";
import { newStep, PLAN, set, setDestination, setSource, setWindow, Window } from "./step";
import { expectClose, Worst } from "./worst";

/** A step whose weights are filters [m·groups][channels][taps] at `filters`, transformed by the engine's own packing. */
function newWinograd(
  src: Image,
  dst: Image,
  window: Window,
  products: i32,
  groups: i32,
  strip: i32,
  panels: i32,
  filters: usize,
): usize {
  const channels = src.channels / groups;
  const m = dst.channels / groups;
  const taps = window.kernelHeight * window.kernelWidth;
  const phases = window.strideHeight * window.strideWidth;
  const packed = zeroed((panelFloats(m, channels * phases) * groups * 49) << 2);
  const pack = newStep();
  set(pack, Step.group, groups);
  set(pack, Step.groupInputs, channels);
  set(pack, Step.groupOutputs, m);
  set(pack, Step.channels, channels);
  set(pack, Step.dstChannels, m);
  set(pack, Step.rowStride, channels * taps * 4);
  set(pack, Step.pixelStride, taps * 4);
  setWindow(pack, window);
  set(pack, Step.products, products);
  set(pack, Step.panels, panels);
  set(pack, Step.src, <i32>filters);
  set(pack, Step.dst, <i32>packed);
  packWinograd(pack, PLAN);
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  setWindow(step, window);
  set(step, Step.products, products);
  set(step, Step.panels, panels);
  set(step, Step.group, groups);
  set(step, Step.strip, strip);
  set(step, Step.scratch, <i32>zeroed(64 + 2 * BUFFER + 49 * ((((channels + 3) >> 2) * phases + 2 * panels) * strip * 16 + 64)));
  set(step, Step.weights, <i32>packed);
  set(step, Step.bias, <i32>randomFloats(panelFloats(m, 1) * groups));
  return step;
}

/** With every number of products that there is for the window. */
function check(
  channels: i32,
  m: i32,
  height: i32,
  width: i32,
  window: Window,
  groups: i32 = 1,
  strip: i32 = 4,
  panels: i32 = 1,
): void {
  if (window.kernelHeight <= 2 * window.strideHeight) {
    checkProducts(9, channels, m, height, width, window, groups, strip, panels);
    return;
  }
  if (window.kernelHeight <= 3 * window.strideHeight) {
    checkProducts(16, channels, m, height, width, window, groups, strip, panels);
    checkProducts(36, channels, m, height, width, window, groups, strip, panels);
    checkProducts(42, channels, m, height, width, window, groups, strip, panels);
  }
  checkProducts(49, channels, m, height, width, window, groups, strip, panels);
}

function checkProducts(
  products: i32,
  channels: i32,
  m: i32,
  height: i32,
  width: i32,
  window: Window,
  groups: i32,
  strip: i32,
  panels: i32,
): void {
  const taps = window.kernelHeight * window.kernelWidth;
  const src = randomImage(channels * groups, height, width);
  const dst = new Image(m * groups, window.outHeight(height), window.outWidth(width));
  const residual = randomImage(dst.channels, dst.height, dst.width);
  const filters = randomFloats(m * groups * channels * taps);
  const step = newWinograd(src, dst, window, products, groups, strip, panels, filters);
  set(step, Step.src2Pitch, residual.pitch);
  for (let add = 0; add <= 1; ++add) {
    winograd(step, PLAN, src.at, add ? residual.at : 0, dst.at);
    const worst = new Worst();
    for (let o = 0; o < dst.channels; ++o) {
      const g = o / m;
      for (let y = 0; y < dst.height; ++y) {
        for (let x = 0; x < dst.width; ++x) {
          let sum = float(load<u32>(step, Step.bias), g * panelFloats(m, 1) + (o % m));
          for (let c = 0; c < channels; ++c) {
            for (let tap = 0; tap < taps; ++tap) {
              const ky = tap / window.kernelWidth;
              const pixel = src.padded(g * channels + c, window.row(y, ky), window.column(x, tap - ky * window.kernelWidth));
              sum += pixel * float(filters, (o * channels + c) * taps + tap);
            }
          }
          const p = y * dst.width + x;
          worst.compare(dst.get(o, p), sum + (add ? residual.get(o, p) : 0));
        }
      }
    }
    const what = `${products} products, ${channels} → ${m} channels × ${groups}, ${height}×${width}, ${window.toString()}, strip ${strip}, ${panels} panels, residual ${add}`;
    // The transforms round a few times more than the sum alone, those with seven points most.
    expectClose(worst, what, products > 36 ? 1e-5 : 4e-6);
    expect<bool>(dst.intact()).toBe(true, what);
  }
}

const SAME: StaticArray<i32> = [1, 1, 1, 1];
const NONE: StaticArray<i32> = [0, 0, 0, 0];

const WHOLE: StaticArray<i32> = [2, 2, 2, 2];

function threes(pads: StaticArray<i32>): Window {
  return new Window(3, 3, 1, 1, pads);
}

describe("winograd", () => {
  test("over a grid of channels", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let m = 1; m <= 17; m += 4) check(channels, m, 5, 6, threes(SAME));
    }
  });

  test("windows of 2×2, 4×4 and 5×5", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      check(channels, 9, 5, 7, new Window(5, 5, 1, 1, WHOLE));
      check(channels, 5, 7, 5, new Window(4, 4, 1, 1, SAME));
      check(channels, 5, 7, 6, new Window(2, 2, 1, 1, [0, 1, 1, 0]));
    }
  });

  test("strides whose phases have two to five rows, in every size of image", () => {
    for (let size = 1; size <= 16; ++size) {
      for (let kernel = 3; kernel <= 10; ++kernel) {
        if (size + 4 >= kernel) check(3, 5, size, 17, new Window(kernel, kernel, 2, 2, WHOLE));
      }
      if (size >= 7) check(2, 9, size, 29, new Window(11, 11, 4, 4, WHOLE));
      if (size >= 3) check(8, 4, 11, size, new Window(7, 7, 3, 3, WHOLE), 2, 8);
    }
  });

  test("sides of a window that leave its phases equally many rows", () => {
    check(4, 8, 12, 13, new Window(3, 4, 2, 2, SAME));
    check(4, 8, 12, 13, new Window(5, 6, 2, 2, SAME));
    check(4, 8, 13, 12, new Window(8, 7, 2, 2, NONE));
  });

  test("images that fill tiles and that do not, with every padding", () => {
    for (let size = 1; size <= 10; ++size) {
      check(3, 8, size, 7, threes(SAME));
      check(3, 8, 7, size, threes([2, 1, 0, 2]));
      if (size >= 3) check(3, 8, size, 9, threes(NONE));
    }
  });

  test("rows of more tiles than a run has", () => {
    for (let strip = 8; strip <= 28; strip += 20) {
      for (let width = 4 * RUN; width <= 5 * RUN + 3; ++width) check(3, 8, 6, width, threes(SAME), 1, strip);
      check(4, 8, 9, 6 * RUN + 1, new Window(5, 5, 1, 1, WHOLE), 1, strip);
      check(4, 8, 9, 6 * RUN + 1, new Window(3, 3, 2, 2, SAME), 1, strip);
      check(3, 8, 20, 8 * RUN + 5, new Window(11, 11, 4, 4, WHOLE), 1, strip);
    }
  });

  test("strips of tiles that do not divide the image", () => {
    for (let strip = 4; strip <= 16; strip += 4) check(4, 8, 13, 13, threes(SAME), 1, strip);
  });

  test("a product of several panels at a time", () => {
    for (let panels = 2; panels <= 4; ++panels) {
      for (let m = 4; m <= 36; m += 4) {
        check(5, m, 9, 10, threes(SAME), 1, 8, panels);
        check(4, m, 7, 9, new Window(3, 4, 2, 2, SAME), 2, 4, panels);
      }
      check(4, 21, 13, 13, new Window(7, 7, 2, 2, WHOLE), 1, 4, panels);
      check(4, 19, 9, 12, new Window(5, 6, 2, 2, SAME), 1, 4, panels);
      check(4, 21, 15, 14, new Window(11, 11, 4, 4, WHOLE), 1, 4, panels);
    }
  });

  test("groups of whole blocks", () => check(4, 8, 6, 6, threes(SAME), 3));

  test("with an activation", () => {
    const src = randomImage(4, 6, 6);
    const plain = new Image(8, 6, 6);
    const clamped = new Image(8, 6, 6);
    const leaky = new Image(8, 6, 6);
    const step = newWinograd(src, plain, threes(SAME), 36, 1, 4, 1, randomFloats(8 * 4 * 9));
    winograd(step, PLAN, src.at, 0, plain.at);
    fuseClamp(step);
    winograd(step, PLAN, src.at, 0, clamped.at);
    fuseLeaky(step);
    winograd(step, PLAN, src.at, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
