import { softmax } from "../kernels/softmax";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination, setSource } from "./step";
import { expectClose, Worst } from "./worst";

/** The value at place i of the line along an axis through (c, y, x). */
function along(src: Image, axis: i32, i: i32, c: i32, y: i32, x: i32): f64 {
  if (axis == 1) return src.get(i, y * src.width + x);
  return src.get(c, axis == 2 ? i * src.width + x : y * src.width + i);
}

function naive(src: Image, axis: i32, log: bool, c: i32, y: i32, x: i32): f64 {
  const count = axis == 1 ? src.channels : axis == 2 ? src.height : src.width;
  let most = -Infinity;
  for (let i = 0; i < count; ++i) most = max(most, along(src, axis, i, c, y, x));
  let sum: f64 = 0;
  for (let i = 0; i < count; ++i) sum += Math.exp(along(src, axis, i, c, y, x) - most);
  const shifted = src.get(c, y * src.width + x) - most;
  return log ? shifted - Math.log(sum) : Math.exp(shifted) / sum;
}

function check(channels: i32, height: i32, width: i32, axis: i32, log: bool, scale: f32): void {
  const src = randomImage(channels, height, width);
  for (let c = 0; c < channels; ++c) {
    for (let p = 0; p < src.pixels(); ++p) src.set(c, p, scale * <f32>src.get(c, p));
  }
  const dst = new Image(channels, height, width);
  const step = newStep();
  setSource(step, src);
  setDestination(step, dst);
  set(step, Step.mode, axis + (log ? 4 : 0));
  softmax(step, src.at, dst.at);
  const worst = new Worst();
  for (let c = 0; c < channels; ++c) {
    for (let y = 0; y < height; ++y) {
      for (let x = 0; x < width; ++x) worst.compare(dst.get(c, y * width + x), naive(src, axis, log, c, y, x));
    }
  }
  const what = `${channels}×${height}×${width}, axis ${axis}, log ${log}, numbers to ${scale}`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

function checkAll(axis: i32, log: bool): void {
  for (let channels = 1; channels <= 10; ++channels) {
    for (let width = 1; width <= 5; width += 2) check(channels, 3, width, axis, log, 5);
  }
  check(1001, 1, 1, axis, log, 20);
  check(5, 4, 4, axis, log, 1000);
}

describe("softmax", () => {
  test("over channels", () => checkAll(1, false));
  test("over rows", () => checkAll(2, false));
  test("over columns", () => checkAll(3, false));
});

describe("log-softmax", () => {
  test("over channels", () => checkAll(1, true));
  test("over rows", () => checkAll(2, true));
  test("over columns", () => checkAll(3, true));
});
