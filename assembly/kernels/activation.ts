// Activations: y = f(x), element by element (ONNX LeakyRelu, Elu, Sigmoid, Swish, HardSigmoid, HardSwish, Clip, Relu).
//
// Kernels clamp in their epilogue, where that costs two instructions, and call `activateRun` on what they have just
// written, while it is in the first-level cache, for everything else.
import { Activation, Step } from "../plan";
import { clamp } from "../simd";
import { powerRun } from "./powers";

/** Applies an activation to one or more consecutive vectors; dst may be src. For Activation.none, a clamp to [alpha, beta]. */
export function activateRun(src: usize, dst: usize, vectors: i32, kind: i32, alpha: f32, beta: f32): void {
  const a = f32x4.splat(alpha);
  const b = f32x4.splat(beta);
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  const end = src + ((<usize>vectors) << 4);
  if (kind == Activation.none) {
    for (; src < end; src += 16, dst += 16) v128.store(dst, clamp(v128.load(src), a, b));
  } else if (kind == Activation.leakyRelu) {
    for (; src < end; src += 16, dst += 16) {
      const x = v128.load(src);
      v128.store(dst, v128.bitselect(f32x4.mul(x, a), x, f32x4.lt(x, zero)));
    }
  } else if (kind == Activation.sigmoid || kind == Activation.swish || kind == Activation.elu) {
    powerRun(src, dst, vectors, kind, alpha);
  } else if (kind == Activation.hardSigmoid) {
    for (; src < end; src += 16, dst += 16) {
      v128.store(dst, clamp(f32x4.add(f32x4.mul(v128.load(src), a), b), zero, one));
    }
  } else {
    // hardSwish: x · clamp(x/6 + 1/2, 0, 1)
    const sixth = f32x4.splat(1.0 / 6.0);
    const half = f32x4.splat(0.5);
    for (; src < end; src += 16, dst += 16) {
      const x = v128.load(src);
      v128.store(dst, f32x4.mul(x, clamp(f32x4.add(f32x4.mul(x, sixth), half), zero, one)));
    }
  }
}

/** Applies the step's activation, if it is more than a clamp, to planes that a kernel has just written. */
export function activatePlanes(step: usize, dst: usize, planes: i32, pixels: i32): void {
  const kind = load<i32>(step, Step.activation);
  if (kind == Activation.none) return;
  const pitch = load<i32>(step, Step.dstPitch);
  const alpha = load<f32>(step, Step.alpha);
  const beta = load<f32>(step, Step.beta);
  for (; planes > 0; --planes, dst += pitch) activateRun(dst, dst, pixels, kind, alpha, beta);
}

/** Opcode.activate: dst[c][p] = f(src[c][p]). */
export function activate(step: usize, src: usize, dst: usize): void {
  const planes = (load<i32>(step, Step.channels) + 3) >> 2;
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const kind = load<i32>(step, Step.activation);
  const alpha = kind ? load<f32>(step, Step.alpha) : load<f32>(step, Step.low);
  const beta = kind ? load<f32>(step, Step.beta) : load<f32>(step, Step.high);
  const pitch = load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  for (let i = 0; i < planes; ++i) {
    activateRun(src + i * pitch, dst + i * dstPitch, pixels, kind, alpha, beta);
  }
}
