// How Winograd's transforms (winograd.ts) go over tiles: along one dimension after the other, since a tile's vectors fit no registers,
// and line by line, for all tiles of a run that lie beside each other. What is transformed once lies in a buffer in between, in rows of
// ROW bytes, columns of all tiles side by side: so neighbouring tiles share the columns of inputs in which they overlap, and lines have
// most of their addresses in common.
import { clear, storeResult } from "../simd";

/** Tiles of a run at most. */
// @ts-ignore: decorator
@inline
export const RUN: i32 = 8;

/** Bytes of a row of the buffer: eight tiles of 5 results in 7 points. */
// @ts-ignore: decorator
@inline
export const ROW: usize = 42 * 16;

/** Bytes of the buffer: rows of seven points. */
// @ts-ignore: decorator
@inline
export const BUFFER: usize = 7 * ROW;

/** Zeros for so many columns of rows of the buffer. */
export function clearRows(at: usize, rows: i32, columns: i32): void {
  for (; rows > 0; --rows, at += ROW) clear(at, (<usize>columns) << 4);
}

/** Stores a result; one of the last transform with bias, residual if there is one, and clamp. */
// @ts-ignore: decorator
@inline
export function put(to: usize, result: v128, last: bool, residual: usize, base: v128, lo: v128, hi: v128): void {
  if (last) storeResult(to, result, base, residual, lo, hi);
  else v128.store(to, result);
}
