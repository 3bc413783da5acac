// The cost model: which of two ways to compute a convolution is faster, from its shape alone. Algorithms that round
// differently must be chosen so, and never by timing: a plan is a pure function of graph and options.
import { align, planesOf } from "./place.ts";

/** Bytes of transformed inputs that a strip of Winograd tiles may fill: they are read once for each output panel. */
const STRIP_BYTES = 384 * 1024;

/** Below this a strip would stream all weights for too few tiles, whatever the cache says. */
const LEAST_TILES = 16;

/** How many tiles Winograd transforms at a time. */
export function winogradStrip(channels: number, tiles: number): number {
  const fitting = Math.floor(STRIP_BYTES / (36 * planesOf(channels) * 16) / 4) * 4;
  return Math.min(align(tiles, 4), Math.max(LEAST_TILES, fitting));
}

/** Vector operations of the transforms, for each tile and block of four channels; loads and stores are counted in. */
const INPUT_TRANSFORM = 360;
const OUTPUT_TRANSFORM = 300;

/** Whether F(4×4,3×3) takes fewer vector operations than gathering windows and multiplying them. */
export function winogradPays(inputs: number, outputs: number, height: number, width: number): boolean {
  const tiles = align(Math.ceil(height / 4) * Math.ceil(width / 4), 4);
  const products = (count: number) => (count * inputs * planesOf(outputs) * 4) / 2;
  const direct = products(9 * height * width) + 9 * height * width * planesOf(inputs) * 3;
  const winograd = products(36 * tiles) + tiles * (planesOf(inputs) * INPUT_TRANSFORM + planesOf(outputs) * OUTPUT_TRANSFORM);
  return winograd < direct;
}
