// Presets at full size: what the engine makes of them is what onnxruntime-web computes. One of each family that takes seconds;
// MINNOW_PRESETS names others (`MINNOW_PRESETS=polynet,dpn131`), or `all`, which takes a quarter of an hour and 3 GB.
// families-onnxruntime.test.ts has every family's variants, made small.
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { bindWeights } from "../../src/graph/weights.ts";
import { withLivelyParameters, withSmallSums } from "./lively.ts";
import { compareWithOnnxruntime } from "./onnxruntime.ts";

const usual = [
  "resnext50_32x4d",
  "resnet18_v2",
  "resnet164_v2_cifar",
  "pyramidnet110_a48_cifar",
  "dpn68",
  "attention56",
  "googlenet",
  "densenet_bc_100_12_cifar",
];

/**
 * Under lively parameters their outputs grow to 1e7 and more, and magnify every rounding: already at 128², Lite4's in onnxruntime
 * are 2e-4 from float64's. With weights as users get them from a seed they agree to 3e-6.
 */
const seeded = new Set(["efficientnet_b6", "efficientnet_b7", "efficientnet_lite4"]);

const asked = process.env.MINNOW_PRESETS;
const names = asked === undefined ? usual : asked === "all" ? Object.keys(presets) : asked.split(",");

for (const name of names) {
  test(`${name} at full size as onnxruntime computes it`, async (t) => {
    const preset = presets[name]();
    const graph = seeded.has(name) ? bindWeights(preset, seedWeights(preset)) : withLivelyParameters(withSmallSums(preset));
    t.diagnostic(await compareWithOnnxruntime(writeOnnx(graph), 1, 1e-4));
  });
}
