// The families as published: parameter counts, multiply-adds, and the shapes behind them.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  densenet,
  dpn,
  googlenet,
  mobilenetV1,
  mobilenetV2,
  type PolyModule,
  polynet,
  presets,
  pyramidnet,
  resnet,
  resnetV2,
  shufflenetV2,
  squeezenet,
  squeezenext,
} from "../../models/index.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { elementCount } from "../../src/tensor.ts";
import { dataPath, needsData } from "../data.ts";

/** Trained parameters: constants of the architecture and a normalisation's statistics are not, though some papers count those. */
function countParameters({ nodes, parameters }: Graph, withStatistics = false): number {
  const statistics = new Set(nodes.flatMap(({ op, inputs }) => (op === "BatchNormalization" ? inputs.slice(3) : [])));
  return [...parameters].reduce((sum, [name, { dims, data }]) => {
    const counts = data === undefined && (withStatistics || !statistics.has(name));
    return sum + (counts ? elementCount(dims) : 0);
  }, 0);
}

/** Of convolutions and fully connected layers. */
function countMultiplyAdds(graph: Graph): number {
  const values = inferShapes(graph);
  return graph.nodes.reduce((sum, { op, inputs, output }) => {
    if (op !== "Conv" && op !== "Gemm") return sum;
    return sum + elementCount(values.get(output)!.dims) * elementCount(values.get(inputs[1])!.dims.slice(1));
  }, 0);
}

interface Published {
  readonly torchvision: Readonly<Record<string, Readonly<Record<string, { num_params: number }>>>>;
  readonly imgclsmob_imagenet: readonly { model: string; params: number; MACs_M: number }[];
  readonly imgclsmob_cifar10: readonly { model: string; params: number; MACs_M: number }[];
  readonly imgclsmob_cifar100: readonly { model: string; params: number; MACs_M: number }[];
}

const published: Published | undefined =
  needsData === false ? JSON.parse(readFileSync(dataPath("tables/published_params_macs.json"), "utf8")) : undefined;

/** Presets by torchvision's names. */
const torchvision: Readonly<Record<string, string>> = {
  SqueezeNet1_0: "squeezenet1_0",
  SqueezeNet1_1: "squeezenet1_1",
  MobileNet_V2: "mobilenet_v2",
  MobileNet_V3_Large: "mobilenet_v3_large",
  MobileNet_V3_Small: "mobilenet_v3_small",
  ...Object.fromEntries(["0_5", "0_75", "1_0", "1_3"].map((alpha) => [`MNASNet${alpha}`, `mnasnet${alpha}`])),
  ...Object.fromEntries(["0_5", "1_0", "1_5", "2_0"].map((scale) => [`ShuffleNet_V2_X${scale}`, `shufflenet_v2_x${scale}`])),
  ...Object.fromEntries([121, 161, 169, 201].map((depth) => [`DenseNet${depth}`, `densenet${depth}`])),
  AlexNet: "alexnet_one_column",
  ...Object.fromEntries([0, 1, 2, 3, 4, 5, 6, 7].map((i) => [`EfficientNet_B${i}`, `efficientnet_b${i}`])),
  ...Object.fromEntries([11, 13, 16, 19].flatMap((n) => [`VGG${n}`, `VGG${n}_BN`].map((name) => [name, name.toLowerCase()]))),
  GoogLeNet: "googlenet_bn",
  ...Object.fromEntries([18, 34, 50, 101, 152].map((depth) => [`ResNet${depth}`, `resnet${depth}`])),
  Wide_ResNet50_2: "wide_resnet50_2",
  Wide_ResNet101_2: "wide_resnet101_2",
  ResNeXt50_32X4D: "resnext50_32x4d",
  ResNeXt101_32X8D: "resnext101_32x8d",
  ResNeXt101_64X4D: "resnext101_64x4d",
};

