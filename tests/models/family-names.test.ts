// Names and dims of the families' parameters and outputs: torchvision's, or the best-known implementation's.
import assert from "node:assert/strict";
import { test } from "node:test";
import { efficientnet, presets } from "../../models/index.ts";

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
