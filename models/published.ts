// What has been published of the presets: parameters, multiply-adds and accuracy, with the source of each figure.
//
// These are facts about others' trainings, to stand beside what this engine measures: nothing here was measured by Minnow.
// Each source has its own convention. Multiply-adds of imgclsmob (its FLOPs / 2) include additions, normalisations and pools,
// so they exceed those of convolutions and fully connected layers alone, which Minnow counts, the more so the smaller a
// network is; papers and TensorFlow's tables count as we do. Accuracies are those of one crop of ImageNet's validation set, or
// of CIFAR-10's test set; trainings differ more than decimals do: compare sources before networks.

/** Where figures come from. */
export const sources = {
  torchvision: "torchvision's metadata of its IMAGENET1K_V1 weights (BSD-3-Clause)",
  imgclsmob: "github.com/osmr/imgclsmob, README of its Gluon models, at c1a844dd (MIT)",
  slim: "github.com/tensorflow/models, research/slim: mobilenet_v1.md (checkpoints of 2018-02-22) and mobilenet/README.md",
  lite: "github.com/tensorflow/tpu, models/official/efficientnet/lite/README.md",
  caffe: "Caffe's model zoo: bvlc_alexnet and bvlc_googlenet",
  densenet: "Huang et al., arXiv:1608.06993, tables 2 (CIFAR-10 with augmentation) and 3",
  resnet: "He et al., arXiv:1512.03385, table 6",
  vgg: "Simonyan and Zisserman, arXiv:1409.1556, table 3 (S = Q = 256)",
} as const;

export type Source = keyof typeof sources;

/** A published number. */
export interface Figure {
  readonly value: number;
  readonly source: Source;
}

/** What was published of one preset; each figure by the first source that has it. */
export interface PublishedFigures {
  /** Trained ones; some sources round them. */
  readonly parameters?: Figure;
  readonly multiplyAdds?: Figure;
  /** Of one class in a thousand of ImageNet, or in ten of CIFAR-10, in per cent. */
  readonly top1?: Figure;
}

/** One row of a source. */
interface Row {
  readonly parameters?: number;
  readonly multiplyAdds?: number;
  readonly top1?: number;
}

type Table = Readonly<Record<string, Row>>;

const millions = (count: number): number => Math.round(count * 1e6);

const torchvision: Table = {
  squeezenet1_0: { parameters: 1_248_424, top1: 58.092 },
  squeezenet1_1: { parameters: 1_235_496, top1: 58.178 },
  mobilenet_v2: { parameters: 3_504_872, top1: 71.878 },
  densenet121: { parameters: 7_978_856, top1: 74.434 },
  densenet161: { parameters: 28_681_000, top1: 77.138 },
  densenet169: { parameters: 14_149_480, top1: 75.6 },
  densenet201: { parameters: 20_013_928, top1: 76.896 },
  alexnet_one_column: { parameters: 61_100_840, top1: 56.522 },
  efficientnet_b0: { parameters: 5_288_548, top1: 77.692 },
  efficientnet_b1: { parameters: 7_794_184, top1: 78.642 },
  efficientnet_b2: { parameters: 9_109_994, top1: 80.608 },
  efficientnet_b3: { parameters: 12_233_232, top1: 82.008 },
  efficientnet_b4: { parameters: 19_341_616, top1: 83.384 },
  efficientnet_b5: { parameters: 30_389_784, top1: 83.444 },
  efficientnet_b6: { parameters: 43_040_704, top1: 84.008 },
  efficientnet_b7: { parameters: 66_347_960, top1: 84.122 },
  shufflenet_v2_x0_5: { parameters: 1_366_792, top1: 60.552 },
  shufflenet_v2_x1_0: { parameters: 2_278_604, top1: 69.362 },
  shufflenet_v2_x1_5: { parameters: 3_503_624, top1: 72.996 },
  shufflenet_v2_x2_0: { parameters: 7_393_996, top1: 76.23 },
  mnasnet0_5: { parameters: 2_218_512, top1: 67.734 },
  mnasnet0_75: { parameters: 3_170_208, top1: 71.18 },
  mnasnet1_0: { parameters: 4_383_312, top1: 73.456 },
  mnasnet1_3: { parameters: 6_282_256, top1: 76.506 },
  vgg11: { parameters: 132_863_336, top1: 69.02 },
  vgg11_bn: { parameters: 132_868_840, top1: 70.37 },
  vgg13: { parameters: 133_047_848, top1: 69.928 },
  vgg13_bn: { parameters: 133_053_736, top1: 71.586 },
  vgg16: { parameters: 138_357_544, top1: 71.592 },
  vgg16_bn: { parameters: 138_365_992, top1: 73.36 },
  vgg19: { parameters: 143_667_240, top1: 72.376 },
  vgg19_bn: { parameters: 143_678_248, top1: 74.218 },
  googlenet_bn: { parameters: 6_624_904, top1: 69.778 },
  resnet18: { parameters: 11_689_512, top1: 69.758 },
  resnet34: { parameters: 21_797_672, top1: 73.314 },
  resnet50: { parameters: 25_557_032, top1: 76.13 },
  resnet101: { parameters: 44_549_160, top1: 77.374 },
  resnet152: { parameters: 60_192_808, top1: 78.312 },
  resnext50_32x4d: { parameters: 25_028_904, top1: 77.618 },
  resnext101_32x8d: { parameters: 88_791_336, top1: 79.312 },
  resnext101_64x4d: { parameters: 83_455_272, top1: 83.246 },
  wide_resnet50_2: { parameters: 68_883_240, top1: 78.468 },
  wide_resnet101_2: { parameters: 126_886_696, top1: 78.848 },
  mobilenet_v3_large: { parameters: 5_483_032, top1: 74.042 },
  mobilenet_v3_small: { parameters: 2_542_856, top1: 67.668 },
};

