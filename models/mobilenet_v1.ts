// MobileNet v1 (Howard et al., arXiv:1704.04861): a 3×3 convolution becomes a depthwise 3×3, which filters each channel
// alone, and a pointwise 1×1, which mixes them.
//
//                         parameters   multiply-adds at 224²
//   mobilenet_v1           4,231,976      569 M
//   mobilenet_v1_0.75      2,585,560      325 M
//   mobilenet_v1_0.5       1,331,592      149 M
//   mobilenet_v1_0.25        470,072       41 M
//
// The width multiplier α scales every layer's channels; the resolution multiplier ρ is `resolution` / 224.
//
// Where the stride is 2, pads are TensorFlow's SAME (none above and left of an even image), and ε is 0.001: the published
// weights were trained so. The classifier is a 1×1 convolution after the global pool.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import type { Pads } from "../src/graph/operators.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface MobileNetV1Config {
  /** Width multiplier. */
  alpha?: number;
  /** False for the paper's "Conv MobileNet" (its table 4): a full 3×3 convolution in place of each pair. */
  separable?: boolean;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** Stride of the depthwise half and channels of the pointwise half, as in the paper's table 1. */
const blocks = [
  [1, 64],
  [2, 128],
  [1, 128],
  [2, 256],
  [1, 256],
  [2, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [1, 512],
  [2, 1024],
  [1, 1024],
] as const;

const EPSILON = 1e-3;

/** TensorFlow's SAME padding for a 3×3 window: what is odd lies below and right. */
function samePads([, , height, width]: readonly number[], stride: number): Pads {
  const [total, across] = [height, width].map((size) => Math.max(0, (Math.ceil(size / stride) - 1) * stride + 3 - size));
  return [total >> 1, across >> 1, total - (total >> 1), across - (across >> 1)];
}

/**
 * Builds a MobileNet v1: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const mobilenetV1 = family((config: MobileNetV1Config): Graph => {
  const settings = { alpha: 1, separable: true, resolution: 224, classes: 1000, ...config };
  const { counts, positive, oneOf } = checker("mobilenet_v1", settings);
  counts("resolution", "classes");
  positive("alpha");
  oneOf("separable", [true, false]);
  const { alpha, separable, resolution, classes } = settings;
  const scaled = (channels: number) => Math.max(1, Math.floor(channels * alpha));

  const b = new GraphBuilder("mobilenet_v1");
  let index = 0;
  const convNormRelu = (x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1): ValueInfo => {
    const name = `features.${index++}`;
    const pad = kernel === 1 ? 0 : samePads(x.dims, stride);
    const y = b.conv(`${name}.conv`, x, { outChannels, kernel, stride, pad, group, bias: false });
    return b.activation(`${name}.relu6`, b.batchNorm(`${name}.bn`, y, EPSILON), { op: "Clip", min: 0, max: 6 });
  };

  let x = convNormRelu(b.input("input", [1, 3, resolution, resolution]), scaled(32), 3, 2);
  for (const [stride, channels] of blocks) {
    if (separable) {
      x = convNormRelu(x, x.dims[1], 3, stride, x.dims[1]);
      x = convNormRelu(x, scaled(channels), 1);
    } else {
      x = convNormRelu(x, scaled(channels), 3, stride);
    }
  }
  x = b.conv("classifier", b.globalAveragePool("pool", x), { outChannels: classes, kernel: 1 });
  return b.build({ output: b.flatten("flatten", x) });
});
