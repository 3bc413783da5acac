// Opcode.conv: convolution of any kernel size, stride, padding, dilation and group count.
//
// A strip of output pixels at a time: the inputs of its windows are gathered into scratch, taps by channel blocks (gather.ts), and
// the strip is then a matrix product like a pointwise convolution's, a part of its sums at a time where these are long. Gathering costs
// one vector load and store for each tap, block and pixel, a small part of the output channels' multiply-adds that follow it, and
// handles every geometry alike. Pointwise convolutions come here where their channels lie too far apart (src/plan/strips.ts), and where
// something is to be done to their inputs: a multiplication by a factor for each channel, an addition, a ReLU (`factors`).
//
// Weights: panels as in panel.ts, depth = taps × padded channels. Groups arrive here as clusters whose channels fill
// whole blocks of four (plan/lower), so that a group is an offset.
import { Step } from "../plan";
import { activatePlanes } from "./activation";
import { denseColumn } from "./dense";
import { gather } from "./gather";
import { panels } from "./panel";

/**
 * How much of a sum is computed for all output channels before the rest: by windows alone, lest bits depend on strips or threads. So a
 * strip's part stays in the second-level cache, and the weights still pass by once. On an Intel with 1 MiB resnet50's last 3×3 of stride
 * 2 takes 0.9 (strict) and 0.85 (relaxed) of the time, dilated ones of 256 channels 0.78 to 0.9.
 */
const LONGEST: i32 = 1152;

export function conv(step: usize, plan: usize, src: usize, residual: usize, factors: usize, dst: usize): void {
  const groups = load<i32>(step, Step.group);
  const depthChannels = load<i32>(step, Step.channels) / groups;
  const channels = load<i32>(step, Step.dstChannels) / groups;
  const blocks = (depthChannels + 3) >> 2;
  const lastLanes = depthChannels - ((blocks - 1) << 2);
  const pixels = load<i32>(step, Step.dstHeight) * load<i32>(step, Step.dstWidth);
  // Fewer than four channels: only their lanes are multiplied. A single pixel's column must be without gaps, though.
  const lanes = blocks == 1 && pixels > 1 ? lastLanes : 4;
  const depth = load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth) * blocks * lanes;
  const strip = load<i32>(step, Step.strip);
  const scratch = plan + load<i32>(step, Step.scratch);
  const parts = lanes == 4 ? (depth + LONGEST - 1) / LONGEST : 1;
  const part = ((depth + parts - 1) / parts + 3) & ~3;
  const srcStep = load<i32>(step, Step.pitch) * blocks;
  const planes = (channels + 3) >> 2;
  const dstStep = load<i32>(step, Step.dstPitch) * planes;
  const residualStep = load<i32>(step, Step.src2Pitch) * planes;
  const weightStep = depth * planes * 16;
  let addends: usize = load<i32>(step, Step.addends) ? plan + load<i32>(step, Step.addends) : 0;
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let g = 0; g < groups; ++g) {
    if (pixels == 1) {
      gather(step, src, factors, addends, blocks, lastLanes, scratch, 1, 0, 1);
      const low = load<f32>(step, Step.low);
      denseColumn(scratch, depth, channels, weights, bias, residual, dst, low, load<f32>(step, Step.high));
      activatePlanes(step, dst, planes, 1);
    } else {
      for (let first = 0; first < pixels; first += strip) {
        const count = min(strip, pixels - first);
        const offset = (<usize>first) << 4;
        gather(step, src, factors, addends, blocks, lastLanes, scratch, strip, first, count);
        const to = dst + offset;
        const add = residual ? residual + offset : 0;
        panels(step, scratch, (<usize>strip) << 4, count, depth, part, lanes, channels, weights, bias, add, to);
      }
    }
    src += srcStep;
    if (factors) factors += blocks << 4;
    if (addends) addends += blocks << 4;
    dst += dstStep;
    if (residual) residual += residualStep;
    weights += weightStep;
    bias += planes << 4;
  }
}
