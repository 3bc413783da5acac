// What a window makes of Winograd's convolution F(m×m, r×r) (assembly/kernels/winograd.ts), counted.
import type { Fields } from "./kernels.ts";

type Window = Pick<Fields, "kernelHeight" | "kernelWidth" | "strideHeight" | "points">;

/**
 * Vector operations of the transforms for each tile and block of four channels, by points; loads and stores are counted in. As
 * measured: four points need additions alone, seven few of them.
 */
const TRANSFORMS: Readonly<Record<number, { input: number; output: number }>> = {
  4: { input: 90, output: 70 },
  6: { input: 360, output: 300 },
  7: { input: 760, output: 630 },
};

/** r, the taps of a window's phase; the kernel knows 3, 4 and 5. */
export function winogradTaps(kernel: number, stride: number): number {
  return Math.ceil(kernel / stride);
}

/** How many points the kernel can take for r taps, fewest first. */
export function winogradPoints(taps: number): readonly number[] {
  return taps === 3 ? [4, 6, 7] : [7];
}

/** m, the side of a tile of results: points + 1 - r. */
export function winogradSide({ points, kernelHeight, strideHeight }: Window): number {
  return points + 1 - winogradTaps(kernelHeight, strideHeight);
}

/** How many tiles an image of results has. */
export function winogradTiles(window: Window, height: number, width: number): number {
  const side = winogradSide(window);
  return Math.ceil(height / side) * Math.ceil(width / side);
}

/**
 * Multiply-adds of a tile for each channel in and out. Along each dimension all phases have a share in the finite points, but in
 * ∞ only those that have r taps.
 */
export function winogradProducts(window: Window): number {
  const { kernelHeight, kernelWidth, strideHeight } = window;
  const finite = window.points - 1;
  const along = (kernel: number) => finite * strideHeight + kernel - (winogradTaps(kernel, strideHeight) - 1) * strideHeight;
  return along(kernelHeight) * along(kernelWidth);
}

/** Vector operations of a tile's transforms for each block of four channels, all phases together. */
export function winogradTransforms(window: Window): { input: number; output: number } {
  const { input, output } = TRANSFORMS[window.points];
  return { input: input * window.strideHeight ** 2, output };
}

/**
 * Scratch of the kernel: zeros, two tiles of 50 vectors, and points² transformed inputs (`blocks` of four channels, all phases
 * together) and outputs for each tile, the inputs up to a cache line apart.
 */
export function winogradScratch(points: number, blocks: number, tiles: number): number {
  return 64 + 2 * 800 + points ** 2 * ((blocks + 2) * tiles * 16 + 64);
}
