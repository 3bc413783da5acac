// Each family, small enough to take a second: what the engine makes of its graph is what onnxruntime-web computes.
import { test } from "node:test";
import { alexnet, densenet, efficientnet, googlenet, mobilenetV1, mobilenetV2, resnet, vgg } from "../../models/index.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { agreesWithOnnxruntime } from "./agreement.ts";

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
  "vgg A-LRN": vgg({ configuration: "A-LRN", width: 0.125, resolution: 64, classes }),
  "vgg C with batch normalisation": vgg({ configuration: "C", batchNorm: true, width: 0.125, resolution: 64, classes }),
  "vgg E": vgg({ configuration: "E", width: 0.125, resolution: 64, classes }),
  googlenet: googlenet({ width: 0.5, resolution: 96, classes }),
  "googlenet, narrow": googlenet({ width: 0.3, resolution: 75, classes }),
  googlenet_bn: googlenet({ normalisation: "batch", width: 0.5, resolution: 96, classes }),
  alexnet: alexnet({ width: 0.25, resolution: 131, classes }),
  "alexnet, ungrouped, without LRN": alexnet({ columns: 1, lrn: false, width: 0.25, resolution: 131, classes }),
  "alexnet, one column": alexnet({ form: "one-column", width: 0.25, resolution: 128, classes }),
  efficientnet_b0: efficientnet({ resolution: 64, classes }),
  "efficientnet, φ = 1.5": efficientnet({ phi: 1.5, width: 0.5, resolution: 61, classes }),
  efficientnet_b5: efficientnet({ variant: "b5", width: 0.25, resolution: 64, classes }),
};

for (const [name, architecture] of Object.entries(graphs)) {
  test(`${name} as onnxruntime computes it`, (t) => agreesWithOnnxruntime(t, architecture));
}
