// Opcode.conv: convolution of any kernel size, stride, padding, dilation and group count.
//
// A strip of output pixels at a time: the inputs of its windows are gathered into scratch, taps by channel blocks,
//
//   scratch [kH·kW][ceil(C/4)][strip][4]      zeros where a window leaves the image, and in lanes beyond C
//
// and the strip is then a matrix product like a pointwise convolution's. Gathering costs one vector load and store
// for each tap, block and pixel, a small part of the output channels' multiply-adds that follow it, and handles
// every geometry alike. Pointwise convolutions come here where their channels lie too far apart (src/plan/strips.ts), and where
// something is to be done to their inputs: a multiplication by a factor for each channel, an addition, a ReLU (`factors`).
//
// Weights: panels as in panel.ts, depth = taps × padded channels. Groups arrive here as clusters whose channels fill
// whole blocks of four (plan/lower), so that a group is an offset.
import { Step } from "../plan";
import { firstLanes, madd } from "../simd";
import { activatePlanes } from "./activation";
import { denseColumn } from "./dense";
import { panels } from "./panel";
import { endTap, firstTap } from "./window";

/** Copies the vectors at p, p + step, … to q, q + 16, …, up to `end`. */
// @ts-ignore: decorator
@inline
function copyRun(p: usize, step: usize, q: usize, end: usize, mask: v128): void {
  for (; q < end; q += 16, p += step) v128.store(q, v128.and(v128.load(p), mask));
}

/** The same of x·factor + addend, at least `low`. */
// @ts-ignore: decorator
@inline
function affineRun(p: usize, step: usize, q: usize, end: usize, factor: v128, addend: v128, low: v128, mask: v128): void {
  for (; q < end; q += 16, p += step) v128.store(q, v128.and(f32x4.pmax(madd(v128.load(p), factor, addend), low), mask));
}

/** Fills scratch for `count` output pixels from number `first` on; pixels from `count` to `strip` keep old values. */
function gather(
  step: usize,
  src: usize,
  factors: usize,
  addends: usize,
  blocks: i32,
  lastLanes: i32,
  scratch: usize,
  strip: i32,
  first: i32,
  count: i32,
): void {
  let height = load<i32>(step, Step.height);
  let width = load<i32>(step, Step.width);
  const pitch = <usize>load<i32>(step, Step.pitch);
  let dstWidth = load<i32>(step, Step.dstWidth);
  const kernelHeight = load<i32>(step, Step.kernelHeight);
  const kernelWidth = load<i32>(step, Step.kernelWidth);
  const strideHeight = load<i32>(step, Step.strideHeight);
  const strideWidth = load<i32>(step, Step.strideWidth);
  const padTop = load<i32>(step, Step.padTop);
  const padLeft = load<i32>(step, Step.padLeft);
  const dilationHeight = load<i32>(step, Step.dilationHeight);
  const dilationWidth = load<i32>(step, Step.dilationWidth);
  const lastMask = firstLanes(lastLanes);
  const all = i32x4.splat(-1);
  const none = i32x4.splat(0);
  const low = f32x4.splat(load<i32>(step, Step.mode) ? 0 : -Infinity);
  const blockStep = (<usize>strip) << 4;
  const pixelStep = (<usize>strideWidth) << 4;
  if (kernelHeight * kernelWidth * strideHeight * strideWidth == 1 && (padTop | padLeft) == 0 && width == dstWidth) {
    // A pointwise convolution: the whole image is one row.
    width *= height;
    dstWidth = width;
    height = 1;
  }
  // Runs of output pixels in one row: their taps are runs of input pixels in one row, strideWidth apart. Which of them lie
  // inside is the same question as for a window's taps, dilation apart.
  while (count > 0) {
    const y = first / dstWidth;
    const x = first - y * dstWidth;
    const run = min(count, dstWidth - x);
    const runEnd = (<usize>run) << 4;
    let tap = scratch;
    for (let ky = 0; ky < kernelHeight; ++ky) {
      const row = y * strideHeight - padTop + ky * dilationHeight;
      for (let kx = 0; kx < kernelWidth; ++kx) {
        const column = x * strideWidth - padLeft + kx * dilationWidth;
        const inside = row >= 0 && row < height;
        const from = inside ? min(run, firstTap(column, strideWidth)) : run;
        const to = inside ? max(from, endTap(column, strideWidth, width, run)) : run;
        let p = src + ((row * width + column + from * strideWidth) << 4);
        for (let b = blocks; b > 0; --b, p += pitch, tap += blockStep) {
          const q = tap + ((<usize>from) << 4);
          const end = tap + ((<usize>to) << 4);
          for (let z = tap; z < q; z += 16) v128.store(z, none);
          const mask = b > 1 ? all : lastMask;
          if (factors) {
            const at = (<usize>(blocks - b)) << 4;
            const addend = addends ? v128.load(addends + at) : none;
            affineRun(p, pixelStep, q, end, v128.load(factors + at), addend, low, mask);
          } else copyRun(p, pixelStep, q, end, mask);
          for (let z = end; z < tap + runEnd; z += 16) v128.store(z, none);
        }
      }
    }
    scratch += runEnd;
    first += run;
    count -= run;
  }
}

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
        panels(step, scratch, (<usize>strip) << 4, (count + 3) >> 2, depth, lanes, channels, weights, bias, add, to);
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
