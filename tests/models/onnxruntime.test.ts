// The same graph, weights and input in Minnow and in onnxruntime-web. Both compute in float32, and sum in other orders.
import { test } from "node:test";
import { type SqueezeNetConfig, squeezenet } from "../../models/squeezenet.ts";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { assertClose, difference } from "../compare.ts";
import { needsData } from "../data.ts";
import { runOnnx } from "../formats/onnx-models.ts";
import { withParameters } from "../kernels/check.ts";
import { randomTensor } from "../random.ts";
import { bytesOf, publishedModels } from "./vectors.ts";

/** Of the largest output. */
const TOLERANCE = 1e-5;

/** Runs a model's bytes in both; says how much they differ. */
async function compare(bytes: Uint8Array, seed: number): Promise<string> {
  const model = await loadModel(bytes);
  const inputs = Object.fromEntries(model.inputs.map(({ name, dims }, i) => [name, randomTensor(dims, seed + i)]));
  const [actual, expected] = await Promise.all([model.run(inputs), runOnnx(bytes, inputs)]);
  model.dispose();
  return Object.entries(expected)
    .map(([name, tensor]) => {
      assertClose(actual[name], tensor, { relative: TOLERANCE, what: name });
      return `${name} differs by ${difference(actual[name].data, tensor.data).relative.toExponential(1)} of its largest value`;
    })
    .join(", ");
}

for (const name of publishedModels) {
  test(`${name} as onnxruntime computes it`, { skip: needsData }, async (t) => {
    t.diagnostic(await compare(bytesOf(name), 1));
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
    t.diagnostic(await compare(writeOnnx(withParameters(squeezenet({ resolution: 97, ...config }))), 1));
  });
}
