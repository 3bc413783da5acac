// Rows of depthwise.ts: `tiles` × 4 neighbouring output pixels of one plane whose windows lie inside the image.
//
// p      the first window's first pixel, in the first row of taps inside the image; rows are `rowStep` bytes apart
// rows   how many rows of taps there are; q their weights, one vector a tap
// add    a residual, or 0;  out  the results
//
// One function a window, since a window's columns are what stays in registers: each input column is loaded once for all
// the pixels that it serves. Sums run over the taps in the same order in all of them.
import { clamp, madd } from "../simd";

/** 3×3, stride 1: 6 columns serve four pixels, so each is loaded once a row of taps. */
function row3x1(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  const bias = v128.load(biasAt);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles, p += 64, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 48) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 48);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 64);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 80);
      a3 = madd(x, w2, a3);
    }
    if (add) {
      a0 = f32x4.add(a0, v128.load(add));
      a1 = f32x4.add(a1, v128.load(add, 16));
      a2 = f32x4.add(a2, v128.load(add, 32));
      a3 = f32x4.add(a3, v128.load(add, 48));
      add += 64;
    }
    v128.store(out, clamp(a0, lo, hi));
    v128.store(out, clamp(a1, lo, hi), 16);
    v128.store(out, clamp(a2, lo, hi), 32);
    v128.store(out, clamp(a3, lo, hi), 48);
  }
}

/** 3×3, stride 2: 9 columns serve four pixels, so each is loaded once a row of taps. */
function row3x2(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  const bias = v128.load(biasAt);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles, p += 128, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 48) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 48);
      a1 = madd(x, w1, a1);
      x = v128.load(row, 64);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 80);
      a2 = madd(x, w1, a2);
      x = v128.load(row, 96);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 112);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 128);
      a3 = madd(x, w2, a3);
    }
    if (add) {
      a0 = f32x4.add(a0, v128.load(add));
      a1 = f32x4.add(a1, v128.load(add, 16));
      a2 = f32x4.add(a2, v128.load(add, 32));
      a3 = f32x4.add(a3, v128.load(add, 48));
      add += 64;
    }
    v128.store(out, clamp(a0, lo, hi));
    v128.store(out, clamp(a1, lo, hi), 16);
    v128.store(out, clamp(a2, lo, hi), 32);
    v128.store(out, clamp(a3, lo, hi), 48);
  }
}

/** 5×5, stride 1: 8 columns serve four pixels, so each is loaded once a row of taps. */
function row5x1(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  const bias = v128.load(biasAt);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles, p += 64, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 80) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w1, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w1, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 80);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w2, a3);
      x = v128.load(row, 96);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w3, a3);
      x = v128.load(row, 112);
      a3 = madd(x, w4, a3);
    }
    if (add) {
      a0 = f32x4.add(a0, v128.load(add));
      a1 = f32x4.add(a1, v128.load(add, 16));
      a2 = f32x4.add(a2, v128.load(add, 32));
      a3 = f32x4.add(a3, v128.load(add, 48));
      add += 64;
    }
    v128.store(out, clamp(a0, lo, hi));
    v128.store(out, clamp(a1, lo, hi), 16);
    v128.store(out, clamp(a2, lo, hi), 32);
    v128.store(out, clamp(a3, lo, hi), 48);
  }
}

