// Kernels that only move values: a tensor into a range of channels (Concat where the planner could not place it there),
// channels into another order, and slices and pads.
import { Step } from "../plan";
import { copy } from "../simd";

/** Address of channel c in the planes that begin at `base`. */
// @ts-ignore: decorator
@inline
function lane(base: usize, c: i32, pitch: i32): usize {
  return base + (c >> 2) * pitch + ((c & 3) << 2);
}

/** Opcode.copyChannels: dst[padFront + c] = src[c]; the other channels of dst stay as they are. */
export function copyChannels(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const front = load<i32>(step, Step.padFront);
  let c = 0;
  if ((front & 3) == 0) {
    for (; c + 4 <= channels; c += 4) {
      copy(lane(dst, front + c, dstPitch), lane(src, c, pitch), (<usize>pixels) << 4);
    }
  }
  for (; c < channels; ++c) {
    let p = lane(src, c, pitch);
    let q = lane(dst, front + c, dstPitch);
    for (let i = pixels; i > 0; --i, p += 16, q += 16) store<f32>(q, load<f32>(p));
  }
}

/** Which channel of the source is number k where each of `group` ones in turn is from the next groupChannels. */
// @ts-ignore: decorator
@inline
function shuffled(k: i32, group: i32, groupChannels: i32): i32 {
  return (k % group) * groupChannels + k / group;
}

/** Indices of a swizzle that pick nothing: they give zeros. */
const NO_BYTES: i32 = 0x80808080;

/** Indices of a swizzle that pick channel s out of a vector of that block's; nothing where it lies in another block. */
// @ts-ignore: decorator
@inline
function bytesOf(s: i32, block: i32): i32 {
  return s >> 2 == block ? 0x03020100 + 0x04040404 * (s & 3) : NO_BYTES;
}

/**
 * Opcode.gatherChannels: dst[c] = src[shuffled(padFront + c·strideChannel)]: a shuffle of the channels between groups of
 * `groupInputs` (ONNX Reshape, Transpose, Reshape), a slice of them, or a slice of a shuffle; or with groupInputs 0 each channel
 * `group` times.
 */
export function gatherChannels(step: usize, src: usize, dst: usize): void {
  const pixels = load<i32>(step, Step.height) * load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstChannels = load<i32>(step, Step.dstChannels);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const strideChannel = load<i32>(step, Step.strideChannel);
  const front = load<i32>(step, Step.padFront);
  const group = load<i32>(step, Step.group);
  const groupChannels = load<i32>(step, Step.groupInputs);
  const bytes = (<usize>pixels) << 4;
  for (let c = 0; c < dstChannels; c += 4, dst += dstPitch) {
    // Lanes beyond the last channel repeat it.
    const last = dstChannels - 1 - c;
    const k = front + c * strideChannel;
    const s0 = shuffled(k, group, groupChannels);
    const s1 = shuffled(k + min(1, last) * strideChannel, group, groupChannels);
    const s2 = shuffled(k + min(2, last) * strideChannel, group, groupChannels);
    const s3 = shuffled(k + min(3, last) * strideChannel, group, groupChannels);
    const one = s0 >> 2;
    const two = s1 >> 2 != one ? s1 >> 2 : s2 >> 2 != one ? s2 >> 2 : s3 >> 2;
    if ((s2 >> 2 == one || s2 >> 2 == two) && (s3 >> 2 == one || s3 >> 2 == two)) {
      // Slices, and shuffles of two groups: a quarter of the time that loading lanes takes.
      const p = src + one * pitch;
      const q = src + two * pitch;
      const fromOne = i32x4(bytesOf(s0, one), bytesOf(s1, one), bytesOf(s2, one), bytesOf(s3, one));
      let fromTwo = i32x4(bytesOf(s0, two), bytesOf(s1, two), bytesOf(s2, two), bytesOf(s3, two));
      if (two == one) fromTwo = i32x4.splat(NO_BYTES);
      for (let i: usize = 0; i < bytes; i += 16) {
        const x = i8x16.swizzle(v128.load(p + i), fromOne);
        v128.store(dst + i, v128.or(x, i8x16.swizzle(v128.load(q + i), fromTwo)));
      }
      continue;
    }
    const p0 = lane(src, s0, pitch);
    const p1 = lane(src, s1, pitch);
    const p2 = lane(src, s2, pitch);
    const p3 = lane(src, s3, pitch);
    for (let i: usize = 0; i < bytes; i += 16) {
      let x = v128.load32_zero(p0 + i);
      x = v128.load32_lane(p1 + i, x, 1);
      x = v128.load32_lane(p2 + i, x, 2);
      x = v128.load32_lane(p3 + i, x, 3);
      v128.store(dst + i, x);
    }
  }
}

/**
 * Opcode.slice: dst[c][y][x] = src[c·strideChannel − padFront][y·strideHeight − padTop][x·strideWidth − padLeft], or
 * alpha where that lies outside the source (ONNX Slice, and Pad in constant mode).
 */
export function slice(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = load<i32>(step, Step.pitch);
  const dstChannels = load<i32>(step, Step.dstChannels);
  const dstHeight = load<i32>(step, Step.dstHeight);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const dstPitch = load<i32>(step, Step.dstPitch);
  const strideChannel = load<i32>(step, Step.strideChannel);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padFront = load<i32>(step, Step.padFront);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const value = load<f32>(step, Step.alpha);
  const values = f32x4.splat(value);
  // Rows that are whole in the source are copied; where windows of columns reach beyond it, or have steps, pixel by pixel.
  const whole = strideWidth == 1 && padLeft <= 0 && dstWidth <= width + padLeft;
  for (let c = 0; c < dstChannels;) {
    const fromChannel = c * strideChannel - padFront;
    const inChannels = fromChannel >= 0 && fromChannel < channels;
    const plane = lane(src, fromChannel, pitch);
    let q = lane(dst, c, dstPitch);
    // Four channels at once where they are a block of the source, or all outside it.
    const outside = fromChannel >= channels || fromChannel <= -4;
    const block = inChannels && (fromChannel & 3) == 0 && fromChannel <= channels - min(4, dstChannels - c);
    const four = strideChannel == 1 && (c & 3) == 0 && (outside || block);
    for (let y = 0; y < dstHeight; ++y) {
      const fromRow = y * strideHeight - padTop;
      const inRows = inChannels && fromRow >= 0 && fromRow < height;
      if (four && inRows && whole) {
        copy(q, plane + ((fromRow * width - padLeft) << 4), (<usize>dstWidth) << 4);
        q += dstWidth << 4;
        continue;
      }
      for (let x = 0; x < dstWidth; ++x, q += 16) {
        const fromColumn = x * strideWidth - padLeft;
        const inside = inRows && fromColumn >= 0 && fromColumn < width;
        const p = plane + ((fromRow * width + fromColumn) << 4);
        if (four) v128.store(q, inside ? v128.load(p) : values);
        else store<f32>(q, inside ? load<f32>(p) : value);
      }
    }
    c += four ? 4 : 1;
  }
}
