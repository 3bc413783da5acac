// What Strassen's algorithm makes of a convolution (assembly/kernels/strassen.ts), counted; and from that, by shape alone, where it is
// used. `depth` is how many values a window sees: the channels, times the window's pixels.
import { align } from "./place.ts";
import { columnsCost, LONG, strassenStrip } from "./strips.ts";

/** Vector operations of the sums, as measured: for two pixels and two blocks of values in, and out; for two blocks in and out. */
const SUM_INPUTS = 25;
const SUM_PRODUCTS = 33;
const SUM_WEIGHTS = 100;

/** What must be saved of a plain product's operations: below that there is as much to lose as to gain. */
const LEAST_SHARE = 0.01;

/** Vector operations for an image. */
export function strassenOperations(depth: number, dstChannels: number, pixels: number): number {
  const strip = strassenStrip(pixels, depth);
  const first = align(pixels / 2, 4);
  const columns = 5 * columnsCost(first, strip / 2) + 2 * columnsCost(pixels - first, strip / 2);
  const products = (columns * depth * dstChannels) / 8;
  const weights = (Math.ceil(pixels / strip) * depth * dstChannels * SUM_WEIGHTS) / 64;
  return products + weights + (first * (depth * SUM_INPUTS + dstChannels * SUM_PRODUCTS)) / 8;
}

/** Whether a convolution of one group gains by it. The kernel halves the depth, and takes sixteen output channels at a time. */
export function isStrassen(depth: number, dstChannels: number, pixels: number): boolean {
  if (depth % 8 !== 0 || dstChannels < 16 || pixels < 8) return false;
  const direct = (columnsCost(pixels, pixels) * depth * dstChannels) / 2;
  return strassenOperations(depth, dstChannels, pixels) < (1 - LEAST_SHARE) * direct;
}

/**
 * Scratch of the kernel: four sums of weights (half the depth, eight outputs), of inputs (half a strip's pixels in whole chunks, half
 * the depth), with copies of three quarters of these, and of products (half a strip, eight outputs), each up to a cache line apart, and
 * perhaps a strip gathered.
 */
export function strassenScratch(depth: number, strip: number, gathers: boolean): number {
  const weights = depth * 16 + 64;
  const inputs = (depth / 8) * (strip * 8 + LONG * 16) + 64;
  const products = strip * 16 + 64;
  return 4 * weights + 7 * inputs + 4 * products + (gathers ? depth * strip * 4 : 0);
}
