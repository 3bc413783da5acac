// Published models in ONNX give their published outputs, in both builds.
import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../../src/runtime/load.ts";
import { assertClose, difference } from "../compare.ts";
import { needsData } from "../data.ts";
import { cannotRun, engineOf } from "../kernels/engines.ts";
import { bytesOf, publishedModels, vectorsOf } from "./vectors.ts";

const largest = (data: ArrayLike<number | bigint>) =>
  Array.from(data, Number).reduce((best, x, i, all) => (x > all[best] ? i : best), 0);

for (const build of ["strict", "relaxed"] as const) {
  for (const name of publishedModels) {
    test(`${name}, ${build} build`, { skip: needsData || cannotRun(build) }, async (t) => {
      const model = await loadModel(bytesOf(name), { build, engine: engineOf(build).module });
      let worst = 0;
      for (const { name: vector, input, output } of vectorsOf(name)) {
        const { output: actual } = await model.run({ input });
        assertClose(actual, output, { relative: 1e-4, what: vector });
        assert.equal(largest(actual.data), largest(output.data), `${vector}: another class`);
        worst = Math.max(worst, difference(actual.data, output.data).relative);
      }
      t.diagnostic(`largest difference ${worst.toExponential(1)} of the largest output`);
      model.dispose();
    });
  }
}
