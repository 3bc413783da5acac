// The same graph, weights and input in Minnow and in onnxruntime-web. Both compute in float32, and sum in other orders.
import { test } from "node:test";
import { type SqueezeNetConfig, squeezenet } from "../../models/squeezenet.ts";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import { needsData } from "../data.ts";
import { withParameters } from "../kernels/check.ts";
import { compareWithOnnxruntime } from "./onnxruntime.ts";
import { bytesOf, publishedModels } from "./vectors.ts";

for (const name of publishedModels) {
  test(`${name} as onnxruntime computes it`, { skip: needsData }, async (t) => {
    t.diagnostic(await compareWithOnnxruntime(bytesOf(name), 1));
  });
}

const variants: readonly SqueezeNetConfig[] = [
  {},
  { version: "1.0" },
  { version: "1.0", stemPad: 0, ceilMode: true },
  { bypass: "simple" },
  { version: "1.0", bypass: "complex", classes: 11 },
  { bypass: "complex", baseExpand: 30, expandIncrement: 6, frequency: 1, proportion3x3: 0.3, squeezeRatio: 0.4 },
  { featuresOnly: true },
];

for (const config of variants) {
  test(`squeezenet ${JSON.stringify(config)} as onnxruntime computes it`, async (t) => {
    t.diagnostic(await compareWithOnnxruntime(writeOnnx(withParameters(squeezenet({ resolution: 97, ...config }))), 1));
  });
}
