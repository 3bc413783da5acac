// PyramidNet (Han, Kim and Kim, "Deep pyramidal residual networks", arXiv:1610.02915): channels grow a little in every block
// instead of doubling where the image is halved. Shortcuts have no parameters: they average 2×2 pixels where the image is
// halved, and zero channels are added behind theirs.
//
//                                         parameters   multiply-adds
//   pyramidnet110_a48_cifar                1,772,706       404 M at 32²    basic blocks; the paper says 1.7 M
//   pyramidnet110_a84_cifar                3,904,446       772 M           3.8 M
//   pyramidnet110_a270_cifar              28,485,477      4.72 G           28.3 M
//   pyramidnet164_bottleneck_a270_cifar   27,216,021      4.57 G           bottlenecks; 27.0 M
//   pyramidnet200_bottleneck_a240_cifar   26,752,702      4.52 G           26.6 M
//   pyramidnet236_bottleneck_a220_cifar   26,969,046      4.58 G           26.8 M
//   pyramidnet272_bottleneck_a200_cifar   26,210,842      4.49 G           26.0 M
//   pyramidnet101_a360                    42,455,070      8.70 G at 224²
//   pyramidnet200_a300                    62,368,168     16.55 G           62.1 M
//   pyramidnet200_a450                   116,775,213     29.20 G           116.4 M
//
// Block k of N has D_k channels: D_0 + k·α/N in the additive form; D_0·α^(k/N) in the multiplicative one. The paper's text
// rounds each D_k down before it computes the next, by which growth slower than a channel a block would never begin. Its
// counts (but those of α = 270) are what rounding the exact figure down gives, cut after a decimal: `{ rounding: "down" }`.
// Its published code rounds to the nearest, as imgclsmob's table does, and this by default. In a block no activation follows
// the first normalisation, and a normalisation follows the last convolution. Parameter names are imgclsmob's.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";
import { EXPANSION, layersOf } from "./resnet.ts";
import { imagenetStagesV2 } from "./resnet_v2.ts";

export interface PyramidNetConfig {
  /** Layers, as the paper counts them: 18, 34, 50, 101, 152 or 200 for ImageNet; 6n+2, with bottlenecks 9n+2, for CIFAR. */
  depth?: number;
  /** Widening factor (α): channels that all blocks together add; in the multiplicative form what they multiply by. */
  alpha?: number;
  /** How channels grow. */
  growth?: "additive" | "multiplicative";
  /** How a block's channels become a whole number: as in the published code, or as in the paper. */
  rounding?: "nearest" | "down";
  /** Which of the paper's two forms: a 7×7 stem and four stages from 64 channels, or a 3×3 stem and three from 16. */
  form?: "imagenet" | "cifar";
  /** Kind of the blocks; for ImageNet it follows from the depth. */
  block?: "basic" | "bottleneck";
  /** Channels of the first convolution (D_0). */
  stem?: number;
  classes?: number;
  /** Height and width of the input, in pixels; 224 for ImageNet, 32 for CIFAR. */
  resolution?: number;
}

/**
 * Builds a PyramidNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const pyramidnet = family((config: PyramidNetConfig): Graph => {
  const form = config.form ?? "imagenet";
  const imagenet = form === "imagenet";
  const growth = config.growth ?? "additive";
  const depth = config.depth ?? (imagenet ? 101 : 110);
  const settings = {
    block: (imagenet && imagenetStagesV2[depth]?.kind) || "basic",
    alpha: growth === "multiplicative" ? 4.75 : imagenet ? 360 : 48,
    rounding: "nearest" as const,
    stem: imagenet ? 64 : 16,
    classes: imagenet ? 1000 : 10,
    resolution: imagenet ? 224 : 32,
    ...config,
    form,
    depth,
    growth,
  };
  const { demand, counts, oneOf } = checker("pyramidnet", settings);
  oneOf("form", ["imagenet", "cifar"]);
  oneOf("growth", ["additive", "multiplicative"]);
  oneOf("rounding", ["nearest", "down"]);
  if (imagenet) oneOf("depth", Object.keys(imagenetStagesV2).map(Number));
  oneOf("block", ["basic", "bottleneck"]);
  counts("depth", "stem", "classes", "resolution");
  const { block, alpha, rounding, stem, classes, resolution } = settings;
  // Zero channels can be added to a shortcut, but none taken away.
  const least = growth === "additive" ? 0 : 1;
  demand("alpha", Number.isFinite(alpha) && alpha >= least, `a number ≥ ${least}`);
  const layers = (depth - 2) / (3 * layersOf[block]);
  if (!imagenet) demand("depth", Number.isInteger(layers) && layers > 0, `${3 * layersOf[block]}n+2`);
  const stages = imagenet ? imagenetStagesV2[depth].blocks : [layers, layers, layers];
  const blocks = stages.reduce((sum, count) => sum + count, 0);
  const channelsAfter = (k: number) => {
    const exact = growth === "additive" ? stem + (k * alpha) / blocks : stem * alpha ** (k / blocks);
    // A power that should be a whole number may lie just below it.
    return rounding === "nearest" ? Math.round(exact) : Math.floor(exact + 1e-9);
  };

  const b = new GraphBuilder(`pyramidnet${depth}`);
  const conv = (name: string, x: ValueInfo, outChannels: number, kernel: number, stride = 1) =>
    b.conv(name, x, { outChannels, kernel, stride, pad: kernel >> 1, bias: false });
  const normRelu = (name: string, x: ValueInfo) => b.relu(`${name}.activ`, b.batchNorm(`${name}.bn`, x));

  const residual = (name: string, x: ValueInfo, channels: number, stride: number): ValueInfo => {
    const part = (i: number) => `${name}.body.conv${i}`;
    const first = b.batchNorm(`${part(1)}.bn`, x);
    const then = (i: number, from: ValueInfo, outChannels: number, kernel: number, step = 1) =>
      conv(`${part(i)}.conv`, normRelu(part(i), from), outChannels, kernel, step);
    const outChannels = block === "basic" ? channels : channels * EXPANSION;
    const y =
      block === "basic"
        ? then(2, conv(`${part(1)}.conv`, first, channels, 3, stride), channels, 3)
        : then(3, then(2, conv(`${part(1)}.conv`, first, channels, 1), channels, 3, stride), outChannels, 1);
    let carried = x;
    if (stride > 1) carried = b.averagePool(`${name}.identity_pool`, x, { kernel: 2, stride, ceilMode: true });
    const added = outChannels - x.dims[1];
    if (added > 0) {
      carried = b.node("Pad", `${name}.identity_pad`, [carried], { before: [0, 0, 0, 0], after: [0, added, 0, 0], value: 0 });
    }
    return b.add(`${name}.add`, b.batchNorm(`${name}.bn`, y), carried);
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  x = normRelu("features.init_block", conv("features.init_block.conv", x, stem, imagenet ? 7 : 3, imagenet ? 2 : 1));
  if (imagenet) x = b.maxPool("features.init_block.pool", x, { kernel: 3, stride: 2, pad: 1 });
  let k = 0;
  stages.forEach((count, stage) => {
    for (let i = 0; i < count; ++i) {
      x = residual(`features.stage${stage + 1}.unit${i + 1}`, x, channelsAfter(++k), stage > 0 && i === 0 ? 2 : 1);
    }
  });
  x = b.globalAveragePool("features.final_pool", normRelu("features.post_activ", x));
  return b.build({ output: b.linear("output", b.flatten("flatten", x), classes) });
});
