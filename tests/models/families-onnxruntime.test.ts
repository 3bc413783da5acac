// Each family, small enough to take a second: what the engine makes of its graph is what onnxruntime-web computes.
//
// Both compute in float32 and round in other orders, and Winograd's convolution rounds more than a direct one. How much of
// that arrives depends on the network: usually 1e-6 of the largest output, 4e-5 where fifty layers of random weights magnify
// every change. What the engine could get wrong is a row of pixels, a pad or a lane. So the last row of the input serves as a
// measure: results must agree to a hundredth of what its loss changes, and to 1e-4 in any case.
import assert from "node:assert/strict";
import { test } from "node:test";
import { alexnet, densenet, efficientnet, googlenet, mobilenetV1, mobilenetV2, resnet, vgg } from "../../models/index.ts";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { Tensor } from "../../src/tensor.ts";
import { difference } from "../compare.ts";
import { randomTensor } from "../random.ts";
import { withLivelyParameters } from "./lively.ts";
import { compareWithOnnxruntime } from "./onnxruntime.ts";

/** Of the largest output. */
const TOLERANCE = 1e-4;

/** Of what the loss of the last row changes. */
const PART = 1e-2;

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

/** How much the output changes, as a part of its largest value, when the last row of a random input becomes 0. */
async function effectOfLastRow(graph: Graph): Promise<number> {
  const model = await loadModel(graph);
  const [{ name, dims }] = model.inputs;
  const input = randomTensor(dims, 1);
  const { output: whole } = await model.run({ [name]: input });
  const [, , height, width] = dims;
  const data = input.data.map((v, i) => (Math.floor(i / width) % height === height - 1 ? 0 : v));
  const { output: without } = await model.run({ [name]: new Tensor("float32", data, dims) });
  model.dispose();
  return difference(without.data, whole.data).relative;
}

for (const [name, architecture] of Object.entries(graphs)) {
  test(`${name} as onnxruntime computes it`, async (t) => {
    const graph = withLivelyParameters(architecture);
    const effect = await effectOfLastRow(graph);
    const agreement = await compareWithOnnxruntime(writeOnnx(graph), 1, Math.min(TOLERANCE, PART * effect));
    t.diagnostic(`${agreement}; the last row changes ${effect.toExponential(1)}`);
    assert.ok(effect > 1e-3, `the last row changes only ${effect}`);
  });
}
