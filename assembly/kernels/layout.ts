// Layout conversion at the edges of a model: NCHW, NHWC, RGB8 and RGBA8 into C4HW planes, and back.
//
// Readers fill the lanes beyond the last channel with zeros. They return false where the input holds NaN or an
// infinity: x − x is 0 for every finite x, and checking it here is cheaper than another pass.
import { Step } from "../plan";
import { clamp } from "../simd";

// @ts-ignore: decorator
@inline
function notFinite(x: v128): v128 {
  return f32x4.ne(f32x4.sub(x, x), f32x4.splat(0));
}

/** Stores the first `count` columns of a matrix of four rows, `step` bytes from one to the next. */
// @ts-ignore: decorator
@inline
function storeTransposed(x0: v128, x1: v128, x2: v128, x3: v128, count: i32, to: usize, step: usize): void {
  const e01 = v128.shuffle<f32>(x0, x1, 0, 4, 1, 5);
  const o01 = v128.shuffle<f32>(x0, x1, 2, 6, 3, 7);
  const e23 = v128.shuffle<f32>(x2, x3, 0, 4, 1, 5);
  const o23 = v128.shuffle<f32>(x2, x3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<f32>(e01, e23, 0, 1, 4, 5));
  if (count > 1) v128.store(to + step, v128.shuffle<f32>(e01, e23, 2, 3, 6, 7));
  if (count > 2) v128.store(to + 2 * step, v128.shuffle<f32>(o01, o23, 0, 1, 4, 5));
  if (count > 3) v128.store(to + 3 * step, v128.shuffle<f32>(o01, o23, 2, 3, 6, 7));
}

/** Opcode.readNchw: src [C][H·W] float32, `pitch` bytes from a channel to the next. */
export function readNchw(step: usize, src: usize, dst: usize): bool {
  const channels = load<i32>(step, Step.channels);
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const row = <usize>load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const none = i32x4.splat(0);
  let bad = none;
  for (let c = 0; c < channels; c += 4, dst += dstPitch) {
    const lanes = min(4, channels - c);
    let p = src + <usize>c * row;
    let q = dst;
    let i = pixels;
    for (; i > 3; i -= 4, p += 16, q += 64) {
      const x0 = v128.load(p);
      const x1 = lanes > 1 ? v128.load(p + row) : none;
      const x2 = lanes > 2 ? v128.load(p + 2 * row) : none;
      const x3 = lanes > 3 ? v128.load(p + 3 * row) : none;
      storeTransposed(x0, x1, x2, x3, 4, q, 16);
      bad = v128.or(bad, v128.or(v128.or(notFinite(x0), notFinite(x1)), v128.or(notFinite(x2), notFinite(x3))));
    }
    for (; i > 0; --i, p += 4, q += 16) {
      const x = f32x4(
        load<f32>(p),
        lanes > 1 ? load<f32>(p + row) : 0,
        lanes > 2 ? load<f32>(p + 2 * row) : 0,
        lanes > 3 ? load<f32>(p + 3 * row) : 0,
      );
      v128.store(q, x);
      bad = v128.or(bad, notFinite(x));
    }
  }
  return !v128.any_true(bad);
}

/** Opcode.readNhwc: src [H·W][C] float32. */
export function readNhwc(step: usize, src: usize, dst: usize): bool {
  const channels = load<i32>(step, Step.channels);
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const pixelBytes = (<usize>channels) << 2;
  let bad = i32x4.splat(0);
  for (let c = 0; c < channels; c += 4, src += 16, dst += dstPitch) {
    const lanes = min(4, channels - c);
    let p = src;
    let q = dst;
    for (let i = pixels; i > 0; --i, p += pixelBytes, q += 16) {
      let x: v128;
      if (lanes == 4) {
        x = v128.load(p);
      } else {
        x = v128.load32_zero(p);
        if (lanes > 1) x = v128.load32_lane(p, x, 1, 4);
        if (lanes > 2) x = v128.load32_lane(p, x, 2, 8);
      }
      v128.store(q, x);
      bad = v128.or(bad, notFinite(x));
    }
  }
  return !v128.any_true(bad);
}

