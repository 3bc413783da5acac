// The families as published: parameter counts and multiply-adds, torchvision's names, real weights, and what they say about
// configurations that make no sense.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  alexnet,
  attention,
  densenet,
  dpn,
  efficientnet,
  googlenet,
  mnasnet,
  mobilenetV1,
  mobilenetV2,
  mobilenetV3,
  type PolyModule,
  polynet,
  presets,
  pyramidnet,
  resnet,
  resnetV2,
  shufflenetV1,
  shufflenetV2,
  squeezenet,
  squeezenext,
  vgg,
} from "../../models/index.ts";
import { OptionError } from "../../src/errors.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { elementCount } from "../../src/tensor.ts";
import { assertClose, difference } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { cannotRun, engineOf } from "../kernels/engines.ts";
import { vectorsOf } from "./vectors.ts";

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

test("every preset builds, for any number of classes", () => {
  for (const [name, build] of Object.entries(presets)) {
    const graph = build();
    assert.deepEqual(graph.outputs[0].dims, [1, name.endsWith("_cifar") ? 10 : 1000], name);
    assert.deepEqual(build(7).outputs, [{ name: "output", dims: [1, 7], type: "float32" }], name);
    assert.equal(graph.inputs[0].name, "input");
  }
});

test("names and dims are torchvision's, or the best-known implementation's", () => {
  const expected: Readonly<Record<string, Readonly<Record<string, readonly number[]>>>> = {
    mobilenet_v2: {
      "features.0.0.weight": [32, 3, 3, 3],
      "features.0.1.running_var": [32],
      "features.1.conv.0.0.weight": [32, 1, 3, 3],
      "features.1.conv.1.weight": [16, 32, 1, 1],
      "features.1.conv.2.bias": [16],
      "features.2.conv.0.0.weight": [96, 16, 1, 1],
      "features.2.conv.1.1.weight": [96],
      "features.17.conv.2.weight": [320, 960, 1, 1],
      "features.17.conv.3.running_mean": [320],
      "features.18.0.weight": [1280, 320, 1, 1],
      "classifier.1.weight": [1000, 1280],
    },
    mobilenet_v3_large: {
      "features.0.0.weight": [16, 3, 3, 3],
      "features.1.block.0.0.weight": [16, 1, 3, 3],
      "features.1.block.1.0.weight": [16, 16, 1, 1],
      "features.4.block.2.fc1.weight": [24, 72, 1, 1],
      "features.4.block.2.fc2.bias": [72],
      "features.4.block.3.1.running_mean": [40],
      "features.15.block.1.0.weight": [960, 1, 5, 5],
      "features.16.0.weight": [960, 160, 1, 1],
      "classifier.0.weight": [1280, 960],
      "classifier.3.bias": [1000],
    },
    mobilenet_v3_small: {
      "features.1.block.1.fc1.weight": [8, 16, 1, 1],
      "features.12.1.weight": [576],
      "classifier.0.weight": [1024, 576],
    },
    mnasnet1_0: {
      "layers.0.weight": [32, 3, 3, 3],
      "layers.1.running_var": [32],
      "layers.3.weight": [32, 1, 3, 3],
      "layers.6.weight": [16, 32, 1, 1],
      "layers.8.0.layers.0.weight": [48, 16, 1, 1],
      "layers.9.2.layers.3.weight": [120, 1, 5, 5],
      "layers.13.0.layers.7.bias": [320],
      "layers.14.weight": [1280, 320, 1, 1],
      "layers.15.weight": [1280],
      "classifier.1.weight": [1000, 1280],
    },
    shufflenet_v2_x1_0: {
      "conv1.0.weight": [24, 3, 3, 3],
      "conv1.1.running_mean": [24],
      "stage2.0.branch1.0.weight": [24, 1, 3, 3],
      "stage2.0.branch1.2.weight": [58, 24, 1, 1],
      "stage2.0.branch1.3.bias": [58],
      "stage2.0.branch2.0.weight": [58, 24, 1, 1],
      "stage3.7.branch2.3.weight": [116, 1, 3, 3],
      "stage4.3.branch2.5.weight": [232, 232, 1, 1],
      "stage4.3.branch2.6.running_var": [232],
      "conv5.0.weight": [1024, 464, 1, 1],
      "fc.weight": [1000, 1024],
    },
    densenet121: {
      "features.conv0.weight": [64, 3, 7, 7],
      "features.norm0.weight": [64],
      "features.denseblock4.denselayer16.conv2.weight": [32, 128, 3, 3],
      "features.transition3.conv.weight": [512, 1024, 1, 1],
      "features.norm5.bias": [1024],
      "classifier.bias": [1000],
    },
    resnet50: {
      "conv1.weight": [64, 3, 7, 7],
      "bn1.running_mean": [64],
      "layer1.0.downsample.0.weight": [256, 64, 1, 1],
      "layer1.0.downsample.1.bias": [256],
      "layer4.2.conv3.weight": [2048, 512, 1, 1],
      "layer4.2.bn3.weight": [2048],
      "fc.weight": [1000, 2048],
    },
    vgg16: { "features.28.weight": [512, 512, 3, 3], "classifier.0.weight": [4096, 25088], "classifier.6.bias": [1000] },
    vgg16_bn: { "features.40.weight": [512, 512, 3, 3], "features.41.running_var": [512], "classifier.3.bias": [4096] },
    googlenet_bn: {
      "conv1.conv.weight": [64, 3, 7, 7],
      "conv3.bn.weight": [192],
      "inception3a.branch1.conv.weight": [64, 192, 1, 1],
      "inception4e.branch2.1.conv.weight": [320, 160, 3, 3],
      "inception5b.branch4.1.bn.running_mean": [128],
      "fc.bias": [1000],
    },
    alexnet_one_column: {
      "features.0.weight": [64, 3, 11, 11],
      "features.3.bias": [192],
      "features.10.weight": [256, 256, 3, 3],
      "classifier.1.weight": [4096, 9216],
      "classifier.6.weight": [1000, 4096],
    },
    efficientnet_b0: {
      "features.0.0.weight": [32, 3, 3, 3],
      "features.1.0.block.0.0.weight": [32, 1, 3, 3],
      "features.1.0.block.1.fc1.weight": [8, 32, 1, 1],
      "features.1.0.block.2.1.bias": [16],
      "features.6.3.block.1.0.weight": [1152, 1, 5, 5],
      "features.6.3.block.2.fc2.bias": [1152],
      "features.8.1.running_var": [1280],
      "classifier.1.weight": [1000, 1280],
    },
    resnext50_32x4d: { "layer1.0.conv2.weight": [128, 4, 3, 3], "layer4.2.conv2.weight": [1024, 32, 3, 3] },
    resnext101_64x4d: { "layer3.22.conv1.weight": [1024, 1024, 1, 1], "layer4.0.downsample.0.weight": [2048, 1024, 1, 1] },
    // imgclsmob
    resnet50_v2: {
      "features.init_block.conv.weight": [64, 3, 7, 7],
      "features.init_block.bn.running_var": [64],
      "features.stage1.unit1.body.conv1.bn.weight": [64],
      "features.stage1.unit1.identity_conv.weight": [256, 64, 1, 1],
      "features.stage4.unit3.body.conv3.conv.weight": [2048, 512, 1, 1],
      "features.post_activ.bn.bias": [2048],
      "output.weight": [1000, 2048],
    },
    resnet110_v2_cifar: {
      "features.init_block.weight": [16, 3, 3, 3],
      "features.stage3.unit18.body.conv2.conv.weight": [64, 64, 3, 3],
    },
    wide_resnet28_10_cifar: { "features.init_block.weight": [16, 3, 3, 3], "features.stage1.unit4.body.conv2.bn.weight": [160] },
    pyramidnet110_a48_cifar: {
      "features.init_block.bn.weight": [16],
      "features.stage1.unit1.body.conv1.conv.weight": [17, 16, 3, 3],
      "features.stage1.unit1.bn.weight": [17],
      "features.stage3.unit18.body.conv2.conv.weight": [64, 64, 3, 3],
      "output.bias": [10],
    },
    pyramidnet101_a360: {
      "features.stage1.unit1.body.conv3.conv.weight": [300, 75, 1, 1],
      "features.stage4.unit3.body.conv2.conv.weight": [424, 424, 3, 3],
      "features.post_activ.bn.weight": [1696],
    },
    // timm
    dpn92: {
      "features.conv1_1.conv.weight": [64, 3, 7, 7],
      "features.conv2_1.c1x1_w_s1.conv.weight": [288, 64, 1, 1],
      "features.conv3_1.c1x1_w_s2.bn.weight": [336],
      "features.conv4_20.c3x3_b.conv.weight": [384, 12, 3, 3],
      "features.conv5_3.c1x1_c.conv.weight": [2176, 768, 1, 1],
      "features.conv5_bn_ac.bn.running_mean": [2688],
      "classifier.weight": [1000, 2688, 1, 1],
    },
    // Cadene
    polynet: {
      "stem.conv1.0.conv.weight": [32, 3, 3, 3],
      "stem.conv2_long.1.conv.weight": [64, 64, 7, 1],
      "stem.conv2_branch.bn.weight": [192],
      "stage_a.0.blocks.1.path0.2.conv.weight": [64, 48, 3, 3],
      "stage_a.9.blocks.0.path2.bn.weight": [32],
      "reduction_a.path0.1.conv.weight": [256, 256, 3, 3],
      "stage_b.0.path0_1x7.conv.weight": [160, 128, 1, 7],
      "stage_b.0.path0_7x1.bn_blocks.2.weight": [192],
      "stage_b.18.conv2d_blocks.2.conv.weight": [1152, 384, 1, 1],
      "stage_b.19.blocks.1.conv2d.bn.bias": [1152],
      "reduction_b.path2.1.conv.weight": [384, 256, 3, 3],
      "stage_c.8.path1.conv.weight": [192, 2048, 1, 1],
      "last_linear.weight": [1000, 2048],
    },
    // tengshaofeng
    attention92: {
      "conv1.0.weight": [64, 3, 7, 7],
      "residual_block1.conv4.weight": [256, 64, 1, 1],
      "attention_module1.softmax5_blocks.conv2.weight": [64, 64, 3, 3],
      "attention_module1.softmax6_blocks.5.weight": [256, 256, 1, 1],
      "attention_module2_2.softmax2_blocks.1.bn1.weight": [512],
      "attention_module2_2.skip1_connection_residual_block.conv3.weight": [512, 128, 1, 1],
      "attention_module3_3.trunk_branches.1.conv3.weight": [1024, 256, 1, 1],
      "mpool2.0.running_mean": [2048],
      "fc.weight": [1000, 2048],
    },
  };
  for (const [preset, parameters] of Object.entries(expected)) {
    const graph = presets[preset]();
    for (const [name, dims] of Object.entries(parameters)) {
      assert.deepEqual(graph.parameters.get(name)?.dims, dims, `${preset} ${name}`);
    }
  }
});

