// What a window makes of Winograd's convolution F(m×m, r×r) (assembly/kernels/winograd.ts), counted.
import type { Fields } from "./kernels.ts";
import { planesOf } from "./place.ts";

type Window = Pick<Fields, "kernelHeight" | "kernelWidth" | "strideHeight" | "products">;

/** By how many products a tile; and whether of weights that are stored as they are, and transformed in the run. */
export interface WinogradForm {
  readonly products: number;
  readonly inRun: boolean;
}

/**
 * Vector operations of the transforms for each tile and block of four channels, by its products; loads and stores are counted in.
 * As measured: three and four points need additions alone.
 */
const TRANSFORMS: Readonly<Record<number, { input: number; output: number }>> = {
  9: { input: 85, output: 65 },
  16: { input: 60, output: 50 },
  36: { input: 225, output: 255 },
  42: { input: 345, output: 315 },
  49: { input: 510, output: 425 },
};

/** The kernel's buffer of a run of tiles: seven rows of 42 vectors (assembly/kernels/winograd-lines.ts). */
const BUFFER_BYTES = 7 * 42 * 16;

/** Panels for which the kernel computes a product before it turns to the next, at most: more gain little. */
export const MOST_PANELS = 16;

/** r, the taps of a window's phase; the kernel knows 2 to 5. */
export function winogradTaps(kernel: number, stride: number): number {
  return Math.ceil(kernel / stride);
}

/** How many products a tile can have for r taps, fewest first. */
export function winogradChoices(taps: number): readonly number[] {
  if (taps === 2) return [9];
  return taps === 3 ? [16, 36, 42, 49] : [49];
}

/** Whether a run can transform the weights: those of F(4×4,3×3) (assembly/kernels/winograd-weights.ts). */
export function canBeInRun({ products, strideHeight }: Pick<Window, "products" | "strideHeight">): boolean {
  return products === 36 && strideHeight === 1;
}

/** Rows of points of a tile, and points in each, as assembly/kernels/winograd-points.ts has it. */
function winogradPoints({ products }: Window): [rows: number, columns: number] {
  const columns = products === 42 ? 6 : Math.sqrt(products);
  return [products / columns, columns];
}

/** Blocks of four channels, those of all phases. */
export function winogradBlocks({ strideHeight }: Pick<Window, "strideHeight">, channels: number): number {
  return strideHeight ** 2 * planesOf(channels);
}

/** A tile of results: along each side r - 1 fewer than points. */
export function winogradTile(window: Window): { tileHeight: number; tileWidth: number } {
  const [rows, columns] = winogradPoints(window);
  const less = winogradTaps(window.kernelHeight, window.strideHeight) - 1;
  return { tileHeight: rows - less, tileWidth: columns - less };
}

/** How many tiles an image of results has. */
export function winogradTiles(window: Window, height: number, width: number): number {
  const { tileHeight, tileWidth } = winogradTile(window);
  return Math.ceil(height / tileHeight) * Math.ceil(width / tileWidth);
}

/**
 * Multiply-adds of a tile for each channel in and out, which is how many matrices the transformed weights are. Along each dimension
 * all phases have a share in the finite points, but in ∞ only those that have r taps.
 */
export function winogradProducts(window: Window): number {
  const { kernelHeight, kernelWidth, strideHeight } = window;
  const [rows, columns] = winogradPoints(window);
  const along = (points: number, kernel: number) =>
    (points - 1) * strideHeight + kernel - (winogradTaps(kernel, strideHeight) - 1) * strideHeight;
  return along(rows, kernelHeight) * along(columns, kernelWidth);
}

/** Matrices that are stored for each channel in and out: products' weights, or a window's where a run transforms them. */
export function winogradMatrices(window: Window & Pick<Fields, "panels">): number {
  return window.panels === 0 ? window.kernelHeight * window.kernelWidth : winogradProducts(window);
}

/** Vector operations of a tile's transforms for each block of four channels, all phases together. */
export function winogradTransforms(window: Window): { input: number; output: number } {
  const { input, output } = TRANSFORMS[window.products];
  return { input: input * window.strideHeight ** 2, output };
}

/**
 * Scratch of the kernel: two buffers, and for each tile as many transformed inputs (`blocks` of four channels,
 * all phases together) and outputs (of so many panels of eight channels) as it has products, the inputs up to a cache line apart. Where
 * a run transforms weights, for 0 panels, outputs of one, and its weights of a row of points.
 */
export function winogradScratch(products: number, blocks: number, tiles: number, panels: number): number {
  const weights = panels === 0 ? Math.sqrt(products) * (blocks * 128 + 64) : 0;
  return 2 * BUFFER_BYTES + products * ((blocks + 2 * Math.max(panels, 1)) * tiles * 16 + 64) + weights;
}