/** 5×5, stride 2: 11 columns serve four pixels, so each is loaded once a row of taps. */
function row5x2(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
): void {
  const bias = v128.load(biasAt);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles, p += 128, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep, w += 80) {
      const w0 = v128.load(w);
      const w1 = v128.load(w, 16);
      const w2 = v128.load(w, 32);
      const w3 = v128.load(w, 48);
      const w4 = v128.load(w, 64);
      let x = v128.load(row);
      a0 = madd(x, w0, a0);
      x = v128.load(row, 16);
      a0 = madd(x, w1, a0);
      x = v128.load(row, 32);
      a0 = madd(x, w2, a0);
      a1 = madd(x, w0, a1);
      x = v128.load(row, 48);
      a0 = madd(x, w3, a0);
      a1 = madd(x, w1, a1);
      x = v128.load(row, 64);
      a0 = madd(x, w4, a0);
      a1 = madd(x, w2, a1);
      a2 = madd(x, w0, a2);
      x = v128.load(row, 80);
      a1 = madd(x, w3, a1);
      a2 = madd(x, w1, a2);
      x = v128.load(row, 96);
      a1 = madd(x, w4, a1);
      a2 = madd(x, w2, a2);
      a3 = madd(x, w0, a3);
      x = v128.load(row, 112);
      a2 = madd(x, w3, a2);
      a3 = madd(x, w1, a3);
      x = v128.load(row, 128);
      a2 = madd(x, w4, a2);
      a3 = madd(x, w2, a3);
      x = v128.load(row, 144);
      a3 = madd(x, w3, a3);
      x = v128.load(row, 160);
      a3 = madd(x, w4, a3);
    }
    if (add) {
      a0 = f32x4.add(a0, v128.load(add));
      a1 = f32x4.add(a1, v128.load(add, 16));
      a2 = f32x4.add(a2, v128.load(add, 32));
      a3 = f32x4.add(a3, v128.load(add, 48));
      add += 64;
    }
    v128.store(out, clamp(a0, lo, hi));
    v128.store(out, clamp(a1, lo, hi), 16);
    v128.store(out, clamp(a2, lo, hi), 32);
    v128.store(out, clamp(a3, lo, hi), 48);
  }
}

/** Any window: four pixels at a time, each with its own pointer. */
function rowAny(
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
  columns: i32,
  tapStep: usize,
  pixelStep: usize,
): void {
  const bias = v128.load(biasAt);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  for (; tiles > 0; --tiles, p += pixelStep << 2, out += 64) {
    let a0 = bias;
    let a1 = bias;
    let a2 = bias;
    let a3 = bias;
    let row = p;
    let w = q;
    for (let ky = rows; ky > 0; --ky, row += rowStep) {
      let p0 = row;
      let p1 = p0 + pixelStep;
      let p2 = p1 + pixelStep;
      let p3 = p2 + pixelStep;
      for (let kx = columns; kx > 0; --kx, w += 16) {
        const tap = v128.load(w);
        a0 = madd(v128.load(p0), tap, a0);
        a1 = madd(v128.load(p1), tap, a1);
        a2 = madd(v128.load(p2), tap, a2);
        a3 = madd(v128.load(p3), tap, a3);
        p0 += tapStep;
        p1 += tapStep;
        p2 += tapStep;
        p3 += tapStep;
      }
    }
    if (add) {
      a0 = f32x4.add(a0, v128.load(add));
      a1 = f32x4.add(a1, v128.load(add, 16));
      a2 = f32x4.add(a2, v128.load(add, 32));
      a3 = f32x4.add(a3, v128.load(add, 48));
      add += 64;
    }
    v128.store(out, clamp(a0, lo, hi));
    v128.store(out, clamp(a1, lo, hi), 16);
    v128.store(out, clamp(a2, lo, hi), 32);
    v128.store(out, clamp(a3, lo, hi), 48);
  }
}

/** The row function of a window: `kind` is 2 · its size + its stride, or 0 for any other. */
export function row(
  kind: i32,
  p: usize,
  rowStep: usize,
  rows: i32,
  q: usize,
  biasAt: usize,
  low: f32,
  high: f32,
  add: usize,
  out: usize,
  tiles: i32,
  columns: i32,
  tapStep: usize,
  pixelStep: usize,
): void {
  if (kind == 7) row3x1(p, rowStep, rows, q, biasAt, low, high, add, out, tiles);
  else if (kind == 8) row3x2(p, rowStep, rows, q, biasAt, low, high, add, out, tiles);
  else if (kind == 11) row5x1(p, rowStep, rows, q, biasAt, low, high, add, out, tiles);
  else if (kind == 12) row5x2(p, rowStep, rows, q, biasAt, low, high, add, out, tiles);
  else rowAny(p, rowStep, rows, q, biasAt, low, high, add, out, tiles, columns, tapStep, pixelStep);
}
