// Tiles of depthwise-tiles.ts for windows of three columns.
//
// `row` is where a tile's first window begins, in the first row of taps inside the image, `w` that row's weights. `rows` rows of taps
// count, and of each the columns from `from` up to `to`; of the seven pixels, the first `count`.
import { madd } from "../simd";
import { finish } from "./depthwise-finish";

/** 3 columns, stride 1: 9 columns serve the 7 pixels. */
// @ts-ignore: decorator
@inline
export function tile3x1(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 48) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    x = v128.load(row, 16);
    a0 = madd(x, w1, a0);
    a1 = madd(x, w0, a1);
    if (to > 2) {
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
    }
    if (to > 3) {
      x = v128.load(row, 48);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
    }
    if (to > 4) {
      x = v128.load(row, 64);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      a4 = madd(x, w0, a4);
    }
    if (to > 5) {
      x = v128.load(row, 80);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w1, a4);
      a5 = madd(x, w0, a5);
    }
    if (to > 6) {
      x = v128.load(row, 96);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w1, a5);
      a6 = madd(x, w0, a6);
    }
    if (to > 7) {
      x = v128.load(row, 112);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w1, a6);
    }
    if (to > 8) {
      x = v128.load(row, 128);
      a6 = madd(x, w2, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}

/** 3 columns, stride 2: 15 columns serve the 7 pixels, two more each, of which the image's edge may cut off one. */
// @ts-ignore: decorator
@inline
export function tile3x2(
  row: usize,
  rowStep: usize,
  rows: i32,
  w: usize,
  bias: usize,
  bounded: bool,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  from: i32,
  to: i32,
  count: i32,
): void {
  let a0 = v128.load(bias);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  for (; rows > 0; --rows, row += rowStep, w += 48) {
    const w0 = v128.load(w);
    const w1 = v128.load(w, 16);
    const w2 = v128.load(w, 32);
    let x: v128;
    if (from < 1) {
      x = v128.load(row);
      a0 = madd(x, w0, a0);
    }
    x = v128.load(row, 16);
    a0 = madd(x, w1, a0);
    if (to > 2) {
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
    }
    if (to > 4) {
      x = v128.load(row, 48);
      a1 = madd(x, w1, a1);
      x = v128.load(row, 64);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
    } else if (to > 3) {
      x = v128.load(row, 48);
      a1 = madd(x, w1, a1);
    }
    if (to > 6) {
      x = v128.load(row, 80);
      a2 = madd(x, w1, a2);
      x = v128.load(row, 96);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
    } else if (to > 5) {
      x = v128.load(row, 80);
      a2 = madd(x, w1, a2);
    }
    if (to > 8) {
      x = v128.load(row, 112);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 128);
      a3 = madd(x, w2, a3);
      a4 = madd(x, w0, a4);
    } else if (to > 7) {
      x = v128.load(row, 112);
      a3 = madd(x, w1, a3);
    }
    if (to > 10) {
      x = v128.load(row, 144);
      a4 = madd(x, w1, a4);
      x = v128.load(row, 160);
      a4 = madd(x, w2, a4);
      a5 = madd(x, w0, a5);
    } else if (to > 9) {
      x = v128.load(row, 144);
      a4 = madd(x, w1, a4);
    }
    if (to > 12) {
      x = v128.load(row, 176);
      a5 = madd(x, w1, a5);
      x = v128.load(row, 192);
      a5 = madd(x, w2, a5);
      a6 = madd(x, w0, a6);
    } else if (to > 11) {
      x = v128.load(row, 176);
      a5 = madd(x, w1, a5);
    }
    if (to > 14) {
      x = v128.load(row, 208);
      a6 = madd(x, w1, a6);
      x = v128.load(row, 224);
      a6 = madd(x, w2, a6);
    } else if (to > 13) {
      x = v128.load(row, 208);
      a6 = madd(x, w1, a6);
    }
  }
  finish(a0, a1, a2, a3, a4, a5, a6, bounded, low, high, add, out, count);
}
