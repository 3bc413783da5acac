import { averagePool, globalAveragePool, maxPool } from "../kernels/pool";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setSource, setWindow, Window } from "./step";
import { expectClose, expectExact, Worst } from "./worst";

/** All three pools with one window; the output may be larger than the window's count, as ceil mode makes it. */
function check(channels: i32, height: i32, width: i32, window: Window, outHeight: i32, outWidth: i32): void {
  const src = randomImage(channels, height, width);
  const largest = new Image(channels, outHeight, outWidth);
  const mean = new Image(channels, outHeight, outWidth);
  const padded = new Image(channels, outHeight, outWidth);
  const step = newStep();
  setSource(step, src);
  setDestination(step, largest);
  setWindow(step, window);
  maxPool(step, src.at, largest.at);
  averagePool(step, src.at, mean.at);
  set(step, Step.mode, 1);
  averagePool(step, src.at, padded.at);
  const maxima = new Worst();
  const averages = new Worst();
  for (let c = 0; c < channels; ++c) {
    for (let y = 0; y < outHeight; ++y) {
      for (let x = 0; x < outWidth; ++x) {
        let most = -Infinity;
        let sum: f64 = 0;
        let inside = 0;
        let counted = 0;
        for (let ky = 0; ky < window.kernelHeight; ++ky) {
          for (let kx = 0; kx < window.kernelWidth; ++kx) {
            const row = window.row(y, ky);
            const column = window.column(x, kx);
            if (row < height + window.pads[2] && column < width + window.pads[3]) ++counted;
            if (!src.holds(row, column)) continue;
            ++inside;
            sum += src.padded(c, row, column);
            most = max(most, src.padded(c, row, column));
          }
        }
        const p = y * outWidth + x;
        maxima.compare(largest.get(c, p), most);
        averages.compare(mean.get(c, p), sum / inside);
        averages.compare(padded.get(c, p), sum / counted);
      }
    }
  }
  const what = `${channels} channels, ${height}×${width}, ${window.toString()}`;
  expectExact(maxima, "max " + what);
  expectClose(averages, "average " + what);
  expect<bool>(largest.intact() && mean.intact() && padded.intact()).toBe(true, what);
}

function checkFloor(channels: i32, height: i32, width: i32, window: Window): void {
  check(channels, height, width, window, window.outHeight(height), window.outWidth(width));
}

describe("pool", () => {
  test("over a grid of channels", () => {
    for (let channels = 1; channels <= 9; ++channels) checkFloor(channels, 5, 6, new Window(3, 3, 2, 2, [0, 0, 0, 0]));
  });

  test("every window over small images", () => {
    for (let kernel = 1; kernel <= 4; ++kernel) {
      for (let stride = 1; stride <= 3; ++stride) {
        for (let dilation = 1; dilation <= 2; ++dilation) {
          // A window always holds a pixel where the image is as long as the gaps between taps.
          for (let size = dilation; size <= 7; ++size) {
            const pad = dilation * (kernel - 1);
            const height = new Window(kernel, 1, stride, 1, [pad, 0, pad, 0], dilation, 1);
            const width = new Window(1, kernel, 1, stride, [0, pad, 0, pad], 1, dilation);
            checkFloor(4, size, 3, height);
            checkFloor(4, 3, size, width);
          }
        }
      }
    }
  });

  test("a last window that sticks out", () => {
    check(5, 6, 6, new Window(3, 3, 2, 2, [0, 0, 0, 0]), 3, 3);
    check(5, 6, 8, new Window(3, 3, 2, 2, [1, 0, 1, 0]), 4, 4);
  });

  test("globalAveragePool over every size", () => {
    for (let channels = 1; channels <= 9; channels += 4) {
      for (let width = 1; width <= 19; ++width) {
        const src = randomImage(channels, 2, width);
        const dst = new Image(channels, 1, 1);
        const step = newStep();
        setSource(step, src);
        setDestination(step, dst);
        globalAveragePool(step, src.at, dst.at);
        const worst = new Worst();
        for (let c = 0; c < channels; ++c) {
          let sum: f64 = 0;
          for (let p = 0; p < src.pixels(); ++p) sum += src.get(c, p);
          worst.compare(dst.get(c, 0), sum / src.pixels());
        }
        expectClose(worst, `${channels} channels, 2×${width}`);
        expect<bool>(dst.intact()).toBe(true);
      }
    }
  });
});
