// What a window makes of Winograd's convolution F(m×m, r×r) (assembly/kernels/winograd.ts), counted.
import type { Fields } from "./kernels.ts";

type Window = Pick<Fields, "kernelHeight" | "kernelWidth" | "strideHeight">;

/** Vector operations of the transforms with six points, for each tile and block of four channels; loads and stores are counted in. */
const INPUT_TRANSFORM = 360;
const OUTPUT_TRANSFORM = 300;

/** r, the taps of a window's phase; the kernel knows 3, 4 and 5. */
export function winogradTaps(kernel: number, stride: number): number {
  return Math.ceil(kernel / stride);
}

/** m + r - 1, as assembly/kernels/winograd-points.ts has it. */
export function winogradPoints({ kernelHeight, strideHeight }: Window): number {
  return winogradTaps(kernelHeight, strideHeight) === 3 ? 6 : 7;
}

/** m, the side of a tile of results. */
export function winogradSide(window: Window): number {
  return winogradPoints(window) + 1 - winogradTaps(window.kernelHeight, window.strideHeight);
}

/**
 * Multiply-adds of a tile for each channel in and out. Along each dimension all phases have a share in the finite points, but in
 * ∞ only those that have r taps.
 */
export function winogradProducts(window: Window): number {
  const { kernelHeight, kernelWidth, strideHeight } = window;
  const finite = winogradPoints(window) - 1;
  const along = (kernel: number) => finite * strideHeight + kernel - (winogradTaps(kernel, strideHeight) - 1) * strideHeight;
  return along(kernelHeight) * along(kernelWidth);
}

/** Vector operations of a tile's transforms for each block of four channels, all phases together. */
export function winogradTransforms(window: Window): { input: number; output: number } {
  const part = (winogradPoints(window) / 6) ** 2;
  return { input: part * INPUT_TRANSFORM * window.strideHeight ** 2, output: part * OUTPUT_TRANSFORM };
}

/**
 * Scratch of the kernel: zeros, two tiles of 49 vectors, and points² transformed inputs (`blocks` of four channels, all phases
 * together) and outputs for each tile, the inputs up to a cache line apart.
 */
export function winogradScratch(window: Window, blocks: number, tiles: number): number {
  return 64 + 2 * 784 + winogradPoints(window) ** 2 * ((blocks + 2) * tiles * 16 + 64);
}
