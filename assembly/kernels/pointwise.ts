// Opcode.pointwise: 1×1 convolution, stride 1, no padding: a matrix product straight on the planes of an image.
// Grouped forms too, where a group's channels fill whole blocks of four.
//
// Pixels come in strips whose inputs stay in the second-level cache while all panels pass over them.
import { Step } from "../plan";
import { panels } from "./panel";
import { touchRows } from "./touch";

export function pointwise(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
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
  for (let g = 0; g < groups; ++g) {
    for (let first = 0; first < pixels; first += strip) {
      const offset = (<usize>first) << 4;
      const tiles = (min(strip, pixels - first) + 3) >> 2;
      touchRows(src, pitch, (depth + 3) >> 2, 64, first >> 2, (first >> 2) + tiles);
      const add = residual ? residual + offset : 0;
      panels(step, src + offset, pitch, tiles, depth, 4, channels, weights, bias, add, dst + offset);
    }
    src += srcStep;
    dst += dstStep;
    if (residual) residual += residualStep;
    weights += weightStep;
    bias += planes << 4;
  }
}
