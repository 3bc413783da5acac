// Probes of the host's arithmetic, run once at start-up. A host may announce relaxed SIMD and compute it wrongly (Node
// 20's 8-bit dot product is wrong on every input), so a feature flag alone is not believed.
import { madd } from "./simd";

/** Whether a·b + c is right, rounded once (fused) or twice, in every lane. */
export function arithmeticIsSound(): bool {
  // (1 + 2⁻¹²)(1 − 2⁻¹²) − 1 is −2⁻²⁴ exactly, and 0 where the product is rounded first.
  const tiny: f32 = 1.0 / 4096.0;
  const close = madd(f32x4(1 + tiny, 3, -2, 0.5), f32x4(1 - tiny, 5, 7, -8), f32x4(-1, 1, 20, 4));
  const once = f32x4(-1.0 / 16777216.0, 16, 6, 0);
  const twice = f32x4(0, 16, 6, 0);
  return i32x4.all_true(f32x4.eq(close, once)) || i32x4.all_true(f32x4.eq(close, twice));
}
