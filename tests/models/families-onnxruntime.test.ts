// Each family, small enough to take a second: what the engine makes of its graph is what onnxruntime-web computes.
import { test } from "node:test";
import {
  alexnet,
  attention,
  densenet,
  dpn,
  efficientnet,
  googlenet,
  mobilenetV1,
  mobilenetV2,
  polynet,
  pyramidnet,
  resnet,
  resnetV2,
  vgg,
} from "../../models/index.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { agreesWithOnnxruntime } from "./agreement.ts";
import { withSmallSums } from "./lively.ts";

const classes = 17;

const graphs: Readonly<Record<string, Graph>> = {
  "mobilenet_v1, narrow, even sizes": mobilenetV1({ alpha: 0.25, resolution: 64, classes }),
  "mobilenet_v1, odd sizes": mobilenetV1({ alpha: 0.3, resolution: 75, classes }),
  mobilenet_v2: mobilenetV2({ resolution: 64, classes }),
  "mobilenet_v2, unrounded": mobilenetV2({ alpha: 0.35, multiple: 1, resolution: 97, classes }),
  densenet121: densenet({ growthRate: 16, resolution: 64, classes }),
  "densenet121, odd growth": densenet({ growthRate: 7, compression: 0.7, resolution: 64, classes }),
  densenet_bc_40_12_cifar: densenet({ form: "cifar", depth: 40 }),
  densenet_40_12_cifar: densenet({ form: "cifar", depth: 40, bottleneck: false, compression: 1 }),
  resnet18: resnet({ depth: 18, width: 0.5, resolution: 64, classes }),
  "resnet34, option A": resnet({ depth: 34, shortcut: "A", width: 0.25, resolution: 75, classes }),
  resnet50: resnet({ depth: 50, width: 0.25, resolution: 64, classes }),
  "resnet50, stride in the 1×1, wide": resnet({ depth: 50, strideIn1x1: true, width: 0.25, widen: 1.5, resolution: 64, classes }),
  resnet20_cifar: resnet({ form: "cifar", depth: 20 }),
  "resnet29 of bottlenecks, option A": resnet({ form: "cifar", depth: 29, block: "bottleneck" }),
  "resnext50, 8×4d": resnet({ depth: 50, cardinality: 8, baseWidth: 4, width: 0.5, resolution: 64, classes }),
  "resnext101, 32×4d, narrow": resnet({ depth: 101, cardinality: 32, baseWidth: 4, width: 0.25, resolution: 64, classes }),
  "resnext29 for CIFAR": resnet({
    form: "cifar",
    depth: 29,
    block: "bottleneck",
    shortcut: "B",
    cardinality: 4,
    baseWidth: 16,
    resolution: 31,
  }),
  "resnet50 without batch normalisation": resnet({ depth: 50, batchNorm: false, width: 0.25, resolution: 64, classes }),
  resnet18_v2: resnetV2({ depth: 18, width: 0.5, resolution: 64, classes }),
  "resnet50_v2, stride in the 1×1": resnetV2({ depth: 50, strideIn1x1: true, width: 0.25, resolution: 75, classes }),
  "resnet200_v2, narrow": resnetV2({ depth: 200, width: 0.25, resolution: 64, classes }),
  resnet110_v2_cifar: resnetV2({ form: "cifar", depth: 110 }),
  resnet164_v2_cifar: resnetV2({ form: "cifar", depth: 164, block: "bottleneck" }),
  "wide_resnet28_10_cifar, a fifth as wide": resnetV2({ form: "cifar", depth: 28, widen: 2 }),
  "pyramidnet110, α = 48": pyramidnet({ form: "cifar", depth: 110, alpha: 48 }),
  "pyramidnet56, multiplicative, odd sizes": pyramidnet({
    form: "cifar",
    depth: 56,
    growth: "multiplicative",
    alpha: 4.75,
    resolution: 31,
  }),
  "pyramidnet101, narrow": pyramidnet({ depth: 101, alpha: 90, stem: 16, resolution: 65, classes }),
  dpn68: dpn({ variant: 68, resolution: 64, classes }),
  "dpn92, odd increments": dpn({ variant: 92, width: 0.25, increments: [12, 28, 20, 36], resolution: 64, classes }),
  "dpn107, narrow": dpn({ variant: 107, width: 0.25, resolution: 64, classes }),
  "polynet, narrow": polynet({ width: 0.125, resolution: 107, classes }),
  "polynet of every other module": polynet({
    stageA: ["plain", "poly-2", "mpoly-3", "3-way"],
    stageB: ["poly-2", "mpoly-2"],
    stageC: ["mpoly-2", "3-way"],
    width: 0.25,
    resolution: 107,
    classes,
  }),
  "attention56, narrow": withSmallSums(attention({ width: 0.25, resolution: 96, classes })),
  "attention92, narrow": withSmallSums(attention({ modules: [1, 2, 3], width: 0.25, resolution: 64, classes })),
  "attention, naive, of two units each, odd sizes": withSmallSums(
    attention({
      modules: [1, 2, 3],
      learning: "naive",
      preprocessing: 2,
      between: 2,
      width: 0.25,
      resolution: 131,
      classes,
    }),
  ),
  "vgg A-LRN": vgg({ configuration: "A-LRN", width: 0.125, resolution: 64, classes }),
  "vgg C with batch normalisation": vgg({ configuration: "C", batchNorm: true, width: 0.125, resolution: 64, classes }),
  "vgg E": vgg({ configuration: "E", width: 0.125, resolution: 64, classes }),
  googlenet: googlenet({ width: 0.5, resolution: 96, classes }),
  "googlenet, narrow": googlenet({ width: 0.3, resolution: 75, classes }),
  "googlenet with auxiliary classifiers": googlenet({ auxiliary: true, width: 0.5, resolution: 96, classes }),
  "googlenet_bn with auxiliary classifiers": googlenet({
    normalisation: "batch",
    auxiliary: true,
    width: 0.3,
    resolution: 131,
    classes,
  }),
  googlenet_bn: googlenet({ normalisation: "batch", width: 0.5, resolution: 96, classes }),
  alexnet: alexnet({ width: 0.25, resolution: 131, classes }),
  "alexnet, ungrouped, without LRN": alexnet({ columns: 1, lrn: false, width: 0.25, resolution: 131, classes }),
  "alexnet, one column": alexnet({ form: "one-column", width: 0.25, resolution: 128, classes }),
  efficientnet_b0: efficientnet({ resolution: 64, classes }),
  "efficientnet, φ = 1.5": efficientnet({ phi: 1.5, width: 0.5, resolution: 61, classes }),
  efficientnet_b5: efficientnet({ variant: "b5", width: 0.25, resolution: 64, classes }),
};

/** With random weights its 39 blocks magnify rounding so that both engines are up to 7e-4 from float64, on other inputs each. */
const tolerances: Readonly<Record<string, number>> = { efficientnet_b5: 1e-3 };

for (const [name, architecture] of Object.entries(graphs)) {
  test(`${name} as onnxruntime computes it`, (t) => agreesWithOnnxruntime(t, architecture, 1, tolerances[name]));
}