const imgclsmob: Table = {
  squeezenet1_0: { parameters: 1_248_424, multiplyAdds: millions(823.67), top1: 61.27 },
  squeezenet1_1: { parameters: 1_235_496, multiplyAdds: millions(352.02), top1: 60.91 },
  alexnet_ungrouped: { parameters: 62_378_344, multiplyAdds: millions(1132.33), top1: 61.93 },
  alexnet_one_column: { parameters: 61_100_840, multiplyAdds: millions(714.83), top1: 60.7 },
  vgg11: { parameters: 132_863_336, multiplyAdds: millions(7615.87), top1: 70.41 },
  vgg11_bn: { parameters: 132_868_840, multiplyAdds: millions(7630.72), top1: 70.76 },
  vgg13: { parameters: 133_047_848, multiplyAdds: millions(11317.65), top1: 71.63 },
  vgg13_bn: { parameters: 133_053_736, multiplyAdds: millions(11342.14), top1: 71.77 },
  vgg16: { parameters: 138_357_544, multiplyAdds: millions(15480.1), top1: 73.39 },
  vgg16_bn: { parameters: 138_365_992, multiplyAdds: millions(15507.2), top1: 74.17 },
  vgg19: { parameters: 143_667_240, multiplyAdds: millions(19642.55), top1: 74.42 },
  vgg19_bn: { parameters: 143_678_248, multiplyAdds: millions(19672.26), top1: 75.21 },
  resnet18: { parameters: 11_689_512, multiplyAdds: millions(1820.41), top1: 73.21 },
  resnet34: { parameters: 21_797_672, multiplyAdds: millions(3672.68), top1: 75.47 },
  resnet50: { parameters: 25_557_032, multiplyAdds: millions(4110.48), top1: 77.94 },
  resnet101: { parameters: 44_549_160, multiplyAdds: millions(7830.48), top1: 79.74 },
  resnet152: { parameters: 60_192_808, multiplyAdds: millions(11554.38), top1: 81.16 },
  densenet121: { parameters: 7_978_856, multiplyAdds: millions(2872.13), top1: 76.75 },
  densenet161: { parameters: 28_681_000, multiplyAdds: millions(7793.16), top1: 78.18 },
  densenet169: { parameters: 14_149_480, multiplyAdds: millions(3403.89), top1: 77.9 },
  densenet201: { parameters: 20_013_928, multiplyAdds: millions(4347.15), top1: 78.44 },
  efficientnet_b0: { parameters: 5_288_548, multiplyAdds: millions(413.13), top1: 77.04 },
  efficientnet_b1: { parameters: 7_794_184, multiplyAdds: millions(730.44), top1: 79.02 },
  efficientnet_b2: { parameters: 9_109_994, multiplyAdds: millions(1049.29), top1: 80.06 },
  efficientnet_b3: { parameters: 12_233_232, multiplyAdds: millions(1923.98), top1: 81.4 },
  efficientnet_b4: { parameters: 19_341_616, multiplyAdds: millions(4597.56), top1: 82.75 },
  efficientnet_b5: { parameters: 30_389_784, multiplyAdds: millions(10674.67), top1: 83.61 },
  efficientnet_b6: { parameters: 43_040_704, multiplyAdds: millions(19761.35), top1: 84.04 },
  efficientnet_b7: { parameters: 66_347_960, multiplyAdds: millions(38949.07), top1: 84.3 },
  mobilenet_v2: { multiplyAdds: millions(315.51), top1: 72.84 },
  shufflenet_v1_g1: { parameters: 1_531_936, multiplyAdds: millions(148.13), top1: 65.59 },
  shufflenet_v1_g2: { parameters: 1_733_848, multiplyAdds: millions(147.6), top1: 66.02 },
  shufflenet_v1_g3: { parameters: 1_865_728, multiplyAdds: millions(145.46), top1: 66.04 },
  shufflenet_v1_g4: { parameters: 1_968_344, multiplyAdds: millions(143.33), top1: 66.16 },
  shufflenet_v1_g8: { parameters: 2_434_768, multiplyAdds: millions(150.76), top1: 66.35 },
  "shufflenet_v1_g1_0.75": { parameters: 975_214, multiplyAdds: millions(86.42), top1: 60.75 },
  "shufflenet_v1_g1_0.5": { parameters: 534_484, multiplyAdds: millions(41.16), top1: 53.78 },
  "shufflenet_v1_g1_0.25": { parameters: 209_746, multiplyAdds: millions(12.35), top1: 38.0 },
  "shufflenet_v1_g3_0.75": { parameters: 1_238_266, multiplyAdds: millions(85.82), top1: 62.19 },
  "shufflenet_v1_g3_0.5": { parameters: 718_324, multiplyAdds: millions(41.7), top1: 56.17 },
  "shufflenet_v1_g3_0.25": { parameters: 305_902, multiplyAdds: millions(13.09), top1: 38.66 },
  "squeezenext23_1.0": { parameters: 724_056, multiplyAdds: millions(287.28), top1: 57.75 },
  "squeezenext23v5_1.0": { parameters: 921_816, multiplyAdds: millions(285.82), top1: 59.57 },
  "squeezenext23_1.5": { parameters: 1_511_824, multiplyAdds: millions(552.39), top1: 65.54 },
  "squeezenext23v5_1.5": { parameters: 1_953_616, multiplyAdds: millions(550.97), top1: 66.52 },
  "squeezenext23_2.0": { parameters: 2_583_752, multiplyAdds: millions(898.48), top1: 69.76 },
  "squeezenext23v5_2.0": { parameters: 3_366_344, multiplyAdds: millions(897.6), top1: 70.73 },
  shufflenet_v2_x0_5: { parameters: 1_366_792, multiplyAdds: millions(43.31), top1: 59.39 },
  shufflenet_v2_x1_0: { parameters: 2_278_604, multiplyAdds: millions(149.72), top1: 69.06 },
  mnasnet1_0: { parameters: 4_383_312, multiplyAdds: millions(326.3), top1: 75.33 },
  mnasnet_a1: { parameters: 3_887_038, multiplyAdds: millions(325.77), top1: 75.96 },
  resnet18_v2: { parameters: 11_687_848, multiplyAdds: millions(1820.56), top1: 71.84 },
  resnet34_v2: { parameters: 21_796_008, multiplyAdds: millions(3672.83), top1: 75.45 },
  resnet50_v2: { parameters: 25_549_480, multiplyAdds: millions(4107.97), top1: 77.64 },
  resnet101_v2: { parameters: 44_541_608, multiplyAdds: millions(7827.97), top1: 79.15 },
  resnet152_v2: { parameters: 60_185_256, multiplyAdds: millions(11551.87), top1: 80.99 },
  resnet200_v2: { parameters: 64_666_280, multiplyAdds: millions(15068.63), top1: 81.04 },
  resnet110_v2_cifar: { parameters: 1_730_522, multiplyAdds: millions(255.68), top1: 96.14 },
  resnet164_v2_cifar: { parameters: 1_703_258, multiplyAdds: millions(255.08), top1: 96.36 },
  resnet1001_v2_cifar: { parameters: 10_327_706, multiplyAdds: millions(1536.18), top1: 97.35 },
  wide_resnet16_10_cifar: { parameters: 17_116_634, multiplyAdds: millions(2414.04), top1: 97.07 },
  wide_resnet28_10_cifar: { parameters: 36_479_194, multiplyAdds: millions(5246.98), top1: 97.61 },
  wide_resnet40_8_cifar: { parameters: 35_748_314, multiplyAdds: millions(5176.9), top1: 97.63 },
  resnext50_32x4d: { parameters: 25_028_904, multiplyAdds: millions(4255.86), top1: 79.16 },
  resnext29_16x64d_cifar: { parameters: 68_155_210, multiplyAdds: millions(10709.34), top1: 97.59 },
  pyramidnet101_a360: { parameters: 42_455_070, multiplyAdds: millions(8743.54), top1: 79.59 },
  pyramidnet110_a48_cifar: { parameters: 1_772_706, multiplyAdds: millions(408.37), top1: 96.28 },
  pyramidnet110_a84_cifar: { parameters: 3_904_446, multiplyAdds: millions(778.15), top1: 97.02 },
  pyramidnet110_a270_cifar: { parameters: 28_485_477, multiplyAdds: millions(4730.6), top1: 97.49 },
  pyramidnet164_bottleneck_a270_cifar: { parameters: 27_216_021, multiplyAdds: millions(4608.81), top1: 97.58 },
  pyramidnet200_bottleneck_a240_cifar: { parameters: 26_752_702, multiplyAdds: millions(4563.4), top1: 97.56 },
  pyramidnet236_bottleneck_a220_cifar: { parameters: 26_969_046, multiplyAdds: millions(4631.32), top1: 97.53 },
  pyramidnet272_bottleneck_a200_cifar: { parameters: 26_210_842, multiplyAdds: millions(4541.36), top1: 97.61 },
  dpn68: { parameters: 12_611_602, multiplyAdds: millions(2351.84), top1: 77.13 },
  dpn98: { parameters: 61_570_728, multiplyAdds: millions(11716.51), top1: 81.71 },
  dpn131: { parameters: 79_254_504, multiplyAdds: millions(16076.15), top1: 80.58 },
  polynet: { parameters: 95_366_600, multiplyAdds: millions(34821.34), top1: 80.91 },
  densenet_bc_40_12_cifar: { parameters: 176_122, multiplyAdds: millions(74.89), top1: 93.57 },
};

