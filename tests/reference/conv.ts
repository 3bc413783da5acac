// Reference convolution: out[n,m,y,x] = bias[m] + scale[m] · Σ weight[m,c,i,j] · in[n,c,y·sh + i·dh − top,x·sw + j·dw − left].

import type { ConvAttributes } from "../../src/graph/operators.ts";
import { windowCount } from "../../src/graph/shapes.ts";
import { type Value, zeros } from "./value.ts";

/**
 * @param x [N,C,H,W]
 * @param weight [M,C/group,kH,kW]
 * @param bias [M], none if left out
 * @param scale [M], a factor of each output channel's weight; 1 if left out
 */
export function conv(
  x: Value,
  weight: Value,
  bias: Value | undefined,
  scale: Value | undefined,
  { strides, pads, dilations, group }: Pick<ConvAttributes, "strides" | "pads" | "dilations" | "group">,
): Value {
  const [batch, channels, height, width] = x.dims;
  const [outChannels, depth, kernelHeight, kernelWidth] = weight.dims;
  const outHeight = windowCount(height, kernelHeight, strides[0], pads[0], pads[2], dilations[0], false);
  const outWidth = windowCount(width, kernelWidth, strides[1], pads[1], pads[3], dilations[1], false);
  const out = zeros([batch, outChannels, outHeight, outWidth]);
  const perGroup = outChannels / group;
  let at = 0;
  for (let n = 0; n < batch; ++n) {
    for (let m = 0; m < outChannels; ++m) {
      const firstChannel = Math.floor(m / perGroup) * depth;
      for (let oy = 0; oy < outHeight; ++oy) {
        for (let ox = 0; ox < outWidth; ++ox) {
          let sum = 0;
          for (let c = 0; c < depth; ++c) {
            const plane = (n * channels + firstChannel + c) * height;
            for (let ky = 0; ky < kernelHeight; ++ky) {
              const y = oy * strides[0] + ky * dilations[0] - pads[0];
              if (y < 0 || y >= height) continue;
              for (let kx = 0; kx < kernelWidth; ++kx) {
                const ix = ox * strides[1] + kx * dilations[1] - pads[1];
                if (ix < 0 || ix >= width) continue;
                const w = weight.data[((m * depth + c) * kernelHeight + ky) * kernelWidth + kx];
                sum += w * x.data[(plane + y) * width + ix];
              }
            }
          }
          out.data[at++] = sum * (scale?.data[m] ?? 1) + (bias?.data[m] ?? 0);
        }
      }
    }
  }
  return out;
}