/** Graphs by imgclsmob's names; those that are no presets show what its variants change. */
const imgclsmob: Readonly<Record<string, () => Graph>> = {
  ...Object.fromEntries(
    [0.25, 0.5, 0.75, 1].map((alpha) => [`MobileNet x${alpha === 1 ? "1.0" : alpha}`, () => mobilenetV1({ alpha })]),
  ),
  "MnasNet-B1": presets.mnasnet1_0,
  "MnasNet-A1": presets.mnasnet_a1,
  ...Object.fromEntries([1, 2, 3, 4, 8].map((g) => [`ShuffleNet x1.0 (g=${g})`, presets[`shufflenet_v1_g${g}`]])),
  ...Object.fromEntries(
    [0.25, 0.5, 0.75].flatMap((scale) =>
      [1, 3].map((g) => [`ShuffleNet x${scale} (g=${g})`, presets[`shufflenet_v1_g${g}_${scale}`]]),
    ),
  ),
  "ShuffleNetV2 x0.5": presets.shufflenet_v2_x0_5,
  "ShuffleNetV2 x1.0": presets.shufflenet_v2_x1_0,
  "ShuffleNetV2b x0.5": presets.shufflenet_v2_x0_5,
  "ShuffleNetV2 x1.5": () => shufflenetV2({ scale: 1.5, lastChannels: 1553 }),
  "ShuffleNetV2 x2.0": () => shufflenetV2({ scale: 2, lastChannels: 2153 }),
  ...Object.fromEntries(
    [1, 1.5, 2].flatMap((width) =>
      (["v1", "v5"] as const).map((variant) => [
        `${width.toFixed(1)}-SqNxt-23${variant === "v1" ? "" : variant}`,
        () => squeezenext({ variant, width, resolution: 224 }),
      ]),
    ),
  ),
  AlexNet: presets.alexnet_ungrouped,
  "AlexNet-b": presets.alexnet_one_column,
  "VGG-11": presets.vgg11,
  "VGG-13": presets.vgg13,
  "VGG-16": presets.vgg16,
  "VGG-19": presets.vgg19,
  "BN-VGG-11b": presets.vgg11_bn,
  "BN-VGG-13b": presets.vgg13_bn,
  "BN-VGG-16b": presets.vgg16_bn,
  "BN-VGG-19b": presets.vgg19_bn,
  "ResNet-18": presets.resnet18,
  "ResNet-34": presets.resnet34,
  "ResNet-50": () => resnet({ depth: 50, strideIn1x1: true }),
  "ResNet-50b": presets.resnet50,
  "ResNet-101": () => resnet({ depth: 101, strideIn1x1: true }),
  "ResNet-101b": presets.resnet101,
  "ResNet-152": () => resnet({ depth: 152, strideIn1x1: true }),
  "ResNet-152b": presets.resnet152,
  "DenseNet-121": presets.densenet121,
  "DenseNet-161": presets.densenet161,
  "DenseNet-169": presets.densenet169,
  "DenseNet-201": presets.densenet201,
  "EfficientNet-B0": presets.efficientnet_b0,
  "EfficientNet-B1": presets.efficientnet_b1,
  ...Object.fromEntries([2, 3, 4, 5, 6, 7].map((i) => [`EfficientNet-B${i}b`, presets[`efficientnet_b${i}`]])),
  "SqueezeNet v1.0": () => squeezenet({ version: "1.0", stemPad: 0, ceilMode: true }),
  "SqueezeNet v1.1": presets.squeezenet1_1,
  "SqueezeResNet v1.0": () => squeezenet({ version: "1.0", bypass: "simple", stemPad: 0, ceilMode: true }),
  "SqueezeResNet v1.1": () => squeezenet({ version: "1.1", bypass: "simple" }),
  "ResNeXt-50 (32x4d)": presets.resnext50_32x4d,
  "ResNeXt-101 (32x4d)": () => resnet({ depth: 101, cardinality: 32, baseWidth: 4 }),
  "ResNeXt-101 (64x4d)": presets.resnext101_64x4d,
  "WRN-50-2": () => resnet({ depth: 50, widen: 2, batchNorm: false }),
  "PreResNet-18": presets.resnet18_v2,
  "PreResNet-34": presets.resnet34_v2,
  ...Object.fromEntries(
    [50, 101, 152].flatMap((depth) => [
      [`PreResNet-${depth}`, () => resnetV2({ depth, strideIn1x1: true })],
      [`PreResNet-${depth}b`, presets[`resnet${depth}_v2`]],
    ]),
  ),
  "PreResNet-200b": presets.resnet200_v2,
  "PyramidNet-101 (a=360)": presets.pyramidnet101_a360,
  "DPN-68": presets.dpn68,
  "DPN-98": presets.dpn98,
  "DPN-131": presets.dpn131,
  PolyNet: presets.polynet,
};

