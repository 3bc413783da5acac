// Opcode.conv: convolution of any kernel size, stride, padding, dilation and group count.
//
// A strip of output pixels at a time: the inputs of its windows are gathered into scratch, taps by channel blocks,
//
//   scratch [kH·kW][ceil(C/4)][strip][4]      zeros where a window leaves the image, and in lanes beyond C
//
// and the strip is then a matrix product like a pointwise convolution's. Gathering costs one vector load and store
// for each tap, block and pixel, a small part of the output channels' multiply-adds that follow it, and handles
// every geometry alike; a strip is as long as keeps its scratch in the first-level cache.
//
// Weights: panels as in panel.ts, depth = taps × padded channels. Groups arrive here as clusters whose channels fill
// whole blocks of four (plan/lower), so that a group is an offset.
import { Step } from "../plan";
import { firstLanes } from "../simd";
import { activatePlanes } from "./activation";
import { denseColumn } from "./dense";
import { panels } from "./panel";
import { endTap, firstTap } from "./window";

/** Fills scratch for `count` output pixels from number `first` on; pixels from `count` to `strip` keep old values. */
function gather(step: usize, src: usize, blocks: i32, lastLanes: i32, scratch: usize, strip: i32, first: i32, count: i32): void {
  const height = load<i32>(step, Step.height);
  const width = load<i32>(step, Step.width);
  const pitch = <usize>load<i32>(step, Step.pitch);
  const dstWidth = load<i32>(step, Step.dstWidth);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const mask = firstLanes(lastLanes);
  const zero = i32x4.splat(0);
  const blockStep = (<usize>strip) << 4;
  const tapStep = blockStep * blocks;
  let y = first / dstWidth;
  let x = first - y * dstWidth;
  for (let i = 0; i < count; ++i, scratch += 16) {
    const top = y * strideHeight - padTop;
    const left = x * strideWidth - padLeft;
    const y0 = firstTap(top, dilationHeight);
    const y1 = endTap(top, dilationHeight, height, kernelHeight);
    const x0 = firstTap(left, dilationWidth);
    const x1 = endTap(left, dilationWidth, width, kernelWidth);
    let to = scratch;
    for (let ky = 0; ky < kernelHeight; ++ky) {
      const inside = ky >= y0 && ky < y1;
      const row = src + (((top + ky * dilationHeight) * width) << 4);
      for (let kx = 0; kx < kernelWidth; ++kx, to += tapStep) {
        let q = to;
        if (inside && kx >= x0 && kx < x1) {
          let p = row + ((left + kx * dilationWidth) << 4);
          for (let b = blocks; b > 1; --b, p += pitch, q += blockStep) v128.store(q, v128.load(p));
          v128.store(q, v128.and(v128.load(p), mask));
        } else {
          for (let b = blocks; b > 0; --b, q += blockStep) v128.store(q, zero);
        }
      }
    }
    if (++x == dstWidth) {
      x = 0;
      ++y;
    }
  }
}

export function conv(step: usize, plan: usize, src: usize, residual: usize, dst: usize): void {
  const groups = load<i32>(step, Step.group);
  const depthChannels = load<i32>(step, Step.channels) / groups;
  const channels = load<i32>(step, Step.dstChannels) / groups;
  const blocks = (depthChannels + 3) >> 2;
  const lastLanes = depthChannels - ((blocks - 1) << 2);
  const depth = load<i32>(step, Step.kernelHeight) * load<i32>(step, Step.kernelWidth) * blocks * 4;
  const pixels = load<i32>(step, Step.dstHeight) * load<i32>(step, Step.dstWidth);
  const strip = load<i32>(step, Step.strip);
  const scratch = plan + load<i32>(step, Step.scratch);
  const srcStep = load<i32>(step, Step.pitch) * blocks;
  const planes = (channels + 3) >> 2;
  const dstStep = load<i32>(step, Step.dstPitch) * planes;
  const residualStep = load<i32>(step, Step.src2Pitch) * planes;
  const weightStep = depth * planes * 16;
  let weights = plan + load<i32>(step, Step.weights);
  let bias = plan + load<i32>(step, Step.bias);
  for (let g = 0; g < groups; ++g) {
    if (pixels == 1) {
      gather(step, src, blocks, lastLanes, scratch, 1, 0, 1);
      const low = load<f32>(step, Step.low);
      denseColumn(scratch, depth, channels, weights, bias, residual, dst, low, load<f32>(step, Step.high));
    } else {
      for (let first = 0; first < pixels; first += strip) {
        const count = min(strip, pixels - first);
        const offset = (<usize>first) << 4;
        gather(step, src, blocks, lastLanes, scratch, strip, first, count);
        const to = dst + offset;
        const add = residual ? residual + offset : 0;
        panels(step, scratch, (<usize>strip) << 4, (count + 3) >> 2, depth, channels, weights, bias, add, to);
      }
    }
    activatePlanes(step, dst, planes, pixels);
    src += srcStep;
    dst += dstStep;
    if (residual) residual += residualStep;
    weights += weightStep;
    bias += planes << 4;
  }
}
