import { resize } from "../kernels/resize";
import { ResizeCoordinate, ResizeMode, Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setReal, setSource } from "./step";
import { expectClose, Worst } from "./worst";

function position(x: i32, coordinate: i32, scale: f64, from: i32, to: i32): f64 {
  if (coordinate == ResizeCoordinate.asymmetric) return x / scale;
  if (coordinate == ResizeCoordinate.alignCorners) return to > 1 ? <f64>(x * (from - 1)) / (to - 1) : 0;
  if (coordinate == ResizeCoordinate.pytorchHalfPixel && to == 1) return 0;
  return (x + 0.5) / scale - 0.5;
}

function inside(at: f64, size: i32): i32 {
  return <i32>min(max(at, 0), <f64>(size - 1));
}

function nearest(at: f64, mode: i32): f64 {
  if (mode == ResizeMode.nearestFloor) return Math.floor(at);
  if (mode == ResizeMode.nearestCeil) return Math.ceil(at);
  const below = Math.floor(at);
  if (at - below == 0.5) return mode == ResizeMode.nearestRoundPreferFloor ? below : below + 1;
  return at - below < 0.5 ? below : below + 1;
}

function naive(src: Image, c: i32, y: f64, x: f64, mode: i32): f64 {
  const width = src.width;
  if (mode != ResizeMode.linear)
    return src.get(c, inside(nearest(y, mode), src.height) * width + inside(nearest(x, mode), width));
  const top = Math.floor(y);
  const left = Math.floor(x);
  let sum: f64 = 0;
  for (let i = 0; i < 2; ++i) {
    for (let j = 0; j < 2; ++j) {
      const weight = (i ? y - top : top + 1 - y) * (j ? x - left : left + 1 - x);
      sum += weight * src.get(c, inside(top + i, src.height) * width + inside(left + j, width));
    }
  }
  return sum;
}

function check(channels: i32, height: i32, width: i32, toHeight: i32, toWidth: i32, coordinate: i32, mode: i32): void {
  const src = randomImage(channels, height, width);
  const dst = new Image(channels, toHeight, toWidth);
  const scratch = new StaticArray<i32>(toWidth * 3);
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  const scaleHeight: f32 = <f32>toHeight / <f32>height;
  const scaleWidth: f32 = <f32>toWidth / <f32>width;
  setReal(step, Step.alpha, scaleHeight);
  setReal(step, Step.beta, scaleWidth);
  set(step, Step.mode, (coordinate << 4) | mode);
  set(step, Step.scratch, <i32>changetype<usize>(scratch));
  resize(step, 0, src.at, dst.at);
  const worst = new Worst();
  for (let c = 0; c < channels; ++c) {
    for (let p = 0; p < dst.pixels(); ++p) {
      const y = position(p / toWidth, coordinate, scaleHeight, height, toHeight);
      const x = position(p % toWidth, coordinate, scaleWidth, width, toWidth);
      worst.compare(dst.get(c, p), naive(src, c, y, x, mode));
    }
  }
  const what = `${channels}×${height}×${width} to ${toHeight}×${toWidth}, coordinate ${coordinate}, mode ${mode}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

describe("resize", () => {
  test("linear, every coordinate transformation and count of channels", () => {
    for (let coordinate = 0; coordinate < 4; ++coordinate) {
      for (let channels = 1; channels <= 9; ++channels) check(channels, 3, 5, 7, 8, coordinate, ResizeMode.linear);
      check(5, 7, 9, 4, 2, coordinate, ResizeMode.linear);
      check(5, 1, 1, 4, 3, coordinate, ResizeMode.linear);
      check(5, 4, 3, 1, 1, coordinate, ResizeMode.linear);
    }
  });

  test("nearest, every coordinate transformation and rounding", () => {
    for (let coordinate = 0; coordinate < 4; ++coordinate) {
      for (let mode = 1; mode < 5; ++mode) {
        check(5, 4, 4, 8, 12, coordinate, mode);
        check(6, 8, 6, 4, 3, coordinate, mode);
        check(3, 5, 7, 1, 3, coordinate, mode);
      }
    }
  });
});
