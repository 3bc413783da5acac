// Opcode.softmax: softmax or log-softmax along one axis (ONNX Softmax, LogSoftmax since opset 13).
//
//   y = e^(x − max) / Σ e^(x − max)        log: y = x − max − ln Σ e^(x − max)
//
// `mode` is axis + 4·log, the axis 1 (channels), 2 (rows) or 3 (columns). Along the channels the sum runs over lanes
// as well; along rows or columns the four lanes are four independent sums.
import { Step } from "../plan";
import { exp, firstLanes, log as ln, maxLane, sumLanes } from "../simd";

/** One sum over `channels` channels at one pixel. */
function overChannels(src: usize, dst: usize, pitch: usize, dstPitch: usize, channels: i32, log: bool): void {
  const full = channels >> 2;
  const tail = firstLanes(channels & 3);
  const lowest = f32x4.splat(-f32.MAX_VALUE);
  let most = lowest;
  let p = src;
  for (let i = 0; i < full; ++i, p += pitch) most = f32x4.pmax(v128.load(p), most);
  if (channels & 3) most = f32x4.pmax(v128.bitselect(v128.load(p), lowest, tail), most);
  const shift = f32x4.splat(maxLane(most));
  let sum = f32x4.splat(0);
  p = src;
  let q = dst;
  for (let i = 0; i < full; ++i, p += pitch, q += dstPitch) {
    const e = exp(f32x4.sub(v128.load(p), shift));
    if (!log) v128.store(q, e);
    sum = f32x4.add(sum, e);
  }
  if (channels & 3) {
    const e = v128.and(exp(f32x4.sub(v128.load(p), shift)), tail);
    if (!log) v128.store(q, e);
    sum = f32x4.add(sum, e);
  }
  const total = sumLanes(sum);
  const planes = (channels + 3) >> 2;
  p = src;
  q = dst;
  if (log) {
    // Two subtractions: the sum of both could lose the logarithm beside a large maximum.
    const less = ln(f32x4.splat(total));
    for (let i = 0; i < planes; ++i, p += pitch, q += dstPitch) v128.store(q, f32x4.sub(f32x4.sub(v128.load(p), shift), less));
  } else {
    const divisor = f32x4.splat(total);
    for (let i = 0; i < planes; ++i, q += dstPitch) v128.store(q, f32x4.div(v128.load(q), divisor));
  }
}

/** Four sums at once over `count` pixels that are `stride` bytes apart. */
function overPixels(src: usize, dst: usize, stride: usize, count: i32, log: bool): void {
  let most = v128.load(src);
  let p = src;
  for (let i = 0; i < count; ++i, p += stride) most = f32x4.pmax(v128.load(p), most);
  let sum = f32x4.splat(0);
  p = src;
  let q = dst;
  for (let i = 0; i < count; ++i, p += stride, q += stride) {
    const e = exp(f32x4.sub(v128.load(p), most));
    if (!log) v128.store(q, e);
    sum = f32x4.add(sum, e);
  }
  p = src;
  q = dst;
  if (log) {
    const less = ln(sum);
    for (let i = 0; i < count; ++i, p += stride, q += stride) v128.store(q, f32x4.sub(f32x4.sub(v128.load(p), most), less));
  } else {
    for (let i = 0; i < count; ++i, q += stride) v128.store(q, f32x4.div(v128.load(q), sum));
  }
}

export function softmax(step: usize, src: usize, dst: usize): void {
  const channels = load<i32>(step, Step.channels);
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = <usize>load<i32>(step, Step.pitch);
  const dstPitch = <usize>load<i32>(step, Step.dstPitch);
  const mode = load<i32>(step, Step.mode);
  const axis = mode & 3;
  const log = mode > 3;
  if (axis == 1) {
    const end = src + ((<usize>(height * width)) << 4);
    for (; src < end; src += 16, dst += 16) overChannels(src, dst, pitch, dstPitch, channels, log);
    return;
  }
  const rowBytes = (<usize>width) << 4;
  const lines = <usize>(axis == 2 ? width : height);
  const lineStep: usize = axis == 2 ? 16 : rowBytes;
  const stride: usize = axis == 2 ? rowBytes : 16;
  const count = axis == 2 ? height : width;
  for (let planes = (channels + 3) >> 2; planes > 0; --planes, src += pitch, dst += dstPitch) {
    for (let i: usize = 0; i < lines; ++i) overPixels(src + i * lineStep, dst + i * lineStep, stride, count, log);
  }
}
