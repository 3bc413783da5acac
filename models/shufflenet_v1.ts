// ShuffleNet (Zhang et al., arXiv:1707.01083): 1×1 convolutions in groups, and a shuffle between them, so that what one group
// has found reaches the others.
//
//                           parameters   multiply-adds at 224²
//   shufflenet_v1_g1         1,531,936      143 M
//   shufflenet_v1_g2         1,733,848      141 M
//   shufflenet_v1_g3         1,865,728      137 M
//   shufflenet_v1_g4         1,968,344      134 M
//   shufflenet_v1_g8         2,434,768      138 M
//   shufflenet_v1_g1_0.75      975,214       83 M
//   shufflenet_v1_g3_0.75    1,238,266       80 M
//   shufflenet_v1_g1_0.5       534,484       39 M
//   shufflenet_v1_g3_0.5       718,324       38 M
//   shufflenet_v1_g1_0.25      209,746       11 M
//   shufflenet_v1_g3_0.25      305,902       11 M
//
// More groups make a convolution cheaper, so that it can be wider at the same cost: the paper's table 1 gives the channels for
// each number of groups. `scale` multiplies them, the stem's too. torchvision has no such network; parameter names are those
// of pytorchcv, whose counts these are.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface ShuffleNetV1Config {
  /** Groups of the 1×1 convolutions. */
  groups?: keyof typeof stageChannels;
  /** Multiplies the channels of every layer. */
  scale?: number;
  /** Height and width of the input, in pixels. */
  resolution?: number;
  classes?: number;
}

/** The paper's table 1: output channels of the three stages for each number of groups. */
const stageChannels = {
  1: [144, 288, 576],
  2: [200, 400, 800],
  3: [240, 480, 960],
  4: [272, 544, 1088],
  8: [384, 768, 1536],
} as const;

/** Units of each stage; the first of them halves the image. */
const repeats = [4, 8, 4];

/** Channels of the first convolution. */
const STEM = 24;

/** Output channels for each of a bottleneck's. */
const EXPANSION = 4;

/**
 * Builds a ShuffleNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const shufflenetV1 = family((config: ShuffleNetV1Config): Graph => {
  const settings = { groups: 3 as const, scale: 1, resolution: 224, classes: 1000, ...config };
  const { demand, counts, positive, oneOf } = checker("shufflenet_v1", settings);
  oneOf("groups", Object.keys(stageChannels).map(Number));
  counts("resolution", "classes");
  positive("scale");
  const { groups, scale, resolution, classes } = settings;
  const stem = Math.max(1, Math.floor(STEM * scale));
  const stages = stageChannels[groups].map((channels) => Math.floor(channels * scale));
  const divides = stages.every((channels) => channels > 0 && channels % (EXPANSION * groups) === 0);
  // The very first unit computes only what its stage has more than the stem.
  demand(
    "scale",
    divides && (stages[0] - stem) % groups === 0 && stages[0] > stem,
    `such that ${EXPANSION} × ${groups} groups divide the channels of every stage, and ${groups} what the first has more than the stem`,
  );

  const b = new GraphBuilder("shufflenet_v1");
  const convNorm = (conv: string, norm: string, x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1) =>
    b.batchNorm(norm, b.conv(conv, x, { outChannels, kernel, stride, pad: kernel >> 1, group, bias: false }));

  const unit = (name: string, x: ValueInfo, channels: number, stride: number, firstGroups: number): ValueInfo => {
    const inner = channels / EXPANSION;
    const part = (i: number, kind: string, from: ValueInfo, ...layer: [number, number, number?, number?]) =>
      convNorm(`${name}.${kind}_conv${i}`, `${name}.${kind}_bn${i}`, from, ...layer);
    let y = b.relu(`${name}.relu`, part(1, "compress", x, inner, 1, 1, firstGroups));
    y = part(2, "dw", b.channelShuffle(`${name}.c_shuffle`, y, groups), inner, 3, stride, inner);
    y = part(3, "expand", y, stride === 1 ? channels : channels - x.dims[1], 1, 1, groups);
    // Where the image shrinks, its means are joined instead of added: channels grow at no cost.
    const means = () => b.averagePool(`${name}.avgpool`, x, { kernel: 3, stride, pad: 1, countIncludePad: true });
    return b.relu(`${name}.activ`, stride === 1 ? b.add(`${name}.add`, y, x) : b.concat(`${name}.concat`, [y, means()]));
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = b.relu("features.init_block.activ", convNorm("features.init_block.conv", "features.init_block.bn", x, stem, 3, 2));
  x = b.maxPool("features.init_block.pool", x, { kernel: 3, stride: 2, pad: 1 });
  stages.forEach((channels, stage) => {
    for (let i = 0; i < repeats[stage]; ++i) {
      // The stem's channels are too few to group.
      const firstGroups = stage === 0 && i === 0 ? 1 : groups;
      x = unit(`features.stage${stage + 1}.unit${i + 1}`, x, channels, i === 0 ? 2 : 1, firstGroups);
    }
  });
  return b.build({ output: b.linear("output", b.flatten("flatten", b.globalAveragePool("features.final_pool", x)), classes) });
});
