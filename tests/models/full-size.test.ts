// Presets at full size: what the engine makes of them is what onnxruntime-web computes. One of each family that takes seconds;
// MINNOW_PRESETS names others (`MINNOW_PRESETS=polynet,dpn131`), or `all`, which takes a quarter of an hour and 3 GB.
// families-onnxruntime.test.ts has every family's variants, made small.
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
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

const asked = process.env.MINNOW_PRESETS;
const names = asked === undefined ? usual : asked === "all" ? Object.keys(presets) : asked.split(",");

for (const name of names) {
  test(`${name} at full size as onnxruntime computes it`, async (t) => {
    const graph = withLivelyParameters(withSmallSums(presets[name]()));
    t.diagnostic(await compareWithOnnxruntime(writeOnnx(graph), 1, 1e-4));
  });
}
