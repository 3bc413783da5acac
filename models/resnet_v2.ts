// ResNet v2 (He et al., "Identity mappings in deep residual networks", arXiv:1603.05027): normalisation and activation come
// before each convolution, so that nothing stands in the way of the shortcuts; and wide ResNets for CIFAR (Zagoruyko and
// Komodakis, arXiv:1605.07146), which are shallower and k times as wide.
//
//                             parameters   multiply-adds
//   resnet18_v2               11,687,848      1.81 G at 224²   basic blocks
//   resnet34_v2               21,796,008      3.66 G
//   resnet50_v2               25,549,480      4.09 G           bottlenecks
//   resnet101_v2              44,541,608      7.80 G
//   resnet152_v2              60,185,256     11.51 G
//   resnet200_v2              64,666,280     15.01 G
//   resnet110_v2_cifar         1,730,522       253 M at 32²    basic blocks
//   resnet164_v2_cifar         1,703,258       248 M           bottlenecks; the paper says 1.7 M
//   resnet1001_v2_cifar       10,327,706      1.49 G           10.2 M
//   wide_resnet16_10_cifar    17,116,634      2.41 G           WRN-16-10
//   wide_resnet28_10_cifar    36,479,194      5.24 G           WRN-28-10; its paper says 36.5 M
//   wide_resnet40_8_cifar     35,748,314      5.17 G           WRN-40-8; 35.7 M
//
// Shortcuts where channels change are 1×1 convolutions of what the block's first activation gives. Publications differ in
// the stem for ImageNet: we follow imgclsmob, whose counts are the table's, and normalise both after the 7×7 convolution and
// in the first block; the authors' Torch code leaves out the latter (128 parameters). Parameter names are imgclsmob's.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";
import { EXPANSION, imagenetStages, layersOf } from "./resnet.ts";

export interface ResNetV2Config {
  /**
   * Layers, as the paper counts them: 18, 34, 50, 101, 152 or 200 for ImageNet; for CIFAR 6n+2 (6n+4 where `widen` is given,
   * since wide ResNets count a shortcut's convolution in each stage), with bottlenecks 9n+2.
   */
  depth?: number;
  /** Which of the paper's two forms: a 7×7 stem and four stages from 64 channels, or a 3×3 stem and three from 16. */
  form?: "imagenet" | "cifar";
  /** Kind of the blocks; for ImageNet it follows from the depth. */
  block?: "basic" | "bottleneck";
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  /** Channels of the stages, but not of the stem, for each published one (k of wide ResNets). */
  widen?: number;
  /** Where a bottleneck halves the image. */
  strideIn1x1?: boolean;
  classes?: number;
  /** Height and width of the input, in pixels; 224 for ImageNet, 32 for CIFAR. */
  resolution?: number;
}

/** The first paper's stages, and those of the network of 200 layers. */
export const imagenetStagesV2: typeof imagenetStages = {
  ...imagenetStages,
  200: { kind: "bottleneck", blocks: [3, 24, 36, 3] },
};

/**
 * Builds a ResNet v2: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const resnetV2 = family((config: ResNetV2Config): Graph => {
  const form = config.form ?? "imagenet";
  const imagenet = form === "imagenet";
  const wide = config.widen !== undefined;
  const depth = config.depth ?? (imagenet ? 50 : wide ? 28 : 110);
  const settings = {
    block: (imagenet && imagenetStagesV2[depth]?.kind) || "basic",
    width: 1,
    widen: 1,
    strideIn1x1: false,
    classes: imagenet ? 1000 : 10,
    resolution: imagenet ? 224 : 32,
    ...config,
    form,
    depth,
  };
  const { demand, counts, positive, oneOf } = checker("resnet_v2", settings);
  oneOf("form", ["imagenet", "cifar"]);
  if (imagenet) oneOf("depth", Object.keys(imagenetStagesV2).map(Number));
  oneOf("block", ["basic", "bottleneck"]);
  oneOf("strideIn1x1", [true, false]);
  positive("width", "widen");
  counts("depth", "classes", "resolution");
  const { block, width, widen, strideIn1x1, classes, resolution } = settings;
  const others = wide && block === "basic" ? 4 : 2;
  const layers = (depth - others) / (3 * layersOf[block]);
  if (!imagenet) demand("depth", Number.isInteger(layers) && layers > 0, `${3 * layersOf[block]}n+${others}`);
  const stages = imagenet ? imagenetStagesV2[depth].blocks : [layers, layers, layers];
  const base = Math.max(1, Math.round((imagenet ? 64 : 16) * width));

  const b = new GraphBuilder(`resnet${depth}_v2`);
  const normRelu = (name: string, x: ValueInfo) => b.relu(`${name}.activ`, b.batchNorm(`${name}.bn`, x));
  const conv = (name: string, x: ValueInfo, outChannels: number, kernel: number, stride = 1) =>
    b.conv(name, x, { outChannels, kernel, stride, pad: kernel >> 1, bias: false });

  const residual = (name: string, x: ValueInfo, channels: number, stride: number): ValueInfo => {
    const part = (i: number) => `${name}.body.conv${i}`;
    const then = (i: number, from: ValueInfo, outChannels: number, kernel: number, step = 1) =>
      conv(`${part(i)}.conv`, normRelu(part(i), from), outChannels, kernel, step);
    const outChannels = block === "basic" ? channels : channels * EXPANSION;
    const activated = normRelu(part(1), x);
    let y: ValueInfo;
    if (block === "basic") {
      y = then(2, conv(`${part(1)}.conv`, activated, channels, 3, stride), channels, 3);
    } else {
      y = conv(`${part(1)}.conv`, activated, channels, 1, strideIn1x1 ? stride : 1);
      y = then(3, then(2, y, channels, 3, strideIn1x1 ? 1 : stride), outChannels, 1);
    }
    const changes = stride > 1 || x.dims[1] !== outChannels;
    return b.add(`${name}.add`, y, changes ? conv(`${name}.identity_conv`, activated, outChannels, 1, stride) : x);
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  if (imagenet) {
    x = normRelu("features.init_block", conv("features.init_block.conv", x, base, 7, 2));
    x = b.maxPool("features.init_block.pool", x, { kernel: 3, stride: 2, pad: 1 });
  } else {
    x = conv("features.init_block", x, base, 3);
  }
  stages.forEach((count, stage) => {
    const channels = Math.max(1, Math.round(base * widen)) * 2 ** stage;
    for (let i = 0; i < count; ++i) {
      x = residual(`features.stage${stage + 1}.unit${i + 1}`, x, channels, stage > 0 && i === 0 ? 2 : 1);
    }
  });
  x = b.globalAveragePool("features.final_pool", normRelu("features.post_activ", x));
  return b.build({ output: b.linear("output", b.flatten("flatten", x), classes) });
});