/**
 * Builders of imgclsmob's networks for CIFAR by their names, whose numbers they take: with option B shortcuts, and plain
 * DenseNets that halve channels in transitions.
 */
const imgclsmobCifar: readonly (readonly [RegExp, (classes: number, ...numbers: number[]) => Graph])[] = [
  [/^ResNet-(20|56|110|1202)$/, (classes, depth) => resnet({ form: "cifar", depth, shortcut: "B", classes })],
  [
    /^ResNet-(\d+)(?:\(BN\)|(?<=1001))$/,
    (classes, depth) => resnet({ form: "cifar", depth, shortcut: "B", block: "bottleneck", classes }),
  ],
  [/^PreResNet-(20|56|110|1202)$/, (classes, depth) => resnetV2({ form: "cifar", depth, classes })],
  [/^PreResNet-(\d+)(?:\(BN\)|(?<=1001))$/, (classes, depth) => resnetV2({ form: "cifar", depth, block: "bottleneck", classes })],
  [
    /^ResNeXt-(\d+) \((\d+)x(\d+)d\)$/,
    (classes, depth, cardinality, baseWidth) =>
      resnet({ form: "cifar", block: "bottleneck", shortcut: "B", width: 4, depth, cardinality, baseWidth, classes }),
  ],
  [/^WRN-(\d+)-(\d+)$/, (classes, depth, widen) => resnetV2({ form: "cifar", depth, widen, classes })],
  [/^PyramidNet-(\d+) \(a=(\d+)\)$/, (classes, depth, alpha) => pyramidnet({ form: "cifar", depth, alpha, classes })],
  [
    /^PyramidNet-(\d+) \(a=(\d+), BN\)$/,
    (classes, depth, alpha) => pyramidnet({ form: "cifar", depth, alpha, block: "bottleneck", classes }),
  ],
  [/^DenseNet-BC-(\d+) \(k=(\d+)\)$/, (classes, depth, growthRate) => densenet({ form: "cifar", depth, growthRate, classes })],
  [
    /^DenseNet-(\d+) \(k=(\d+)\)$/,
    (classes, depth, growthRate) =>
      densenet({ form: "cifar", depth, growthRate, bottleneck: false, stem: 2 * growthRate, classes }),
  ],
];

describe("published parameter counts", { skip: needsData }, () => {
  for (const [name, preset] of Object.entries(torchvision)) {
    test(`torchvision's ${name} is ${preset}`, () => {
      const [weights] = Object.values(published!.torchvision[name]);
      assert.equal(countParameters(presets[preset]()), weights.num_params);
    });
  }
  function compare(graph: Graph, row: { params: number; MACs_M: number }): void {
    assert.equal(countParameters(graph), row.params);
    // The table counts additions, normalisations and pools too, which tell most in narrow networks; its EfficientNets were
    // trained at other sizes.
    const counted = countMultiplyAdds(graph) / (row.MACs_M * 1e6);
    assert.ok(counted > 0.84 && counted < 1.005, `${counted.toFixed(3)} of the published multiply-adds`);
  }
  for (const [name, build] of Object.entries(imgclsmob)) {
    test(`imgclsmob's ${name}`, () => {
      const row = published!.imgclsmob_imagenet.find(({ model }) => model === name);
      assert.ok(row !== undefined, "it is not in the table");
      compare(build(), row);
    });
  }
  for (const [classes, rows] of [
    [10, published?.imgclsmob_cifar10],
    [100, published?.imgclsmob_cifar100],
  ] as const) {
    for (const [pattern, build] of imgclsmobCifar) {
      test(`imgclsmob's ${pattern.source} for CIFAR-${classes}`, () => {
        const found = rows!.flatMap((row) => {
          const match = pattern.exec(row.model);
          return match ? [{ row, numbers: match.slice(1).map(Number) }] : [];
        });
        assert.ok(found.length > 0, "the table has none");
        for (const { row, numbers } of found) compare(build(classes, ...numbers), row);
      });
    }
  }
  test("imgclsmob's narrow MobileNetV2b, which do not round channels and whose classifiers have no bias", () => {
    for (const alpha of [0.25, 0.5, 0.75, 1]) {
      const name = `MobileNetV2b x${alpha === 1 ? "1.0" : alpha}`;
      const row = published!.imgclsmob_imagenet.find(({ model }) => model === name);
      assert.equal(countParameters(mobilenetV2({ alpha, multiple: 1 })), row!.params + 1000);
    }
  });
});

