// The transforms of Winograd's F(5×4,3×3) (winograd.ts): seven points down, as in winograd-seven.ts, and six across, as in
// winograd-six.ts. Three tiles by four fill an image of 13² or 14², where 4×4 results would need sixteen.
import * as seven from "./winograd-seven";
import * as six from "./winograd-six";

/** Bᵀ d B for 7×6 pixels at p, `rowBytes` and `pixelBytes` apart; result k at q + k·out. `temp` holds 42 vectors. */
export function inputSevenSix(p: usize, rowBytes: usize, pixelBytes: usize, q: usize, out: usize, temp: usize): void {
  const two = six.constant(six.Constant.two);
  const half = six.constant(six.Constant.half);
  const root2 = six.constant(six.Constant.root2);
  const halfRoot2 = six.constant(six.Constant.halfRoot2);
  const squares = six.constant(six.Constant.squares);
  for (let to = temp; to < temp + 96; to += 16, p += pixelBytes) seven.inputColumn(p, rowBytes, to, 96);
  for (let row = temp; row < temp + 672; row += 96, q += 6 * out) {
    six.inputColumn(row, 16, q, out, two, half, root2, halfRoot2, squares);
  }
}

/** As outputSix, of 7×6 vectors, to 5×4 results. `temp` holds 28. */
export function outputSevenSix(
  p: usize,
  out: usize,
  temp: usize,
  to: usize,
  residual: usize,
  row: usize,
  bias: usize,
  low: f32,
  high: f32,
): void {
  const base = v128.load(bias);
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const half = six.constant(six.Constant.half);
  const root2 = six.constant(six.Constant.root2);
  const halfRoot2 = six.constant(six.Constant.halfRoot2);
  for (let q = temp; q < temp + 448; q += 64, p += 6 * out) {
    six.outputLine(p, out, q, 16, false, 0, 0, base, lo, hi, half, root2, halfRoot2);
  }
  const a = seven.constant(seven.Constant.a);
  const b = seven.constant(seven.Constant.b);
  const c = seven.constant(seven.Constant.c);
  const aa = seven.constant(seven.Constant.aa);
  const bb = seven.constant(seven.Constant.bb);
  const cc = seven.constant(seven.Constant.cc);
  const residualStep: usize = residual ? 16 : 0;
  const residualRow = residual ? row : 0;
  for (let q = temp; q < temp + 64; q += 16, to += 16, residual += residualStep) {
    seven.outputLine(q, 64, to, row, 5, true, residual, residualRow, base, lo, hi, a, b, c, aa, bb, cc);
  }
}