/**
 * Opcode.readRgba8: src [H·W][4] or [H·W][3] uint8, `pixelStride` says which; R, G, B become scale·x + shift (`weights`:
 * 4 scales, 4 shifts), A is dropped.
 */
export function readRgba8(step: usize, plan: usize, src: usize, dst: usize): void {
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const stride = <usize>load<i32>(step, Step.pixelStride);
  const scale = v128.load(plan + load<i32>(step, Step.weights));
  const shift = v128.load(plan + load<i32>(step, Step.weights), 16);
  // What is read as A, even if it is the next pixel's R, has a scale of 0. The last pixel has no next one.
  for (let i = pixels - 1; i > 0; --i, src += stride, dst += 16) {
    v128.store(dst, scaled(v128.load32_zero(src), scale, shift));
  }
  const last = load<u16>(src) | ((<u32>load<u8>(src, 2)) << 16);
  v128.store(dst, scaled(i32x4.replace_lane(i32x4.splat(0), 0, last), scale, shift));
}

/** The first four bytes, as floats, times scale plus shift. */
// @ts-ignore: decorator
@inline
function scaled(bytes: v128, scale: v128, shift: v128): v128 {
  const x = f32x4.convert_i32x4_u(i32x4.extend_low_i16x8_u(i16x8.extend_low_i8x16_u(bytes)));
  return f32x4.add(f32x4.mul(x, scale), shift);
}

/** Opcode.writeNchw: dst [C][H·W] float32. */
export function writeNchw(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const row = (<usize>pixels) << 2;
  for (let c = 0; c < channels; c += 4, src += pitch) {
    const lanes = min(4, channels - c);
    let p = src;
    let q = dst + <usize>c * row;
    let i = pixels;
    for (; i > 3; i -= 4, p += 64, q += 16) {
      storeTransposed(v128.load(p), v128.load(p, 16), v128.load(p, 32), v128.load(p, 48), lanes, q, row);
    }
    for (; i > 0; --i, p += 16, q += 4) {
      for (let lane = 0; lane < lanes; ++lane) store<f32>(q + <usize>lane * row, load<f32>(p + (lane << 2)));
    }
  }
}

/** Opcode.writeNhwc: dst [H·W][C] float32. */
export function writeNhwc(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  for (let i = 0; i < pixels; ++i, src += 16) {
    for (let c = 0; c < channels; ++c, dst += 4) store<f32>(dst, load<f32>(src + (c >> 2) * pitch + ((c & 3) << 2)));
  }
}

/** Opcode.writeRgba8: dst [H·W][4] or [H·W][3] uint8 = scale·x + shift, rounded and saturated; A is 255. */
export function writeRgba8(step: usize, plan: usize, src: usize, dst: usize): void {
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const stride = <usize>load<i32>(step, Step.pixelStride);
  const scale = v128.load(plan + load<i32>(step, Step.weights));
  const shift = v128.load(plan + load<i32>(step, Step.weights), 16);
  const zero = f32x4.splat(0);
  const most = f32x4.splat(255);
  for (let i = pixels; i > 0; --i, src += 16, dst += stride) {
    const x = clamp(f32x4.add(f32x4.mul(v128.load(src), scale), shift), zero, most);
    const words = i32x4.trunc_sat_f32x4_u(f32x4.nearest(x));
    const halves = i16x8.narrow_i32x4_u(words, words);
    const bytes = i8x16.narrow_i16x8_u(halves, halves);
    v128.store16_lane(dst, bytes, 0);
    v128.store8_lane(dst, bytes, 2, 2);
    if (stride == 4) store<u8>(dst, 255, 3);
  }
}
