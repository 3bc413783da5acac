// ShuffleNet v2 (Ma et al., arXiv:1807.11164): half of the channels pass a unit untouched, the other half goes through 1×1,
// depthwise 3×3 and 1×1 convolutions of equal width, and a shuffle mixes the two.
//
//                          parameters   multiply-adds at 224²
//   shufflenet_v2_x0_5      1,366,792       40 M
//   shufflenet_v2_x1_0      2,278,604      145 M
//   shufflenet_v2_x1_5      3,503,624      296 M
//   shufflenet_v2_x2_0      7,393,996      583 M
//
// Channels are the paper's table 5. Parameter names are torchvision's, so its weights load. imgclsmob widens the last
// convolution of x1.5 and x2.0 otherwise (`lastChannels` 1553 and 2153); we follow the paper.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface ShuffleNetV2Config {
  /** A published width; gives the two fields below. */
  scale?: keyof typeof scales;
  /** Output channels of the three stages; even numbers. */
  stageChannels?: readonly number[];
  /** Channels of the last convolution. */
  lastChannels?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** The paper's table 5. */
const scales = {
  0.5: { stageChannels: [48, 96, 192], lastChannels: 1024 },
  1: { stageChannels: [116, 232, 464], lastChannels: 1024 },
  1.5: { stageChannels: [176, 352, 704], lastChannels: 1024 },
  2: { stageChannels: [244, 488, 976], lastChannels: 2048 },
} as const;

/** Units of each stage; the first of them halves the image. */
const repeats = [4, 8, 4];

/** Channels of the first convolution. */
const STEM = 24;

/**
 * Builds a ShuffleNet v2: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const shufflenetV2 = family((config: ShuffleNetV2Config): Graph => {
  const { scale = 1 } = config;
  const settings = { resolution: 224, classes: 1000, ...scales[scale], ...config, scale };
  const { demand, counts, oneOf } = checker("shufflenet_v2", settings);
  oneOf("scale", Object.keys(scales).map(Number));
  counts("lastChannels", "resolution", "classes");
  const { stageChannels, lastChannels, resolution, classes } = settings;
  const even = Array.isArray(stageChannels) && stageChannels.every((n) => Number.isSafeInteger(n) && n > 0 && n % 2 === 0);
  demand("stageChannels", even && stageChannels.length === repeats.length, "three even numbers above 0");

  const b = new GraphBuilder("shufflenet_v2");
  const convNorm = (name: string, at: number, x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1) =>
    b.batchNorm(
      `${name}.${at + 1}`,
      b.conv(`${name}.${at}`, x, { outChannels, kernel, stride, pad: kernel >> 1, group, bias: false }),
    );
  const relu = (name: string, at: number, x: ValueInfo) => b.relu(`${name}.${at}`, x);

  const unit = (name: string, x: ValueInfo, channels: number, stride: number): ValueInfo => {
    const half = channels / 2;
    const branch1 = () => {
      const from = `${name}.branch1`;
      return relu(from, 4, convNorm(from, 2, convNorm(from, 0, x, x.dims[1], 3, stride, x.dims[1]), half, 1));
    };
    const branch2 = (from: ValueInfo) => {
      const to = `${name}.branch2`;
      const wide = relu(to, 2, convNorm(to, 0, from, half, 1));
      return relu(to, 7, convNorm(to, 5, convNorm(to, 3, wide, half, 3, stride, half), half, 1));
    };
    const branches =
      stride === 1
        ? [b.sliceChannels(`${name}.kept`, x, 0, half), branch2(b.sliceChannels(`${name}.split`, x, half, channels))]
        : [branch1(), branch2(x)];
    return b.channelShuffle(`${name}.shuffle`, b.concat(`${name}.concat`, branches), 2);
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = b.maxPool("maxpool", relu("conv1", 2, convNorm("conv1", 0, x, STEM, 3, 2)), { kernel: 3, stride: 2, pad: 1 });
  stageChannels.forEach((channels, stage) => {
    for (let i = 0; i < repeats[stage]; ++i) x = unit(`stage${stage + 2}.${i}`, x, channels, i === 0 ? 2 : 1);
  });
  x = relu("conv5", 2, convNorm("conv5", 0, x, lastChannels, 1));
  return b.build({ output: b.linear("fc", b.flatten("flatten", b.globalAveragePool("pool", x)), classes) });
});
