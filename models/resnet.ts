// ResNet (He et al., arXiv:1512.03385): blocks of convolutions learn what to add to their input, which a shortcut carries
// past them.
//
//                       parameters   multiply-adds
//   resnet18            11,689,512      1.81 G at 224²   basic blocks: 3×3, 3×3
//   resnet34            21,797,672      3.66 G
//   resnet50            25,557,032      4.09 G           bottlenecks: 1×1, 3×3, 1×1
//   resnet101           44,549,160      7.80 G
//   resnet152           60,192,808     11.51 G
//   wide_resnet50_2     68,883,240     11.40 G           3×3 twice as wide (Zagoruyko et al., arXiv:1605.07146)
//   wide_resnet101_2   126,886,696     22.75 G
//   resnext50_32x4d     25,028,904      4.23 G           3×3 in 32 groups of 4 channels (Xie et al., arXiv:1611.05431)
//   resnext101_32x8d    88,791,336     16.41 G
//   resnext101_64x4d    83,455,272     15.46 G
//   resnet20_cifar         269,722        41 M at 32²    option A shortcuts
//   resnet32_cifar         464,154        69 M
//   resnet44_cifar         658,586        97 M
//   resnet56_cifar         853,018       126 M
//   resnet110_cifar      1,727,962       253 M
//   resnext29_8x64d_cifar   34,426,698  5.39 G           four times as wide, option B; the paper says 34.4 M
//   resnext29_16x64d_cifar  68,155,210 10.69 G           68.1 M
//
// A ResNeXt's 3×3 convolution has `cardinality` groups of `baseWidth` channels in the first stage, twice as many in each
// stage after it; 1 × 64 is a ResNet, 1 × 128 its wide form.
//
// Shortcuts where channels change: A takes every second pixel and adds zero channels, half of them in front, half behind;
// B is a 1×1 convolution. Parameter names are torchvision's, so its weights load; as there, a bottleneck's stride is in
// its 3×3 convolution (the paper's table has it in the first 1×1, at 3.86 G for resnet50: `strideIn1x1`).
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface ResNetConfig {
  /** Layers, as the paper counts them: 18, 34, 50, 101 or 152 for ImageNet; 6n+2, with bottlenecks 9n+2, for CIFAR. */
  depth?: number;
  /** Which of the paper's two forms: a 7×7 stem and four stages from 64 channels, or a 3×3 stem and three from 16. */
  form?: "imagenet" | "cifar";
  /** Kind of the blocks; for ImageNet it follows from the depth. */
  block?: "basic" | "bottleneck";
  /** Shortcuts where channels change; B for ImageNet, A for CIFAR. */
  shortcut?: "A" | "B";
  /** Channels of every layer, as a part of the published ones. */
  width?: number;
  /** Width of a bottleneck's 3×3 convolution: 1 in the paper, 2 in wide ResNets. */
  widen?: number;
  /** Groups of a bottleneck's 3×3 convolution (C): 1 in ResNets. */
  cardinality?: number;
  /** Channels of each of these groups in the first stage (d), where a ResNet's 3×3 convolution has 64. */
  baseWidth?: number;
  /** Without it convolutions have a bias instead. */
  batchNorm?: boolean;
  /** Where a bottleneck halves the image. */
  strideIn1x1?: boolean;
  classes?: number;
  /** Height and width of the input, in pixels; 224 for ImageNet, 32 for CIFAR. */
  resolution?: number;
}

/** The paper's table 1: blocks in each stage, and their kind. */
export const imagenetStages: Readonly<Record<number, { kind: "basic" | "bottleneck"; blocks: readonly number[] }>> = {
  18: { kind: "basic", blocks: [2, 2, 2, 2] },
  34: { kind: "basic", blocks: [3, 4, 6, 3] },
  50: { kind: "bottleneck", blocks: [3, 4, 6, 3] },
  101: { kind: "bottleneck", blocks: [3, 4, 23, 3] },
  152: { kind: "bottleneck", blocks: [3, 8, 36, 3] },
};

/** A bottleneck's output channels for each of its inner ones. */
export const EXPANSION = 4;

/** Layers of a block. */
export const layersOf = { basic: 2, bottleneck: 3 } as const;

