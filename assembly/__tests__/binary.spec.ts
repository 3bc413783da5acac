import { binary } from "../kernels/binary";
import { BinaryMode, Step } from "../plan";
import { expectFused, fuseClamp, fuseLeaky } from "./fused";
import { Image, randomImage } from "./image";
import { newStep, set, setDestination } from "./step";
import { expectClose, Worst } from "./worst";

function naive(a: f64, b: f64, mode: i32): f64 {
  if (mode == BinaryMode.add) return a + b;
  if (mode == BinaryMode.sub) return a - b;
  if (mode == BinaryMode.mul) return a * b;
  return a / b;
}

/** The element that broadcasts to (c, y, x): 0 on each axis of size 1. */
function broadcast(image: Image, c: i32, y: i32, x: i32): f64 {
  const row = image.height == 1 ? 0 : y;
  const column = image.width == 1 ? 0 : x;
  return image.get(image.channels == 1 ? 0 : c, row * image.width + column);
}

function newBinary(a: Image, b: Image, dst: Image, mode: i32): usize {
  const step = newStep();
  setDestination(step, dst);
  set(step, Step.mode, mode);
  set(step, Step.channels, a.channels);
  set(step, Step.pitch, a.channels == 1 ? 0 : a.pitch);
  set(step, Step.rowStride, a.height == 1 ? 0 : a.width << 4);
  set(step, Step.pixelStride, a.width == 1 ? 0 : 16);
  set(step, Step.group, b.channels);
  set(step, Step.src2Pitch, b.channels == 1 ? 0 : b.pitch);
  set(step, Step.src2RowStride, b.height == 1 ? 0 : b.width << 4);
  set(step, Step.src2PixelStride, b.width == 1 ? 0 : 16);
  return step;
}

/** One bit a dimension: whether it is `size`, or 1 and broadcast. */
function shaped(bits: i32, channels: i32, height: i32, width: i32): Image {
  return randomImage(bits & 1 ? channels : 1, bits & 2 ? height : 1, bits & 4 ? width : 1);
}

function check(a: Image, b: Image, mode: i32): void {
  const dst = new Image(max(a.channels, b.channels), max(a.height, b.height), max(a.width, b.width));
  binary(newBinary(a, b, dst, mode), a.at, b.at, dst.at);
  const worst = new Worst();
  for (let c = 0; c < dst.channels; ++c) {
    for (let y = 0; y < dst.height; ++y) {
      for (let x = 0; x < dst.width; ++x) {
        const expected = naive(broadcast(a, c, y, x), broadcast(b, c, y, x), mode);
        worst.compare(dst.get(c, y * dst.width + x), expected);
      }
    }
  }
  const what = `mode ${mode}, [${a.channels},${a.height},${a.width}] and [${b.channels},${b.height},${b.width}]`;
  expectClose(worst, what);
  expect<bool>(dst.intact()).toBe(true, what);
}

function checkAll(mode: i32): void {
  for (let channels = 1; channels <= 6; channels += 5) {
    for (let i = 0; i < 8; ++i) {
      for (let j = 0; j < 8; ++j) check(shaped(i, channels, 3, 5), shaped(j, channels, 3, 5), mode);
    }
  }
}

describe("binary", () => {
  test("add, with every broadcast", () => checkAll(BinaryMode.add));
  test("sub, with every broadcast", () => checkAll(BinaryMode.sub));
  test("mul, with every broadcast", () => checkAll(BinaryMode.mul));
  test("div, with every broadcast", () => checkAll(BinaryMode.div));

  test("with an activation", () => {
    const a = randomImage(6, 2, 3);
    const b = randomImage(6, 2, 3);
    const plain = new Image(6, 2, 3);
    const clamped = new Image(6, 2, 3);
    const leaky = new Image(6, 2, 3);
    const step = newBinary(a, b, plain, BinaryMode.add);
    binary(step, a.at, b.at, plain.at);
    fuseClamp(step);
    binary(step, a.at, b.at, clamped.at);
    fuseLeaky(step);
    binary(step, a.at, b.at, leaky.at);
    expectFused(plain, clamped, leaky);
  });
});
