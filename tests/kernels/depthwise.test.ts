// Depthwise convolutions against the reference: one filter a channel.
import type { Pads, Pair } from "../../src/graph/operators.ts";
import { oddChannels, product, sample } from "./cases.ts";
import { grid } from "./check.ts";

const channels = oddChannels.filter((count) => count > 1);

grid(
  "depthwise 3×3",
  product({
    batch: [1, 3],
    channels,
    size: [
      [1, 1],
      [1, 6],
      [7, 1],
      [5, 5],
      [4, 9],
      [14, 13],
    ] as const,
    stride: [1, 2],
    pad: [
      [1, 1, 1, 1],
      [0, 0, 1, 1],
      [2, 0, 0, 2],
    ] as const,
  }).filter(({ size, pad }) => size[0] + pad[0] + pad[2] >= 3 && size[1] + pad[1] + pad[3] >= 3),
  (builder, { batch, channels, size, stride, pad }) =>
    builder.conv("conv", builder.input("input", [batch, channels, ...size]), {
      outChannels: channels,
      group: channels,
      kernel: 3,
      stride,
      pad,
    }),
);

grid(
  "depthwise with windows of every size, stride, pad and dilation",
  sample(
    800,
    1,
    {
      batch: [1, 1, 3],
      channels,
      size: [
        [1, 1],
        [1, 5],
        [6, 1],
        [3, 4],
        [8, 9],
      ] as readonly Pair[],
      kernel: [
        [1, 1],
        [2, 2],
        [3, 3],
        [4, 4],
        [5, 5],
        [6, 6],
        [7, 7],
        [1, 3],
        [5, 1],
        [2, 7],
      ] as readonly Pair[],
      stride: [
        [1, 1],
        [2, 2],
        [1, 3],
        [4, 1],
      ] as readonly Pair[],
      pad: [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [3, 3, 3, 3],
        [0, 1, 2, 3],
        [2, 2, 3, 3],
        [9, 8, 7, 10],
        [0, 12, 0, 0],
      ] as readonly Pads[],
      dilation: [
        [1, 1],
        [1, 1],
        [2, 2],
        [1, 3],
      ] as readonly Pair[],
      bias: [true, false],
      /** Results for each channel. */
      multiplier: [1, 1, 1, 2, 3],
    },
    ({ size, kernel, pad, dilation }) =>
      [0, 1].every((axis) => size[axis] + pad[axis] + pad[axis + 2] >= dilation[axis] * (kernel[axis] - 1) + 1),
  ),
  (builder, { batch, channels, size, multiplier, ...options }) =>
    builder.conv("conv", builder.input("input", [batch, channels, ...size]), {
      ...options,
      outChannels: channels * multiplier,
      group: channels,
    }),
);

grid(
  "depthwise with a multiplier, and what is fused with it",
  product({ batch: [1, 2], channels: [2, 5, 8], multiplier: [2, 3, 7], norm: [false, true], residual: [false, true] }),
  (builder, { batch, channels, multiplier, norm, residual }) => {
    const outChannels = channels * multiplier;
    const x = builder.input("input", [batch, channels, 5, 6]);
    const conv = builder.conv("conv", x, { outChannels, group: channels, kernel: 3, pad: 1 });
    const normalised = norm ? builder.batchNorm("norm", conv) : conv;
    return builder.relu("relu", residual ? builder.add("add", normalised, builder.input("other", conv.dims)) : normalised);
  },
);
