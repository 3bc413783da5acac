// The experiments compare what they say they do: graphs that can be built, and rewritten ones that compute as much as before.
import assert from "node:assert/strict";
import { test } from "node:test";
import { architecture } from "../../models/index.ts";
import { checkGraph } from "../../src/graph/check.ts";
import { countMultiplyAdds, countParameters } from "../../src/graph/count.ts";
import { ideas } from "../../src/suite/ideas.ts";

const variantsOf = (idea: string, comparison: string) =>
  ideas.find(({ name }) => name === idea)!.comparisons.find(({ title }) => title === comparison)!.variants;

test("every variant is a sound graph, and its figures are not another's", () => {
  for (const { name, comparisons } of ideas) {
    for (const { title, variants } of comparisons) {
      for (const { graph } of variants) checkGraph(graph());
      assert.equal(new Set(variants.map(({ label }) => label)).size, variants.length, `${name}: ${title}`);
    }
  }
});

test("MobileNet of full convolutions has the paper's size: 29.3 M parameters, 4866 M multiply-adds", () => {
  const graph = architecture("mobilenet_v1?separable=false");
  assert.equal((countParameters(graph) / 1e6).toFixed(1), "29.3");
  assert.ok(Math.abs(countMultiplyAdds(graph) / 4866e6 - 1) < 1e-3);
});

test("Concats in another order cost the same arithmetic and parameters", () => {
  for (const name of ["densenet_bc_100_12_cifar", "densenet121"]) {
    const [placed, scattered] = variantsOf("concat", name).map(({ graph }) => graph());
    assert.equal(countMultiplyAdds(scattered), countMultiplyAdds(placed));
    assert.equal(countParameters(scattered), countParameters(placed));
    const concats = scattered.nodes.filter(({ op }) => op === "Concat");
    assert.ok(concats.some(({ inputs }) => inputs.length > 10));
    for (const { inputs } of concats) assert.equal(new Set(inputs).size, inputs.length);
  }
});

test("a plain ResNet has no Add, and nothing of the shortcuts' convolutions", () => {
  const [plain, projected, padded] = variantsOf("bypass", "ResNet-34").map(({ graph }) => graph());
  assert.ok(plain.nodes.every(({ op }) => op !== "Add"));
  assert.ok([...plain.parameters.keys()].every((name) => !name.includes("downsample")));
  assert.equal(countParameters(plain), countParameters(padded));
  assert.ok(countParameters(plain) < countParameters(projected));
});

test("cardinality is compared at nearly equal multiply-adds", () => {
  for (const title of ["bottleneck, 56²×256", "bottleneck, 14²×1024"]) {
    const costs = variantsOf("cardinality", title).map(({ graph }) => countMultiplyAdds(graph()));
    for (const cost of costs) assert.ok(Math.abs(cost / costs[0] - 1) < 0.04, title);
  }
});
