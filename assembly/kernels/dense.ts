// Fully connected layers, and convolutions whose output is one pixel: y = act(W·x + b) for a single column x.
//
//   src [K] float32, weights panels [ceil(M/8)][K][8] as in panel.ts, dst [M]
//
// Bound by reading the weights once, so four panels are read side by side: eight accumulators hide the latency of the adds, and
// four forward streams are what a hardware prefetcher follows. Short panels end before it does: those are read one by one, as the
// single stream that they are (squeeze-and-excite's second layers in half the time).
import { Step } from "../plan";
import { clamp, madd } from "../simd";
import { activatePlanes } from "./activation";

/** Values from which on a panel is long enough to be read beside others. */
// @ts-ignore: decorator
@inline
const LONG_PANEL: i32 = 128;

/** dst[0…channels) = clamp(bias + w·x (+ residual)) for x of `depth` values. */
export function denseColumn(
  x: usize,
  depth: i32,
  channels: i32,
  w: usize,
  bias: usize,
  residual: usize,
  dst: usize,
  low: f32,
  high: f32,
): void {
  const lo = f32x4.splat(low);
  const hi = f32x4.splat(high);
  const panelBytes = (<usize>depth) << 5;
  const end = x + ((<usize>depth) << 2);
  for (; depth >= LONG_PANEL && channels > 28; channels -= 32) {
    let a0 = v128.load(bias);
    let a1 = v128.load(bias, 16);
    let a2 = v128.load(bias, 32);
    let a3 = v128.load(bias, 48);
    let a4 = v128.load(bias, 64);
    let a5 = v128.load(bias, 80);
    let a6 = v128.load(bias, 96);
    let a7 = v128.load(bias, 112);
    let q0 = w;
    let q1 = q0 + panelBytes;
    let q2 = q1 + panelBytes;
    let q3 = q2 + panelBytes;
    for (let p = x; p < end; p += 4) {
      const s = v128.load32_splat(p);
      a0 = madd(s, v128.load(q0), a0);
      a1 = madd(s, v128.load(q0, 16), a1);
      a2 = madd(s, v128.load(q1), a2);
      a3 = madd(s, v128.load(q1, 16), a3);
      a4 = madd(s, v128.load(q2), a4);
      a5 = madd(s, v128.load(q2, 16), a5);
      a6 = madd(s, v128.load(q3), a6);
      a7 = madd(s, v128.load(q3, 16), a7);
      q0 += 32;
      q1 += 32;
      q2 += 32;
      q3 += 32;
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      a2 = f32x4.add(a2, v128.load(residual, 32));
      a3 = f32x4.add(a3, v128.load(residual, 48));
      a4 = f32x4.add(a4, v128.load(residual, 64));
      a5 = f32x4.add(a5, v128.load(residual, 80));
      a6 = f32x4.add(a6, v128.load(residual, 96));
      a7 = f32x4.add(a7, v128.load(residual, 112));
      residual += 128;
    }
    v128.store(dst, clamp(a0, lo, hi));
    v128.store(dst, clamp(a1, lo, hi), 16);
    v128.store(dst, clamp(a2, lo, hi), 32);
    v128.store(dst, clamp(a3, lo, hi), 48);
    v128.store(dst, clamp(a4, lo, hi), 64);
    v128.store(dst, clamp(a5, lo, hi), 80);
    v128.store(dst, clamp(a6, lo, hi), 96);
    v128.store(dst, clamp(a7, lo, hi), 112);
    w += panelBytes << 2;
    bias += 128;
    dst += 128;
  }
  // What is left, a panel at a time.
  for (; channels > 4; channels -= 8) {
    let a0 = v128.load(bias);
    let a1 = v128.load(bias, 16);
    for (let p = x; p < end; p += 4) {
      const s = v128.load32_splat(p);
      a0 = madd(s, v128.load(w), a0);
      a1 = madd(s, v128.load(w, 16), a1);
      w += 32;
    }
    if (residual) {
      a0 = f32x4.add(a0, v128.load(residual));
      a1 = f32x4.add(a1, v128.load(residual, 16));
      residual += 32;
    }
    v128.store(dst, clamp(a0, lo, hi));
    v128.store(dst, clamp(a1, lo, hi), 16);
    bias += 32;
    dst += 32;
  }
  if (channels <= 0) return;
  let a = v128.load(bias);
  for (let p = x; p < end; p += 4) {
    a = madd(v128.load32_splat(p), v128.load(w), a);
    w += 16;
  }
  if (residual) a = f32x4.add(a, v128.load(residual));
  v128.store(dst, clamp(a, lo, hi));
}

/** Opcode.dense: channels → dstChannels of a 1×1 image. */
export function dense(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const channels = load<i32>(step, Step.dstChannels);
  const low = load<f32>(step, Step.low);
  const high = load<f32>(step, Step.high);
  const weights = plan + load<i32>(step, Step.weights);
  const bias = plan + load<i32>(step, Step.bias);
  denseColumn(src, load<i32>(step, Step.channels), channels, weights, bias, residual, dst, low, high);
  // A column is one plane of a pixel for each four channels.
  activatePlanes(step, dst, 1, (channels + 3) >> 2);
}
