// Families with real weights against the published vectors.
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { densenet, mobilenetV1, resnet } from "../../models/index.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { assertClose, difference } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { cannotRun, engineOf } from "../kernels/engines.ts";
import { vectorsOf } from "./vectors.ts";

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
