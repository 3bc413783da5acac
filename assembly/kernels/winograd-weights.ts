// G g Gᵀ of F(4×4,3×3), for weights that a run transforms itself (winograd.ts): one of six rows of points after the other, so that
// their matrices of a panel stay in a near cache.
import { madd, nmadd } from "../simd";

/** G, for the points of winograd-six.ts. */
const MATRIX = memory.data<f32>([
  1, 0, 0, -0.6666666666666666, -0.47140452079103173, -0.3333333333333333, -0.6666666666666666, 0.47140452079103173,
  -0.3333333333333333, 0.16666666666666666, 0.23570226039551587, 0.3333333333333333, 0.16666666666666666, -0.23570226039551587,
  0.3333333333333333, 0, 0, 1,
]);

/** Bytes of a row of G. */
// @ts-ignore: decorator
@inline
const ROW: usize = 12;

/** A number of G, loaded into a register for the loops that follow, as in simd.ts. */
// @ts-ignore: decorator
@inline
function factor(row: usize, column: usize): v128 {
  return v128.load32_splat(MATRIX + row + 4 * column);
}

/** Three weights at p, `step` bytes apart, times a row of G. */
// @ts-ignore: decorator
@inline
function down(p: usize, step: usize, f0: v128, f1: v128, f2: v128): v128 {
  return madd(v128.load(p + 2 * step), f2, madd(v128.load(p + step), f1, f32x4.mul(v128.load(p), f0)));
}

/**
 * The products of a row of points of a panel's weights [channels][3·3][8], or [4] for a `wide` of 16 bytes, at g → six matrices of as
 * many rows, `out` bytes apart.
 */
export function transformWeights(row: i32, g: usize, channels: i32, wide: usize, to: usize, out: usize): void {
  const f0 = factor(<usize>row * ROW, 0);
  const f1 = factor(<usize>row * ROW, 1);
  const f2 = factor(<usize>row * ROW, 2);
  const near0 = factor(ROW, 0);
  const near1 = factor(ROW, 1);
  const near2 = factor(ROW, 2);
  const far0 = factor(3 * ROW, 0);
  const far1 = factor(3 * ROW, 1);
  const far2 = factor(3 * ROW, 2);
  for (const end = g + <usize>channels * 9 * wide; g < end; g += 8 * wide) {
    for (const next = g + wide; g < next; g += 16, to += 16) {
      const x0 = down(g, 3 * wide, f0, f1, f2);
      const x1 = down(g + wide, 3 * wide, f0, f1, f2);
      const x2 = down(g + 2 * wide, 3 * wide, f0, f1, f2);
      v128.store(to, x0);
      let even = madd(x2, near2, f32x4.mul(x0, near0));
      v128.store(to + out, madd(x1, near1, even));
      v128.store(to + 2 * out, nmadd(x1, near1, even));
      even = madd(x2, far2, f32x4.mul(x0, far0));
      v128.store(to + 3 * out, madd(x1, far1, even));
      v128.store(to + 4 * out, nmadd(x1, far1, even));
      v128.store(to + 5 * out, x2);
    }
  }
}
