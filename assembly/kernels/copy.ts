// Kernels that only move values: a tensor into a range of channels (Concat where the planner could not place it there),
// and slices and pads.
import { Step } from "../plan";

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
      memory.copy(lane(dst, front + c, dstPitch), lane(src, c, pitch), (<usize>pixels) << 4);
    }
  }
  for (; c < channels; ++c) {
    let p = lane(src, c, pitch);
    let q = lane(dst, front + c, dstPitch);
    for (let i = pixels; i > 0; --i, p += 16, q += 16) store<f32>(q, load<f32>(p));
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
  for (let c = 0; c < dstChannels; ++c) {
    const fromChannel = c * strideChannel - padFront;
    const inChannels = fromChannel >= 0 && fromChannel < channels;
    const plane = lane(src, fromChannel, pitch);
    let q = lane(dst, c, dstPitch);
    for (let y = 0; y < dstHeight; ++y) {
      const fromRow = y * strideHeight - padTop;
      const inRows = inChannels && fromRow >= 0 && fromRow < height;
      for (let x = 0; x < dstWidth; ++x, q += 16) {
        const fromColumn = x * strideWidth - padLeft;
        const inside = inRows && fromColumn >= 0 && fromColumn < width;
        store<f32>(q, inside ? load<f32>(plane + ((fromRow * width + fromColumn) << 4)) : value);
      }
    }
  }
}
