// Opcode.pointwise: 1×1 convolution, stride 1, no padding: a matrix product straight on the planes of an image.
// Grouped forms too, where a group's channels fill whole blocks of four.
//
// Pixels come in strips whose inputs stay in the second-level cache while all panels pass over them.
//
// Where the channels of the image are multiplied by factors of their own (squeeze-and-excite), it is the weights that are: there
// are fewer of them than pixels.
import { Step } from "../plan";
import { panels } from "./panel";
import { touchRows } from "./touch";

/** Panels of weights as panel.ts wants them, each row times the factor of its channel. */
function scalePanels(from: usize, to: usize, depth: usize, channels: i32, factors: usize): void {
  const end = factors + (depth << 2);
  for (; channels > 4; channels -= 8) {
    for (let p = factors; p < end; p += 4, from += 32, to += 32) {
      const factor = v128.load32_splat(p);
      v128.store(to, f32x4.mul(v128.load(from), factor));
      v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
    }
  }
  if (channels <= 0) return;
  for (let p = factors; p < end; p += 4, from += 16, to += 16) {
    v128.store(to, f32x4.mul(v128.load(from), v128.load32_splat(p)));
  }
}

export function pointwise(step: usize, plan: usize, src: usize, residual: usize, factors: usize, dst: usize): void {
  const groups = load<i32>(step, Step.group);
  const depth = load<i32>(step, Step.channels) / groups;
  const channels = load<i32>(step, Step.dstChannels) / groups;
  const pixels = load<i32>(step, Step.dstHeight) * load<i32>(step, Step.dstWidth);
  const pitch = <usize>load<i32>(step, Step.pitch);
  const srcStep = pitch * (depth >> 2);
  const planes = (channels + 3) >> 2;
  const dstStep = load<i32>(step, Step.dstPitch) * planes;
  const residualStep = load<i32>(step, Step.src2Pitch) * planes;
  const weightStep = depth * planes * 16;
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  const strip = load<i32>(step, Step.strip);
  if (factors) {
    const scaled = plan + load<i32>(step, Step.scratch);
    scalePanels(weights, scaled, depth, channels, factors);
    weights = scaled;
  }
  for (let g = 0; g < groups; ++g) {
    for (let first = 0; first < pixels; first += strip) {
      const offset = (<usize>first) << 4;
      const count = min(strip, pixels - first);
      touchRows(src, pitch, (depth + 3) >> 2, 16, first, first + count);
      const add = residual ? residual + offset : 0;
      panels(step, src + offset, pitch, count, depth, depth, 4, channels, weights, bias, add, dst + offset);
    }
    src += srcStep;
    dst += dstStep;
    if (residual) residual += residualStep;
    weights += weightStep;
    bias += planes << 4;
  }
}
