// Opcode.pointwise: 1×1 convolution, stride 1, no padding: a matrix product straight on the planes of an image.
// Grouped forms too, where a group's channels fill whole blocks of four.
import { Step } from "../plan";
import { activatePlanes } from "./activation";
import { panels } from "./panel";

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
  for (let g = 0; g < groups; ++g) {
    panels(step, src, pitch, (pixels + 3) >> 2, depth, channels, weights, bias, residual, dst);
    activatePlanes(step, dst, planes, pixels);
    src += srcStep;
    dst += dstStep;
    if (residual) residual += residualStep;
    weights += weightStep;
    bias += planes << 4;
  }
}
