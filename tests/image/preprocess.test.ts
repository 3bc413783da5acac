// From pixels to a network's input: sizes, the place of the crop, scaling, and options that cannot be.
import assert from "node:assert/strict";
import { test } from "node:test";
import { OptionError } from "../../src/errors.ts";
import { centreCrop } from "../../src/image/crop.ts";
import { imagenetNormalisation, normalise } from "../../src/image/normalise.ts";
import { preprocess } from "../../src/image/preprocess.ts";
import { resizeBilinear } from "../../src/image/resize.ts";
import { noise } from "./noise.ts";

const unscaled = { mean: [0], std: [1], scale: 1 };

test("the crop is in the middle, with the odd pixel left over at the end", () => {
  assert.deepEqual(centreCrop(257, 256, [224, 224]), { left: 16, top: 16, width: 224, height: 224 });
  assert.deepEqual(centreCrop(9, 7, [7, 4]), { left: 2, top: 0, width: 4, height: 7 });
  assert.throws(() => centreCrop(223, 300, [224, 224]), OptionError);
});

test("pixels are scaled channel by channel and become planes", () => {
  const tensor = normalise(Uint8Array.of(0, 51, 255, 255, 0, 51), 2, 1, 3, { mean: [0, 0.2, 0.5], std: [1, 2, 0.5], scale: 255 });
  assert.deepEqual(tensor.dims, [1, 3, 1, 2]);
  const expected = [0, 1, 0, -0.1, 1, -0.6].map(Math.fround);
  assert.deepEqual([...tensor.data], expected);
});

test("one mean and one std serve all channels; other counts and zeros are refused", () => {
  assert.deepEqual([...normalise(Uint8Array.of(3, 5, 7), 1, 1, 3, { mean: [1], std: [2], scale: 1 }).data], [1, 2, 3]);
  const pixels = new Uint8Array(3);
  for (const bad of [
    { ...unscaled, mean: [1, 2] },
    { ...unscaled, std: [1, 0, 1] },
    { ...unscaled, scale: 0 },
    { ...unscaled, mean: [Number.NaN] },
  ]) {
    assert.throws(() => normalise(pixels, 1, 1, 3, bad), OptionError);
  }
});

// Width and height of the image, size, and the resized width and height by Python's round(longer * size / shorter).
for (const [width, height, size, toWidth, toHeight] of [
  [700, 466, 256, 385, 256],
  [466, 700, 256, 256, 385],
  [224, 224, 256, 256, 256],
  // 340.5 and 341.5: halves go to the even number.
  [681, 512, 256, 340, 256],
  [683, 512, 256, 342, 256],
]) {
  test(`the shorter side of ${width}×${height} becomes ${size}, the longer one keeps the ratio`, () => {
    const image = { data: noise(width * height * 3), width, height };
    const tensor = preprocess(image, { crop: [200, 224], size, normalisation: unscaled });
    assert.deepEqual(tensor.dims, [1, 3, 200, 224]);
    const resized = resizeBilinear(image.data, width, height, 3, toWidth, toHeight);
    const corner = (Math.floor((toHeight - 200) / 2) * toWidth + Math.floor((toWidth - 224) / 2)) * 3;
    const row = Array.from({ length: 224 }, (_, x) => resized[corner + x * 3]);
    assert.deepEqual([...tensor.data.subarray(0, 224)], row);
  });
}

test("the size is 256 for a crop of 224 where none is given", () => {
  const image = { data: noise(300 * 280 * 3), width: 300, height: 280 };
  const options = { crop: [224, 224], normalisation: imagenetNormalisation } as const;
  assert.deepEqual(preprocess(image, options), preprocess(image, { ...options, size: 256 }));
});

test("an image one pixel wide and very tall takes no more memory than its crop", () => {
  const image = { data: noise(60000 * 3), width: 1, height: 60000 };
  assert.deepEqual(preprocess(image, { crop: [224, 224], normalisation: unscaled }).dims, [1, 3, 224, 224]);
});

test("a grey network gets one channel", () => {
  const image = { data: new Uint8Array(30 * 30 * 3).fill(9), width: 30, height: 30 };
  const tensor = preprocess(image, { crop: [28, 28], normalisation: unscaled, channels: 1 });
  assert.deepEqual(tensor.dims, [1, 1, 28, 28]);
  assert.ok(tensor.data.every((value) => value === 9));
});

test("a crop larger than the resized image, and sizes that are no sizes, are refused", () => {
  const image = { data: new Uint8Array(12), width: 2, height: 2 };
  for (const size of [223, 0, -1, 2.5, Number.NaN]) {
    assert.throws(() => preprocess(image, { crop: [224, 224], size, normalisation: unscaled }), OptionError);
  }
});