/** Of MobileNets: parameters and multiply-adds in millions, top-1. */
const slim: Table = Object.fromEntries(
  Object.entries({
    mobilenet_v1: [4.24, 569, 70.9],
    "mobilenet_v1_1.0_224": [4.24, 569, 70.9],
    "mobilenet_v1_1.0_192": [4.24, 418, 70.0],
    "mobilenet_v1_1.0_160": [4.24, 291, 68.0],
    "mobilenet_v1_1.0_128": [4.24, 186, 65.2],
    "mobilenet_v1_0.75_224": [2.59, 317, 68.4],
    "mobilenet_v1_0.75_192": [2.59, 233, 67.2],
    "mobilenet_v1_0.75_160": [2.59, 162, 65.3],
    "mobilenet_v1_0.75_128": [2.59, 104, 62.1],
    "mobilenet_v1_0.5_224": [1.34, 150, 63.3],
    "mobilenet_v1_0.5_192": [1.34, 110, 61.7],
    "mobilenet_v1_0.5_160": [1.34, 77, 59.1],
    "mobilenet_v1_0.5_128": [1.34, 49, 56.3],
    "mobilenet_v1_0.25_224": [0.47, 41, 49.8],
    "mobilenet_v1_0.25_192": [0.47, 34, 47.7],
    "mobilenet_v1_0.25_160": [0.47, 21, 45.5],
    "mobilenet_v1_0.25_128": [0.47, 14, 41.5],
    "mobilenet_v2_1.4": [6.06, 582, 75.0],
    mobilenet_v2: [3.47, 300, 71.8],
    "mobilenet_v2_0.75": [2.61, 209, 69.8],
    "mobilenet_v2_0.5": [1.95, 97, 65.4],
    "mobilenet_v2_0.35": [1.66, 59, 60.3],
  }).map(([name, [parameters, multiplyAdds, top1]]) => [
    name,
    { parameters: millions(parameters), multiplyAdds: millions(multiplyAdds), top1 },
  ]),
);