/**
 * Builds a ResNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const resnet = family((config: ResNetConfig): Graph => {
  const form = config.form ?? "imagenet";
  const imagenet = form === "imagenet";
  const depth = config.depth ?? (imagenet ? 50 : 20);
  const settings = {
    block: (imagenet && imagenetStages[depth]?.kind) || "basic",
    shortcut: imagenet ? "B" : "A",
    width: 1,
    widen: 1,
    cardinality: 1,
    baseWidth: 64,
    batchNorm: true,
    strideIn1x1: false,
    classes: imagenet ? 1000 : 10,
    resolution: imagenet ? 224 : 32,
    ...config,
    form,
    depth,
  };
  const { demand, counts, positive, oneOf } = checker("resnet", settings);
  oneOf("form", ["imagenet", "cifar"]);
  if (imagenet) oneOf("depth", Object.keys(imagenetStages).map(Number));
  oneOf("block", ["basic", "bottleneck"]);
  oneOf("shortcut", ["A", "B"]);
  oneOf("strideIn1x1", [true, false]);
  oneOf("batchNorm", [true, false]);
  positive("width", "widen", "baseWidth");
  counts("depth", "cardinality", "classes", "resolution");
  const { block, shortcut, width, widen, cardinality, baseWidth, batchNorm, strideIn1x1, classes, resolution } = settings;
  demand("cardinality", cardinality === 1 || block === "bottleneck", "1 where blocks are basic");
  const layers = (depth - 2) / (3 * layersOf[block]);
  if (!imagenet) demand("depth", Number.isInteger(layers) && layers > 0, block === "basic" ? "6n+2" : "9n+2");
  const stages = imagenet ? imagenetStages[depth].blocks : [layers, layers, layers];
  const base = Math.max(1, Math.round((imagenet ? 64 : 16) * width));

  const b = new GraphBuilder(`resnet${depth}`);
  const convNorm = (conv: string, norm: string, x: ValueInfo, outChannels: number, kernel: number, stride = 1, group = 1) => {
    const y = b.conv(conv, x, { outChannels, kernel, stride, pad: kernel >> 1, group, bias: !batchNorm });
    return batchNorm ? b.batchNorm(norm, y) : y;
  };

  /** Every `stride`-th pixel, between zero channels. */
  const optionA = (name: string, x: ValueInfo, outChannels: number, stride: number): ValueInfo => {
    const added = outChannels - x.dims[1];
    const picked = b.node("Slice", `${name}.slice`, [x], {
      starts: [0, 0, 0, 0],
      ends: [...x.dims],
      steps: [1, 1, stride, stride],
    });
    const front = added >> 1;
    return b.node("Pad", `${name}.pad`, [picked], { before: [0, front, 0, 0], after: [0, added - front, 0, 0], value: 0 });
  };

  const residual = (name: string, x: ValueInfo, channels: number, stride: number): ValueInfo => {
    const part = (i: number, from: ValueInfo, outChannels: number, kernel: number, step = 1, group = 1) =>
      convNorm(`${name}.conv${i}`, `${name}.bn${i}`, from, outChannels, kernel, step, group);
    const relu = (i: number, from: ValueInfo) => b.relu(`${name}.relu${i}`, from);
    const outChannels = block === "basic" ? channels : channels * EXPANSION;
    let y: ValueInfo;
    if (block === "basic") {
      y = part(2, relu(1, part(1, x, channels, 3, stride)), channels, 3);
    } else {
      const inner = cardinality * Math.max(1, Math.floor((channels * widen * baseWidth) / 64));
      y = relu(1, part(1, x, inner, 1, strideIn1x1 ? stride : 1));
      y = part(3, relu(2, part(2, y, inner, 3, strideIn1x1 ? 1 : stride, cardinality)), outChannels, 1);
    }
    const changes = stride > 1 || x.dims[1] !== outChannels;
    const convolved = () => convNorm(`${name}.downsample.0`, `${name}.downsample.1`, x, outChannels, 1, stride);
    const carried = !changes ? x : shortcut === "A" ? optionA(name, x, outChannels, stride) : convolved();
    return b.relu(`${name}.relu`, b.add(`${name}.add`, y, carried));
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = b.relu("relu", convNorm("conv1", "bn1", x, base, imagenet ? 7 : 3, imagenet ? 2 : 1));
  if (imagenet) x = b.maxPool("maxpool", x, { kernel: 3, stride: 2, pad: 1 });
  stages.forEach((count, stage) => {
    for (let i = 0; i < count; ++i) {
      x = residual(`layer${stage + 1}.${i}`, x, base * 2 ** stage, stage > 0 && i === 0 ? 2 : 1);
    }
  });
  return b.build({ output: b.linear("fc", b.flatten("flatten", b.globalAveragePool("avgpool", x)), classes) });
});