test("imgclsmob's MobileNetV3, whose head has no bias", { skip: needsData }, () => {
  const row = published!.imgclsmob_imagenet.find(({ model }) => model === "MobileNetV3 L/224/1.0");
  assert.equal(countParameters(presets.mobilenet_v3_large()), row!.params + 1280);
});

test("multiply-adds as the papers count them, in millions", () => {
  for (const [preset, count, tolerance] of [
    ["mobilenet_v3_large", 219, 3],
    ["mobilenet_v3_large_0.75", 155, 1],
    ["mobilenet_v3_small", 56, 1],
    ["mobilenet_v3_small_0.75", 44, 1],
    ["mnasnet_a1", 312, 1],
    ["shufflenet_v1_g1", 143, 1],
    ["shufflenet_v1_g2", 140, 1],
    ["shufflenet_v1_g3", 137, 1],
    ["shufflenet_v1_g4", 133, 2],
    ["shufflenet_v1_g8", 137, 2],
    ["shufflenet_v2_x0_5", 41, 1],
    ["shufflenet_v2_x1_0", 146, 2],
    ["shufflenet_v2_x1_5", 299, 4],
    ["shufflenet_v2_x2_0", 591, 8],
    ["squeezenext23_1.0", 282, 1],
    ["squeezenext23v5_1.0", 282, 1],
  ] as const) {
    const counted = countMultiplyAdds(presets[preset]()) / 1e6;
    assert.ok(Math.abs(counted - count) < tolerance, `${preset}: ${counted.toFixed(1)} M, published ${count} M`);
  }
});

test("parameter counts published elsewhere", () => {
  for (const [preset, count] of [
    // Caffe's model zoo.
    ["alexnet", 60_965_224],
    ["googlenet", 6_998_552],
    // The upstream of the weights below.
    ["resnet20_cifar", 269_722],
    ["resnet32_cifar", 464_154],
    ["resnet44_cifar", 658_586],
    ["resnet56_cifar", 853_018],
    ["resnet110_cifar", 1_727_962],
    // TensorFlow's models of EfficientNet-Lite.
    ["efficientnet_lite0", 4_652_008],
    ["efficientnet_lite1", 5_416_680],
    ["efficientnet_lite2", 6_092_072],
    ["efficientnet_lite3", 8_197_096],
    ["efficientnet_lite4", 13_006_568],
    // The paper's table 2 rounds them: 1.0, 7.0 and 27.2 million.
    ["densenet_40_12_cifar", 1_019_722],
    ["densenet_100_12_cifar", 6_979_642],
    ["densenet_100_24_cifar", 27_249_082],
    ["densenet_bc_40_12_cifar", 176_122],
    // timm.
    ["dpn92", 37_668_392],
    ["dpn107", 86_917_800],
  ] as const) {
    assert.equal(countParameters(presets[preset]()), count, preset);
  }
  // Caffe's model zoo and torchvision, with their auxiliary classifiers.
  assert.equal(countParameters(googlenet({ auxiliary: true })), 13_378_280);
  assert.equal(countParameters(googlenet({ normalisation: "batch", auxiliary: true })), 13_004_888);
});

