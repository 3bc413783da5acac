import assert from "node:assert/strict";
import { test } from "node:test";
import { planePitch, planesOf } from "../../src/plan/place.ts";
import { gatheredStrip, panelsTogether, pointwiseStrip, shouldGather, winogradStrip } from "../../src/plan/strips.ts";

const KiB = 1024;

test("strips are whole fours, and no longer than the image", () => {
  for (const pixels of [2, 4, 5, 49, 169, 196, 3136, 12544]) {
    for (const channels of [4, 12, 64, 512, 2048]) {
      for (const weights of [KiB, 2048 * KiB]) {
        const strips = [
          pointwiseStrip(pixels, channels * 4, weights),
          gatheredStrip(pixels, channels * 36, weights),
          winogradStrip(pixels, planesOf(channels), 36),
        ];
        for (const strip of strips) {
          assert.equal(strip % 4, 0);
          assert.ok(strip >= 4 && strip < pixels + 4, `${strip} of ${pixels} pixels`);
        }
      }
    }
  }
});

test("one pixel is a strip of one, as kernels for one column want it", () => {
  assert.equal(pointwiseStrip(1, 256, KiB), 1);
  assert.equal(gatheredStrip(1, 256, KiB), 1);
});

test("Winograd's strips leave little over for short tiles", () => {
  assert.equal(winogradStrip(784, planesOf(128), 36), 36, "112²: twelves, as many as the first-level cache holds results of");
  assert.equal(winogradStrip(49, planesOf(128), 36), 28, "28²: two strips, not three");
  assert.equal(winogradStrip(49, planesOf(512), 36), 28, "of many channels too: no more passes of the weights");
  assert.equal(winogradStrip(784, planesOf(2048), 36), 12, "but of 2048 channels no more than the caches hold");
  assert.equal(winogradStrip(16, planesOf(256), 36), 16, "14²: one");
  assert.equal(winogradStrip(4, planesOf(512), 36), 4, "7²: one");
  assert.equal(winogradStrip(784, 4, 49), 24, "a stem with 49 results a tile: twelves, as many as the cache holds");
});

test("Winograd's products are computed for several panels, more where the first-level cache holds their inputs", () => {
  assert.equal(panelsTogether(12, 256, 256, 1), 16, "14²");
  assert.equal(panelsTogether(4, 512, 512, 1), 16, "7²");
  assert.equal(panelsTogether(28, 128, 192, 1), 12, "28²: evenly");
  assert.equal(panelsTogether(4, 12, 5, 1), 1, "a single panel");
  assert.equal(panelsTogether(12, 512, 512, 1), 4, "14² with more channels than the cache holds");
});

test("Winograd's panels divide among threads", () => {
  for (const threads of [1, 2, 3, 4, 8]) {
    for (const outputs of [8, 33, 64, 96, 256, 272, 512]) {
      const all = Math.ceil(outputs / 8);
      const panels = panelsTogether(4, 64, outputs, threads);
      assert.ok(panels >= 1 && panels <= 16);
      const largest = Math.ceil(Math.ceil(all / panels) / threads) * panels;
      assert.ok(largest < all / threads + 3, `${threads} threads, ${all} panels: one gets ${largest}`);
    }
  }
});

test("weights that stream from memory are worth longer strips", () => {
  assert.ok(pointwiseStrip(3136, 2048, 2048 * KiB) > pointwiseStrip(3136, 2048, KiB));
  assert.ok(gatheredStrip(3136, 2048, 2048 * KiB) > gatheredStrip(3136, 2048, KiB));
});

test("strips are gathered where a tile lies in too many pages, for enough output channels", () => {
  const gathers = (side: number, channels: number, outputs: number) =>
    shouldGather(planesOf(channels), planePitch(side, side), outputs);
  assert.ok(gathers(56, 256, 64));
  assert.ok(gathers(56, 64, 64));
  assert.ok(gathers(28, 512, 128));
  assert.ok(gathers(14, 1024, 256));
  assert.ok(!gathers(56, 256, 16));
  assert.ok(!gathers(112, 32, 64));
  assert.ok(!gathers(28, 256, 256));
  assert.ok(!gathers(14, 512, 512));
  assert.ok(!gathers(7, 2048, 512));
});