describe("real weights give the published vectors", { skip: needsData }, () => {
  for (const build of ["strict", "relaxed"] as const) {
    for (const [file, graph] of [
      ["mobilenet_v1_0.25_224", mobilenetV1({ alpha: 0.25 })],
      ["densenet_bc_40_12_cifar10", densenet({ form: "cifar" })],
      ["resnet20_cifar10", resnet({ form: "cifar" })],
    ] as const) {
      test(`${file}, ${build} build`, { skip: cannotRun(build) }, async (t) => {
        const { weights } = readSafetensors(readFileSync(dataPath("models", `${file}.safetensors`)));
        const model = await loadModel(graph, { weights, build, engine: engineOf(build).module });
        let worst = 0;
        for (const { name: vector, input, output } of vectorsOf(file)) {
          const { output: actual } = await model.run({ input });
          // onnxruntime's own results differ by up to 5e-6 with its optimisations on and off.
          assertClose(actual, output, { relative: 1e-4, what: vector });
          worst = Math.max(worst, difference(actual.data, output.data).relative);
        }
        t.diagnostic(`largest difference ${worst.toExponential(1)} of the largest output`);
        model.dispose();
      });
    }
  }
});

test("names and dims are pytorchcv's where torchvision has no such network", () => {
  const shuffle = presets.shufflenet_v1_g3().parameters;
  assert.deepEqual(shuffle.get("features.stage1.unit1.compress_conv1.weight")?.dims, [60, 24, 1, 1]);
  assert.deepEqual(shuffle.get("features.stage1.unit1.expand_conv3.weight")?.dims, [216, 20, 1, 1]);
  assert.deepEqual(shuffle.get("features.stage3.unit4.dw_bn2.running_mean")?.dims, [240]);
  assert.deepEqual(shuffle.get("output.weight")?.dims, [1000, 960]);
  const next = presets["squeezenext23_1.0"]().parameters;
  assert.deepEqual(next.get("features.init_block.conv.conv.weight")?.dims, [64, 3, 7, 7]);
  assert.deepEqual(next.get("features.stage1.unit1.conv3.conv.weight")?.dims, [16, 8, 1, 3]);
  assert.deepEqual(next.get("features.stage1.unit1.identity_conv.bn.weight")?.dims, [32]);
  assert.deepEqual(next.get("features.stage4.unit1.conv4.conv.weight")?.dims, [128, 128, 3, 1]);
  assert.deepEqual(next.get("features.final_block.bn.bias")?.dims, [128]);
});