test("papers' rounded parameter counts", () => {
  const millions = (graph: Graph, withStatistics = false) => countParameters(graph, withStatistics) / 1e6;
  for (const [preset, count, withStatistics] of [
    ["resnext29_8x64d_cifar", "34.4", false],
    ["resnet164_v2_cifar", "1.7", false],
    ["wide_resnet28_10_cifar", "36.5", false],
    ["wide_resnet40_8_cifar", "35.7", false],
    ["dpn92", "37.8", true],
    ["dpn98", "61.7", true],
    ["dpn131", "79.5", true],
    ["attention56", "31.9", true],
  ] as const) {
    assert.equal(millions(presets[preset](), withStatistics).toFixed(1), count, preset);
  }
  // PyramidNet's table cuts what is beyond its last decimal.
  for (const [config, count] of [
    [{ form: "cifar", depth: 110, alpha: 48 }, 1.7],
    [{ form: "cifar", depth: 110, alpha: 84 }, 3.8],
    [{ form: "cifar", block: "bottleneck", depth: 200, alpha: 240 }, 26.6],
    [{ form: "cifar", block: "bottleneck", depth: 236, alpha: 220 }, 26.8],
    [{ form: "cifar", block: "bottleneck", depth: 272, alpha: 200 }, 26.0],
    [{ depth: 200, alpha: 300 }, 62.1],
    [{ depth: 200, alpha: 450 }, 116.4],
  ] as const) {
    const graph = pyramidnet({ ...config, rounding: "down" });
    assert.equal(Math.floor(10 * millions(graph)) / 10, count, JSON.stringify(config));
  }
});

test("dual paths: the first stage's residual path, and the other, which grows", () => {
  const graph = dpn({ variant: 92 });
  const adds = graph.nodes.filter(({ op, name }) => op === "Add" && name.includes("conv2_"));
  const values = inferShapes(graph);
  assert.deepEqual(
    adds.map(({ output }) => values.get(output)!.dims[1]),
    [256, 256, 256],
  );
  assert.deepEqual(
    [1, 2, 3].map((i) => values.get(`features.conv2_${i}.paths`)!.dims[1]),
    [256 + 3 * 16, 256 + 4 * 16, 256 + 5 * 16],
  );
});

test("polynomials share what they should", () => {
  const graph = (module: PolyModule) => polynet({ stageA: [], stageB: [module], stageC: [], width: 0.25, resolution: 107 });
  const convolutions = (module: PolyModule) => {
    const { nodes } = graph(module);
    const inside = nodes.filter(({ op, name }) => op === "Conv" && name.startsWith("stage_b."));
    return [inside.length, new Set(inside.map(({ inputs }) => inputs[1])).size];
  };
  // A block has four convolutions on its paths and one behind them; poly modules share the four.
  assert.deepEqual(convolutions("plain"), [5, 5]);
  assert.deepEqual(convolutions("2-way"), [10, 10]);
  assert.deepEqual(convolutions("mpoly-3"), [15, 15]);
  assert.deepEqual(convolutions("poly-2"), [10, 6]);
  assert.deepEqual(convolutions("poly-3"), [15, 7]);
  const depth = (module: PolyModule) => {
    const { nodes } = graph(module);
    const before = new Map<string, number>();
    for (const { op, inputs, output } of nodes) {
      const longest = Math.max(...inputs.map((name) => before.get(name) ?? 0));
      before.set(output, longest + (op === "Conv" ? 1 : 0));
    }
    return before.get("output")!;
  };
  // Ways are side by side; products are one after the other, of four convolutions each.
  assert.equal(depth("3-way"), depth("plain"));
  assert.equal(depth("mpoly-2"), depth("plain") + 4);
  assert.equal(depth("poly-3"), depth("plain") + 8);
});

test("PyramidNet's growth", () => {
  const outputs = (config: Parameters<typeof pyramidnet>[0]) =>
    [...pyramidnet({ form: "cifar", depth: 20, ...config }).parameters]
      .filter(([name]) => /body\.conv2\.conv\.weight$/.test(name))
      .map(([, { dims }]) => dims[0]);
  assert.deepEqual(outputs({ alpha: 90 }), [26, 36, 46, 56, 66, 76, 86, 96, 106]);
  assert.deepEqual(outputs({ alpha: 0 }), new Array(9).fill(16));
  assert.deepEqual(outputs({ alpha: 8, growth: "multiplicative" }), [20, 25, 32, 40, 51, 64, 81, 102, 128]);
  assert.deepEqual(outputs({ alpha: 8, growth: "multiplicative", rounding: "down" }), [20, 25, 32, 40, 50, 64, 80, 101, 128]);
});
