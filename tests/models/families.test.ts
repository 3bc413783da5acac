// The families as published: parameter counts and multiply-adds, torchvision's names, real weights, and what they say about
// configurations that make no sense.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import {
  alexnet,
  densenet,
  efficientnet,
  googlenet,
  mnasnet,
  mobilenetV1,
  mobilenetV2,
  mobilenetV3,
  presets,
  resnet,
  shufflenetV1,
  shufflenetV2,
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

/** Trained parameters: a normalisation's statistics are not. */
function countParameters({ nodes, parameters }: Graph): number {
  const statistics = new Set(nodes.flatMap(({ op, inputs }) => (op === "BatchNormalization" ? inputs.slice(3) : [])));
  return [...parameters].reduce((sum, [name, { dims }]) => sum + (statistics.has(name) ? 0 : elementCount(dims)), 0);
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
};

/** Option B shortcuts; plain DenseNets that halve channels in transitions. */
const imgclsmobCifar: Readonly<Record<string, () => Graph>> = {
  ...Object.fromEntries([20, 56, 110].map((depth) => [`ResNet-${depth}`, () => resnet({ form: "cifar", depth, shortcut: "B" })])),
  ...Object.fromEntries(
    [164, 272].map((depth) => [
      `ResNet-${depth}(BN)`,
      () => resnet({ form: "cifar", depth, shortcut: "B", block: "bottleneck" }),
    ]),
  ),
  ...Object.fromEntries(
    [
      [40, 12],
      [40, 24],
      [40, 36],
      [100, 12],
      [190, 40],
      [250, 24],
    ].map(([depth, growthRate]) => [
      `DenseNet-BC-${depth} (k=${growthRate})`,
      () => densenet({ form: "cifar", depth, growthRate }),
    ]),
  ),
  ...Object.fromEntries(
    [
      [40, 12],
      [100, 12],
      [100, 24],
    ].map(([depth, growthRate]) => [
      `DenseNet-${depth} (k=${growthRate})`,
      () => densenet({ form: "cifar", depth, growthRate, bottleneck: false, stem: 2 * growthRate }),
    ]),
  ),
};

describe("published parameter counts", { skip: needsData }, () => {
  for (const [name, preset] of Object.entries(torchvision)) {
    test(`torchvision's ${name} is ${preset}`, () => {
      const [weights] = Object.values(published!.torchvision[name]);
      assert.equal(countParameters(presets[preset]()), weights.num_params);
    });
  }
  for (const [table, graphs] of [
    ["imgclsmob_imagenet", imgclsmob],
    ["imgclsmob_cifar10", imgclsmobCifar],
  ] as const) {
    for (const [name, build] of Object.entries(graphs)) {
      test(`imgclsmob's ${name}`, () => {
        const row = published![table].find(({ model }) => model === name);
        assert.ok(row !== undefined, "it is not in the table");
        const graph = build();
        assert.equal(countParameters(graph), row.params);
        // The table counts additions, normalisations and pools too, which tell most in narrow networks; its EfficientNets
        // were trained at other sizes.
        const counted = countMultiplyAdds(graph) / (row.MACs_M * 1e6);
        assert.ok(counted > 0.84 && counted < 1.005, `${counted.toFixed(3)} of the published multiply-adds`);
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
  ] as const) {
    assert.equal(countParameters(presets[preset]()), count, preset);
  }
});

test("every preset builds, for any number of classes", () => {
  for (const [name, build] of Object.entries(presets)) {
    const graph = build();
    assert.deepEqual(graph.outputs[0].dims, [1, name.endsWith("_cifar") ? 10 : 1000], name);
    assert.deepEqual(build(7).outputs, [{ name: "output", dims: [1, 7], type: "float32" }], name);
    assert.equal(graph.inputs[0].name, "input");
  }
});

test("names and dims are torchvision's", () => {
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
    ["configuration", vgg, { configuration: "F" }],
    ["batchNorm", vgg, { batchNorm: 0 }],
    ["width", vgg, { width: -0.5 }],
    ["normalisation", googlenet, { normalisation: "none" }],
    ["width", googlenet, { width: Infinity }],
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
