// VGG (Simonyan and Zisserman, arXiv:1409.1556): nothing but 3×3 convolutions, in stacks between 2×2 pools, and three fully
// connected layers, which hold most of the parameters.
//
//                 parameters    multiply-adds at 224²
//   vgg11         132,863,336      7.61 G     configuration A
//   vgg11_lrn     132,863,336      7.61 G     A-LRN
//   vgg13         133,047,848     11.31 G     B
//   vgg16_1x1     133,638,952     11.77 G     C: the third convolution of a stack is 1×1
//   vgg16         138,357,544     15.47 G     D
//   vgg19         143,667,240     19.63 G     E
//   vgg11_bn      132,868,840      7.61 G     and so on: batch normalisation after each convolution
//
// Parameter names are torchvision's, so its weights load. The first fully connected layer takes what image is left: 7×7 at
// 224, and other weights than the published ones at other resolutions.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface VggConfig {
  /** The columns of the paper's table 1. */
  configuration?: "A" | "A-LRN" | "B" | "C" | "D" | "E";
  batchNorm?: boolean;
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  classes?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
}

/** Channels of 3×3 convolutions, `1x1` for a 1×1 convolution that keeps them, and what else stands between them. */
const configurations = {
  A: [64, "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
  "A-LRN": [64, "lrn", "pool", 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
  B: [64, 64, "pool", 128, 128, "pool", 256, 256, "pool", 512, 512, "pool", 512, 512, "pool"],
  C: [64, 64, "pool", 128, 128, "pool", 256, 256, "1x1", "pool", 512, 512, "1x1", "pool", 512, 512, "1x1", "pool"],
  D: [64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool"],
  E: [
    ...[64, 64, "pool", 128, 128, "pool", 256, 256, 256, 256, "pool"],
    ...[512, 512, 512, 512, "pool", 512, 512, 512, 512, "pool"],
  ],
} as const;

/** Channels of the two hidden fully connected layers. */
const HIDDEN = 4096;

/**
 * Builds a VGG network: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const vgg = family((config: VggConfig): Graph => {
  const settings = { configuration: "D" as const, batchNorm: false, width: 1, classes: 1000, resolution: 224, ...config };
  const { counts, positive, oneOf } = checker("vgg", settings);
  oneOf("configuration", Object.keys(configurations));
  oneOf("batchNorm", [true, false]);
  positive("width");
  counts("classes", "resolution");
  const { configuration, batchNorm, width, classes, resolution } = settings;
  const scaled = (channels: number) => Math.max(1, Math.round(channels * width));

  const b = new GraphBuilder(`vgg_${configuration}`);
  let index = 0;
  const next = () => `features.${index++}`;
  let x = b.input("input", [1, 3, resolution, resolution]);
  for (const item of configurations[configuration]) {
    if (item === "pool") {
      x = b.maxPool(next(), x, { kernel: 2, stride: 2 });
    } else if (item === "lrn") {
      x = b.node("LRN", next(), [x], { size: 5, alpha: 5e-4, beta: 0.75, bias: 2 });
    } else {
      const layer = item === "1x1" ? { outChannels: x.dims[1], kernel: 1 } : { outChannels: scaled(item), kernel: 3, pad: 1 };
      x = b.conv(next(), x, layer);
      if (batchNorm) x = b.batchNorm(next(), x);
      x = b.relu(next(), x);
    }
  }
  x = b.flatten("flatten", x);
  for (const i of [0, 3]) x = b.relu(`classifier.${i + 1}`, b.linear(`classifier.${i}`, x, scaled(HIDDEN)));
  return b.build({ output: b.linear("classifier.6", x, classes) });
});