/** EfficientNet-Lite in float32. */
const lite: Table = {
  efficientnet_lite0: { parameters: millions(4.7), multiplyAdds: millions(407), top1: 75.1 },
  efficientnet_lite1: { parameters: millions(5.4), multiplyAdds: millions(631), top1: 76.7 },
  efficientnet_lite2: { parameters: millions(6.1), multiplyAdds: millions(899), top1: 77.6 },
  efficientnet_lite3: { parameters: millions(8.2), multiplyAdds: millions(1440), top1: 79.8 },
  efficientnet_lite4: { parameters: millions(13), multiplyAdds: millions(2640), top1: 81.5 },
};

const caffe: Table = {
  alexnet: { top1: 57.1 },
  googlenet: { top1: 68.7 },
};

const densenet: Table = {
  densenet264: { parameters: millions(33.3), top1: 77.85 },
  densenet_40_12_cifar: { parameters: millions(1.0), top1: 94.76 },
  densenet_100_12_cifar: { parameters: millions(7.0), top1: 95.9 },
  densenet_100_24_cifar: { parameters: millions(27.2), top1: 96.26 },
  densenet_bc_100_12_cifar: { parameters: millions(0.8), top1: 95.49 },
  densenet_bc_250_24_cifar: { parameters: millions(15.3), top1: 96.38 },
  densenet_bc_190_40_cifar: { parameters: millions(25.6), top1: 96.54 },
};

