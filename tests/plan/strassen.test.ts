// The choice of Strassen's algorithm: by shape alone, where the sums cost less than the multiplications they save.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ConvOptions } from "../../src/graph/builder.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { MemoryChoice } from "../../src/plan/cost.ts";
import { compile } from "../../src/plan/index.ts";
import { isStrassen, strassenOperations } from "../../src/plan/strassen.ts";
import { strassenStrip } from "../../src/plan/strips.ts";
import { withData } from "./graphs.ts";

test("it is for many channels and pixels", () => {
  assert.ok(isStrassen(512, 512, 14 * 14));
  assert.ok(isStrassen(256, 256, 28 * 28));
  assert.ok(isStrassen(512, 1000, 13 * 13));
  assert.ok(!isStrassen(32, 128, 27 * 27), "too few channels in");
  assert.ok(!isStrassen(128, 32, 27 * 27), "too few channels out");
  assert.ok(!isStrassen(1024, 1024, 7 * 7), "too few pixels for the sums of weights");
  assert.ok(!isStrassen(516, 512, 14 * 14), "halves of the channels are no whole blocks");
  assert.ok(isStrassen(9 * 64, 64, 56 * 56), "a window's values count as channels");
  assert.ok(!isStrassen(9 * 256, 256, 28 * 28), "too few pixels in a strip that a second-level cache holds");
});

test("more pixels or channels never count as fewer operations, but for what strips that two threads can share cost", () => {
  let before = 0;
  for (let pixels = 8; pixels <= 4000; pixels += 8) {
    const operations = strassenOperations(256, 256, pixels);
    assert.ok(operations >= 0.98 * before, `${pixels} pixels`);
    before = Math.max(operations, before);
  }
  assert.ok(strassenOperations(264, 256, 196) > strassenOperations(256, 256, 196));
});

test("two threads get as many pixels, where strips can be cut so", () => {
  for (const [pixels, channels] of [
    [56 * 56, 96],
    [56 * 56, 256],
    [28 * 28, 512],
  ]) {
    const strip = strassenStrip(pixels, channels);
    const larger = Math.ceil(Math.ceil(pixels / strip) / 2) * strip;
    assert.ok(larger <= 0.52 * pixels, `strips of ${strip} in ${pixels} pixels`);
  }
});

test("strips are whole eights", () => {
  for (const pixels of [9, 49, 169, 196, 784, 3136]) {
    for (const channels of [64, 160, 1024]) {
      const strip = strassenStrip(pixels, channels);
      assert.equal(strip % 8, 0);
      assert.ok(strip >= 8 && strip < pixels + 8, `${strip} of ${pixels} pixels`);
    }
  }
});

test("groups, small memories and Winograd's windows are for other kernels, strides, pads and other windows are not", () => {
  const kernelOf = (options: Partial<ConvOptions>, memory?: MemoryChoice) => {
    const builder = new GraphBuilder("one");
    const x = builder.input("x", [1, 256, 28, 28]);
    const graph = builder.build({ y: builder.conv("c", x, { outChannels: 256, kernel: 1, ...options }) });
    return compile(withData(graph), { memory }).steps.find(({ name }) => name === "c")!.kernel;
  };
  assert.equal(kernelOf({}), "strassen");
  assert.equal(kernelOf({ stride: 2 }), "strassen");
  assert.equal(kernelOf({}, "small"), "pointwise");
  assert.equal(kernelOf({ group: 2 }), "pointwise");
  assert.equal(kernelOf({ pad: 1 }), "strassen");
  assert.equal(kernelOf({ kernel: 3, pad: 1 }), "winograd");
  assert.equal(kernelOf({ kernel: 3, pad: 1, stride: 2 }), "winograd");
  assert.equal(kernelOf({ kernel: [1, 2], dilation: 2 }), "strassen");
  assert.equal(kernelOf({ kernel: 3, pad: 1, dilation: 2 }), "conv");
  assert.equal(kernelOf({ kernel: 3, pad: 1, stride: 2 }, "small"), "conv");
});