test("a Lite scales neither its stem nor its head, and has no squeeze-and-excitation", () => {
  const { parameters, nodes } = efficientnet({ phi: 4, lite: true });
  assert.deepEqual(parameters.get("features.0.0.weight")?.dims, [32, 3, 3, 3]);
  assert.deepEqual(parameters.get("classifier.1.weight")?.dims, [1000, 1280]);
  assert.deepEqual(
    nodes.filter(({ op }) => op === "Mul" || op === "Swish"),
    [],
  );
});

test("compound scaling: φ = 0 is B0, and φ = 1 is B2 but for the hand-rounded resolution", () => {
  assert.deepEqual(efficientnet({ phi: 0 }).nodes, efficientnet().nodes);
  const one = efficientnet({ phi: 1 });
  assert.deepEqual(one.inputs[0].dims, [1, 3, 258, 258]);
  assert.deepEqual(one.parameters, efficientnet({ variant: "b2" }).parameters);
});

describe("a bad configuration is refused by the name of its field", () => {
  // biome-ignore lint/suspicious/noExplicitAny: configurations that the types would not let through
  const bad: readonly (readonly [string, (config: any) => Graph, Record<string, unknown>])[] = [
    ["alpha", mobilenetV1, { alpha: -1 }],
    ["alpha", mobilenetV1, { alpha: "wide" }],
    ["resolution", mobilenetV1, { resolution: 0 }],
    ["classes", mobilenetV1, { classes: 1.5 }],
    ["alpha", mobilenetV2, { alpha: Number.NaN }],
    ["multiple", mobilenetV2, { multiple: 0 }],
    ["variant", mobilenetV3, { variant: "medium" }],
    ["alpha", mobilenetV3, { alpha: 0 }],
    ["variant", mnasnet, { variant: "C1" }],
    ["alpha", mnasnet, { alpha: -0.5 }],
    ["groups", shufflenetV1, { groups: 5 }],
    ["scale", shufflenetV1, { groups: 8, scale: 0.3 }],
    ["scale", shufflenetV1, { scale: "half" }],
    ["scale", shufflenetV2, { scale: 3 }],
    ["stageChannels", shufflenetV2, { stageChannels: [116, 231, 464] }],
    ["stageChannels", shufflenetV2, { stageChannels: 116 }],
    ["lastChannels", shufflenetV2, { lastChannels: 0 }],
    ["variant", squeezenext, { variant: "v6" }],
    ["blocks", squeezenext, { blocks: [6, 6, 8] }],
    ["blocks", squeezenext, { blocks: [6, 6, 0, 1] }],
    ["width", squeezenext, { width: -1 }],
    ["depth", densenet, { depth: 120 }],
    ["depth", densenet, { form: "cifar", depth: 41 }],
    ["form", densenet, { form: "mnist" }],
    ["growthRate", densenet, { growthRate: 0 }],
    ["stem", densenet, { stem: -16 }],
    ["compression", densenet, { compression: 1.5 }],
    ["bottleneck", densenet, { bottleneck: 1 }],
    ["depth", resnet, { depth: 20 }],
    ["depth", resnet, { form: "cifar", depth: 21 }],
    ["form", resnet, { form: "" }],
    ["block", resnet, { block: "wide" }],
    ["shortcut", resnet, { shortcut: "C" }],
    ["width", resnet, { width: "half" }],
    ["widen", resnet, { widen: 0 }],
    ["strideIn1x1", resnet, { strideIn1x1: "yes" }],
    ["cardinality", resnet, { cardinality: 0 }],
    ["cardinality", resnet, { depth: 18, cardinality: 32 }],
    ["baseWidth", resnet, { baseWidth: -4 }],
    ["batchNorm", resnet, { batchNorm: "no" }],
    ["depth", resnetV2, { depth: 51 }],
    ["depth", resnetV2, { form: "cifar", depth: 28 }],
    ["depth", resnetV2, { form: "cifar", depth: 26, widen: 10 }],
    ["widen", resnetV2, { form: "cifar", depth: 28, widen: 0 }],
    ["block", resnetV2, { block: "wide" }],
    ["alpha", pyramidnet, { alpha: -1 }],
    ["alpha", pyramidnet, { growth: "multiplicative", alpha: 0.5 }],
    ["growth", pyramidnet, { growth: "linear" }],
    ["rounding", pyramidnet, { rounding: "up" }],
    ["depth", pyramidnet, { form: "cifar", depth: 109 }],
    ["stem", pyramidnet, { stem: 0 }],
    ["variant", dpn, { variant: 100 }],
    ["variant", dpn, { variant: "92" }],
    ["groups", dpn, { groups: 0 }],
    ["increments", dpn, { increments: [16, 32, 24] }],
    ["blocks", dpn, { blocks: [3, 4, 20, 0] }],
    ["stageA", polynet, { stageA: ["4-way"] }],
    ["stageB", polynet, { stageB: "poly-3" }],
    ["width", polynet, { width: 0 }],
    ["modules", attention, { modules: [1, 1] }],
    ["modules", attention, { modules: [1, -1, 1] }],
    ["preprocessing", attention, { preprocessing: 0 }],
    ["learning", attention, { learning: "none" }],
    ["configuration", vgg, { configuration: "F" }],
    ["batchNorm", vgg, { batchNorm: 0 }],
    ["width", vgg, { width: -0.5 }],
    ["normalisation", googlenet, { normalisation: "none" }],
    ["width", googlenet, { width: Infinity }],
    ["auxiliary", googlenet, { auxiliary: 2 }],
    ["form", alexnet, { form: "2014" }],
    ["columns", alexnet, { columns: 3 }],
    ["columns", alexnet, { form: "one-column", columns: 2 }],
    ["lrn", alexnet, { form: "one-column", lrn: true }],
    ["variant", efficientnet, { variant: "b8" }],
    ["phi", efficientnet, { variant: "b1", phi: 2 }],
    ["gamma", efficientnet, { phi: 1, gamma: 0 }],
    ["lite", efficientnet, { lite: "yes" }],
    ["depth", efficientnet, { depth: 0 }],
    ["resolution", efficientnet, { resolution: 224.5 }],
  ];
  for (const [field, build, config] of bad) {
    test(`${build.name}: ${JSON.stringify(config)}`, () => {
      assert.throws(
        () => build(config),
        (error) => error instanceof OptionError && new RegExp(`^\\w+: ${field} is `).test(error.message),
      );
    });
  }
});