const resnet: Table = {
  resnet20_cifar: { parameters: millions(0.27), top1: 91.25 },
  resnet32_cifar: { parameters: millions(0.46), top1: 92.49 },
  resnet44_cifar: { parameters: millions(0.66), top1: 92.83 },
  resnet56_cifar: { parameters: millions(0.85), top1: 93.03 },
  resnet110_cifar: { parameters: millions(1.7), top1: 93.57 },
};

const vgg: Table = {
  vgg11_lrn: { top1: 70.3 },
  vgg16_1x1: { top1: 71.9 },
};

/** The source whose figures go first stands first. */
const tables: Readonly<Record<Source, Table>> = { torchvision, slim, lite, caffe, densenet, resnet, vgg, imgclsmob };

/**
 * What was published of a preset.
 * @param name of the preset; one of which nothing was published has no figures
 */
export function publishedFigures(name: string): PublishedFigures {
  const find = (figure: keyof Row): Figure | undefined => {
    for (const [source, table] of Object.entries(tables) as [Source, Table][]) {
      const value = Object.hasOwn(table, name) ? table[name][figure] : undefined;
      if (value !== undefined) return { value, source };
    }
    return undefined;
  };
  return { parameters: find("parameters"), multiplyAdds: find("multiplyAdds"), top1: find("top1") };
}

/** Names that something was published of. */
export function publishedNames(): string[] {
  return [...new Set(Object.values(tables).flatMap((table) => Object.keys(table)))];
}
