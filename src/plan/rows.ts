// Rows of a windowed step's results: how many fill whole tiles, and which rows of the source they need.
import type { Fields } from "./kernels.ts";

/** The row of the source at which the window of row `y` of the results begins, or the first one below it that is no padding. */
export function firstRow(s: Fields, y: number): number {
  return Math.max(y * s.strideHeight - s.padTop, 0);
}

/** The fields of a step that computes only rows [first, first + count), from a source that begins with row `skipped`. */
export function rowsOf(s: Fields, first: number, count: number) {
  const skipped = firstRow(s, first);
  const padTop = Math.max(s.padTop - first * s.strideHeight, 0);
  return { skipped, fields: { height: s.height - skipped, padTop, dstHeight: count } };
}

/** The fewest rows of results that are whole fours of pixels, as kernels compute four at a time. */
export function wholeRows({ dstWidth }: Fields): number {
  return [1, 2, 4].find((count) => (count * dstWidth) % 4 === 0)!;
}
