// Resizing against Pillow 12.0's Image.resize(size, BILINEAR), by the SHA-256 of what it gives for the same noise.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { resizeBilinear } from "../../src/image/resize.ts";
import { noise } from "./noise.ts";

const pillow: [width: number, height: number, toWidth: number, toHeight: number, sha256: string][] = [
  [1, 1, 1, 1, "0ba3c0c9fa4fa363"],
  [1, 1, 5, 7, "95ca2ee491ca96cd"],
  [7, 5, 1, 1, "1304ebf43ed087e3"],
  [5, 1, 50, 3, "d9e2adc2449ee7bf"],
  [3, 200, 25, 30, "f93029baa0fea7e4"],
  [2, 2, 3, 3, "2a3c0294e393e08d"],
  [16, 12, 16, 12, "ab818bc9322414a1"],
  [50, 60, 50, 61, "d2d10306f6740de7"],
  [50, 60, 51, 60, "a7cc00348b87b325"],
  [101, 97, 33, 251, "508df1cdb1670688"],
  [320, 213, 64, 43, "7155c01faeae8f0e"],
  [57, 141, 26, 64, "30516eff2ce03f6f"],
  [64, 64, 73, 73, "c6c7cf0ba50839cf"],
  [400, 10, 10, 200, "7989c7b7cd178935"],
  [255, 1, 1, 9, "2dd190428a93e414"],
];

for (const [width, height, toWidth, toHeight, expected] of pillow) {
  test(`${width}×${height} to ${toWidth}×${toHeight} is what Pillow gives`, () => {
    const resized = resizeBilinear(noise(width * height * 3), width, height, 3, toWidth, toHeight);
    assert.equal(resized.length, toWidth * toHeight * 3);
    assert.equal(createHash("sha256").update(resized).digest("hex").slice(0, 16), expected);
  });
}

test("white stays white, at any size", () => {
  for (let size = 1; size < 100; ++size) {
    const resized = resizeBilinear(new Uint8Array(37 * 41).fill(255), 37, 41, 1, size, 100 - size);
    assert.ok(resized.every((value) => value === 255));
  }
});

test("a window is that part of the whole", () => {
  const pixels = noise(61 * 47 * 3);
  const whole = resizeBilinear(pixels, 61, 47, 3, 40, 90);
  const part = resizeBilinear(pixels, 61, 47, 3, 40, 90, { left: 7, top: 31, width: 20, height: 9 });
  for (let y = 0; y < 9; ++y) {
    const start = ((31 + y) * 40 + 7) * 3;
    assert.deepEqual(part.subarray(y * 60, (y + 1) * 60), whole.subarray(start, start + 60));
  }
});
