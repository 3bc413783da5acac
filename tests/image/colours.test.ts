// Grey and printing inks against Pillow 12.0's convert("L") and convert("RGB"), on the same noise.
import assert from "node:assert/strict";
import { test } from "node:test";
import { cmykToRgb } from "../../src/image/cmyk.ts";
import { toGrey } from "../../src/image/grey.ts";
import { noise } from "./noise.ts";

test("RGB becomes grey as in Pillow", () => {
  const expected = [88, 72, 143, 99, 178, 214, 138, 28, 133, 90, 107, 149, 210, 227, 87, 91, 186, 151, 78, 59];
  assert.deepEqual([...toGrey(noise(60))], expected);
});

test("CMYK becomes RGB as in Pillow", () => {
  const expected = [57, 47, 37, 108, 71, 25, 145, 53, 110, 2, 1, 3, 16, 80, 38, 136, 156, 162];
  assert.deepEqual([...cmykToRgb(noise(24))], expected);
});
