import { readNchw, readNhwc, readRgba8, writeNchw, writeNhwc, writeRgba8 } from "../kernels/layout";
import { Step } from "../plan";
import { Image, randomImage } from "./image";
import { float, randomFloats, zeroed } from "./memory";
import { newStep, PLAN, set, setDestination, setSource } from "./step";
import { expectClose, expectExact, Worst } from "./worst";

function newLayout(image: Image): usize {
  const step = newStep();
  setSource(step, image);
  setDestination(step, image);
  return step;
}

describe("readers and writers of NCHW and NHWC", () => {
  test("read what is there, and zeros in lanes beyond", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      for (let width = 1; width <= 6; ++width) {
        const image = new Image(channels, 3, width);
        const step = newLayout(image);
        const pixels = image.pixels();
        // Part of a larger image: two pixels of each channel are others'.
        const row = pixels + 2;
        const src = randomFloats(channels * row);
        set(step, Step.pitch, row << 2);
        const worst = new Worst();
        expect<bool>(readNchw(step, src, image.at)).toBe(true, "finite");
        for (let c = 0; c < image.planes << 2; ++c) {
          for (let p = 0; p < pixels; ++p) worst.compare(image.get(c, p), c < channels ? float(src, c * row + p) : 0);
        }
        expect<bool>(readNhwc(step, src, image.at)).toBe(true, "finite");
        for (let c = 0; c < image.planes << 2; ++c) {
          for (let p = 0; p < pixels; ++p) worst.compare(image.get(c, p), c < channels ? float(src, p * channels + c) : 0);
        }
        expectExact(worst, `${channels} channels, 3×${width}`);
        expect<bool>(image.intact()).toBe(true);
      }
    }
  });

  test("write what is there", () => {
    for (let channels = 1; channels <= 9; ++channels) {
      const image = randomImage(channels, 2, 3);
      const step = newLayout(image);
      const dst = zeroed(channels * 24 + 16);
      const worst = new Worst();
      writeNchw(step, image.at, dst);
      for (let i = 0; i < channels * 6; ++i) worst.compare(float(dst, i), image.get(i / 6, i % 6));
      writeNhwc(step, image.at, dst);
      for (let i = 0; i < channels * 6; ++i) worst.compare(float(dst, i), image.get(i % channels, i / channels));
      for (let i = channels * 6; i < channels * 6 + 4; ++i) worst.compare(float(dst, i), 0);
      expectExact(worst, `${channels} channels`);
    }
  });

  test("readers find NaN and infinities at every place", () => {
    for (let channels = 1; channels <= 5; ++channels) {
      const image = new Image(channels, 1, 6);
      const step = newLayout(image);
      set(step, Step.pitch, 24);
      const src = randomFloats(channels * 6);
      for (let i = 0; i < channels * 6; ++i) {
        const kept = load<f32>(src + (i << 2));
        for (let kind = 0; kind < 3; ++kind) {
          store<f32>(src + (i << 2), kind == 0 ? NaN : kind == 1 ? <f32>Infinity : -(<f32>Infinity));
          const what = `${channels} channels, element ${i}`;
          expect<bool>(readNchw(step, src, image.at)).toBe(false, what);
          expect<bool>(readNhwc(step, src, image.at)).toBe(false, what);
        }
        store<f32>(src + (i << 2), kept);
      }
    }
  });
});

describe("readers and writers of RGBA8 and RGB8", () => {
  test("readRgba8 scales and shifts each colour and drops alpha", () => {
    for (let i = 2; i <= 11; ++i) {
      const width = i >> 1;
      const bytes = 3 + (i & 1);
      const image = new Image(3, 2, width);
      const step = newLayout(image);
      const factors = randomFloats(8);
      // The plan gives alpha a scale and a shift of 0.
      store<f32>(factors, 0, 12);
      store<f32>(factors, 0, 28);
      set(step, Step.weights, <i32>factors);
      set(step, Step.pixelStride, bytes);
      const src = zeroed(8 * width);
      for (let i = 0; i < 2 * bytes * width; ++i) store<u8>(src + i, <u8>(i * 37));
      readRgba8(step, PLAN, src, image.at);
      const worst = new Worst();
      for (let c = 0; c < 4; ++c) {
        for (let p = 0; p < image.pixels(); ++p) {
          const expected = float(factors, c) * <f64>load<u8>(src + p * bytes + c) + float(factors, 4 + c);
          worst.compare(image.get(c, p), expected);
        }
      }
      expectClose(worst, `width ${width}, ${bytes} bytes`);
      expect<bool>(image.intact()).toBe(true);
    }
  });

  test("writeRgba8 rounds, saturates and sets alpha to 255", () => {
    const image = new Image(3, 1, 5);
    const reds: StaticArray<f32> = [-20, 0.2, 0.5, 0.998, 30];
    for (let p = 0; p < 5; ++p) {
      image.set(0, p, reds[p]);
      image.set(1, p, 0.25);
      image.set(2, p, <f32>p);
    }
    const step = newLayout(image);
    const factors = zeroed(32);
    v128.store(factors, f32x4(255, 100, -10, 1));
    v128.store(factors, f32x4(0, 1.4, 200, 0), 16);
    set(step, Step.weights, <i32>factors);
    const dst = zeroed(24);
    const bytes = new StaticArray<u8>(24);
    set(step, Step.pixelStride, 3);
    writeRgba8(step, PLAN, image.at, dst);
    memory.copy(changetype<usize>(bytes), dst, 24);
    expect<string>(bytes.join(" ")).toBe("0 26 200 51 26 190 128 26 180 254 26 170 255 26 160 0 0 0 0 0 0 0 0 0");
    set(step, Step.pixelStride, 4);
    writeRgba8(step, PLAN, image.at, dst);
    memory.copy(changetype<usize>(bytes), dst, 24);
    expect<string>(bytes.join(" ")).toBe("0 26 200 255 51 26 190 255 128 26 180 255 254 26 170 255 255 26 160 255 0 0 0 0");
  });
});
