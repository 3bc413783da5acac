// DenseNet (Huang et al., arXiv:1608.06993): each layer reads the outputs of all layers before it in its block, joined
// along the channels, and adds k more. Between blocks a transition keeps the proportion θ of the channels and halves the
// image. Normalisation and activation come before each convolution.
//
//                           parameters   multiply-adds
//   densenet121              7,978,856      2.83 G at 224²    k = 32
//   densenet161             28,681,000      7.73 G            k = 48
//   densenet169             14,149,480      3.36 G            k = 32
//   densenet201             20,013,928      4.29 G            k = 32
//   densenet264             33,337,704      5.75 G            k = 32
//   densenet_40_12_cifar     1,019,722       265 M at 32²     plain: θ = 1, no bottleneck
//   densenet_bc_40_12_cifar    176,122        72 M            bottleneck and θ = ½
//   densenet_bc_100_12_cifar   769,162       288 M
//
// Parameter names are torchvision's, so its weights load. Plain networks are the paper's (1.0, 7.0 and 27.2 million
// parameters); imgclsmob's halve the channels in transitions and begin with 2k: `{ compression: 0.5, stem: 2 * k }`.
import { GraphBuilder } from "../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../src/graph/graph.ts";
import { checker } from "./config.ts";
import { family } from "./family.ts";

export interface DenseNetConfig {
  /** Layers, as the paper counts them: 121, 161, 169, 201 or 264 for ImageNet; 3n+4, with bottlenecks 6n+4, for CIFAR. */
  depth?: number;
  /** Channels that each layer adds (k). */
  growthRate?: number;
  /** Channels that a transition keeps (θ), in (0, 1]. */
  compression?: number;
  /** Whether a 1×1 convolution to 4k channels comes before each 3×3. */
  bottleneck?: boolean;
  /** Which of the paper's two forms: a 7×7 stem and four blocks, or a 3×3 stem and three blocks of equal depth. */
  form?: "imagenet" | "cifar";
  /** Channels of the first convolution; 2k, or 16 in the plain CIFAR networks. */
  stem?: number;
  classes?: number;
  /** Height and width of the input, in pixels; 224 for ImageNet, 32 for CIFAR. */
  resolution?: number;
}

/** The paper's table 1: layers in each of the four blocks; DenseNet-161's from the authors' repository. */
const imagenetBlocks: Readonly<Record<number, readonly number[]>> = {
  121: [6, 12, 24, 16],
  161: [6, 12, 36, 24],
  169: [6, 12, 32, 32],
  201: [6, 12, 48, 32],
  264: [6, 12, 64, 48],
};

/** Bottleneck channels for each channel that a layer adds. */
const BOTTLENECK = 4;

/**
 * Builds a DenseNet: input `input` [1,3,resolution,resolution], output `output` [1,classes] of logits.
 * @throws OptionError naming the field of the configuration that is unknown or out of range
 */
export const densenet = family((config: DenseNetConfig): Graph => {
  const form = config.form ?? "imagenet";
  const imagenet = form === "imagenet";
  const { compression = 0.5, bottleneck = true } = config;
  const growthRate = config.growthRate ?? (imagenet ? (config.depth === 161 ? 48 : 32) : 12);
  const settings = {
    depth: imagenet ? 121 : 40,
    stem: imagenet || (bottleneck && compression < 1) ? 2 * growthRate : 16,
    classes: imagenet ? 1000 : 10,
    resolution: imagenet ? 224 : 32,
    ...config,
    form,
    growthRate,
    compression,
    bottleneck,
  };
  const { demand, counts, oneOf } = checker("densenet", settings);
  oneOf("form", ["imagenet", "cifar"]);
  counts("depth", "growthRate", "stem", "classes", "resolution");
  demand("compression", compression > 0 && compression <= 1, "above 0 and at most 1");
  oneOf("bottleneck", [true, false]);
  const { depth, stem, classes, resolution } = settings;
  const layers = (depth - 4) / (bottleneck ? 6 : 3);
  if (imagenet) oneOf("depth", Object.keys(imagenetBlocks).map(Number));
  else demand("depth", Number.isInteger(layers) && layers > 0, bottleneck ? "6n+4" : "3n+4");
  const blocks = imagenet ? imagenetBlocks[depth] : [layers, layers, layers];

  const b = new GraphBuilder(`densenet${depth}`);
  const normReluConv = (name: string, number: string, x: ValueInfo, outChannels: number, kernel: number) => {
    const y = b.relu(`${name}.relu${number}`, b.batchNorm(`${name}.norm${number}`, x));
    return b.conv(`${name}.conv${number}`, y, { outChannels, kernel, pad: kernel >> 1, bias: false });
  };
  const denseLayer = (name: string, x: ValueInfo): ValueInfo => {
    if (!bottleneck) return normReluConv(name, "1", x, growthRate, 3);
    return normReluConv(name, "2", normReluConv(name, "1", x, BOTTLENECK * growthRate, 1), growthRate, 3);
  };
  const transition = (name: string, x: ValueInfo): ValueInfo => {
    const y = normReluConv(name, "", x, Math.max(1, Math.floor(x.dims[1] * compression)), 1);
    return b.averagePool(`${name}.pool`, y, { kernel: 2, stride: 2 });
  };

  let x = b.input("input", [1, 3, resolution, resolution]);
  if (imagenet) {
    x = b.conv("features.conv0", x, { outChannels: stem, kernel: 7, stride: 2, pad: 3, bias: false });
    x = b.relu("features.relu0", b.batchNorm("features.norm0", x));
    x = b.maxPool("features.pool0", x, { kernel: 3, stride: 2, pad: 1 });
  } else {
    x = b.conv("features.conv0", x, { outChannels: stem, kernel: 3, pad: 1, bias: false });
  }
  blocks.forEach((count, i) => {
    const block = `features.denseblock${i + 1}`;
    for (let layer = 1; layer <= count; ++layer) {
      const name = `${block}.denselayer${layer}`;
      x = b.concat(`${name}.concat`, [x, denseLayer(name, x)]);
    }
    if (i < blocks.length - 1) x = transition(`features.transition${i + 1}`, x);
  });
  x = b.relu("features.relu5", b.batchNorm(`features.norm5`, x));
  return b.build({ output: b.linear("classifier", b.flatten("flatten", b.globalAveragePool("pool", x)), classes) });
});
