import { depthwise } from "../kernels/depthwise";
import { Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { newStep, PLAN, set, setDestination, setSource, setWindow, Window } from "./step";
import { expectClose, Worst } from "./worst";

function newDepthwise(src: Image, dst: Image, window: Window): usize {
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  setWindow(step, window);
  set(step, Step.weights, <i32>randomFloats(src.planes * window.kernelHeight * window.kernelWidth * 4));
  set(step, Step.bias, <i32>randomFloats(src.planes * 4));
  return step;
}

function check(channels: i32, height: i32, width: i32, window: Window): void {
  const src = randomImage(channels, height, width);
  const dst = new Image(channels, window.outHeight(height), window.outWidth(width));
  const residual = randomImage(channels, dst.height, dst.width);
  const step = newDepthwise(src, dst, window);
  const taps = window.kernelHeight * window.kernelWidth;
  set(step, Step.src2Pitch, residual.pitch);
  for (let add = 0; add < 2; ++add) {
    depthwise(step, PLAN, src.at, add ? residual.at : 0, dst.at);
    const worst = new Worst();
    for (let c = 0; c < channels; ++c) {
      for (let y = 0; y < dst.height; ++y) {
        for (let x = 0; x < dst.width; ++x) {
          let sum = float(load<u32>(step, Step.bias), c);
          for (let ky = 0; ky < window.kernelHeight; ++ky) {
            for (let kx = 0; kx < window.kernelWidth; ++kx) {
              const tap = ((c >> 2) * taps + ky * window.kernelWidth + kx) * 4 + (c & 3);
              sum += float(load<u32>(step, Step.weights), tap) * src.padded(c, window.row(y, ky), window.column(x, kx));
            }
          }
          const p = y * dst.width + x;
          worst.compare(dst.get(c, p), sum + (add ? residual.get(c, p) : 0));
        }
      }
    }
    const what = `${channels} channels, ${height}×${width}, ${window.toString()}, residual ${add}`;
    expectClose(worst, what);
    expect<bool>(dst.intact()).toBe(true, what);
  }
}

const SAME: StaticArray<i32> = [1, 1, 1, 1];

describe("depthwise", () => {
  test("3×3 over a grid of channels and widths", () => {
    for (let channels = 1; channels <= 9; channels += 2) {
      for (let width = 1; width <= 13; ++width) check(channels, 3, width, new Window(3, 3, 1, 1, SAME));
    }
  });

  test("stride 2 with and without padding on each side", () => {
    for (let pads = 0; pads < 16; ++pads) {
      const window = new Window(3, 3, 2, 2, [pads & 1, (pads >> 1) & 1, (pads >> 2) & 1, pads >> 3]);
      for (let size = 3; size <= 12; size += 3) check(4, size, size + 1, window);
    }
  });

  test("every window over small images", () => {
    for (let kernel = 1; kernel <= 5; ++kernel) {
      for (let stride = 1; stride <= 3; ++stride) {
        for (let dilation = 1; dilation <= 3; ++dilation) {
          for (let size = 1; size <= 8; ++size) {
            const pad = dilation * (kernel - 1);
            check(4, size, 5, new Window(kernel, 1, stride, 1, [pad, 0, pad, 0], dilation, 1));
            check(4, 5, size, new Window(1, kernel, 1, stride, [0, pad, 0, pad], 1, dilation));
          }
        }
      }
    }
  });

  test("with an activation", () => {
    const src = randomImage(6, 4, 4);
    const plain = new Image(6, 4, 4);
    const clamped = new Image(6, 4, 4);
    const leaky = new Image(6, 4, 4);
    const step = newDepthwise(src, plain, new Window(3, 3, 1, 1, SAME));
    depthwise(step, PLAN, src.at, 0, plain.at);
    fuseClamp(step);
    depthwise(step, PLAN, src.at, 0, clamped.at);
    fuseLeaky(step);
    depthwise(step, PLAN, src.at, 0, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
