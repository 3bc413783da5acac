// Weights: from a seed, the same bytes on every host; from a file, by name, with every misfit listed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { architecture, squeezenet } from "../../models/index.ts";
import { WeightsError } from "../../src/errors.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, Weights } from "../../src/graph/graph.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { bindWeights, fitWeights } from "../../src/graph/weights.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { Tensor } from "../../src/tensor.ts";
import { randomTensor } from "../random.ts";

function network(): Graph {
  const builder = new GraphBuilder("net");
  const conv = builder.conv("conv", builder.input("x", [1, 3, 8, 8]), { outChannels: 16, kernel: 3 });
  const pooled = builder.flatten("flat", builder.globalAveragePool("pool", builder.batchNorm("bn", conv)));
  return builder.build({ y: builder.linear("fc", pooled, 10) });
}

/** SHA-256 over names and bytes, in order. */
function digest(weights: Weights): string {
  const hash = createHash("sha256");
  for (const [name, { data }] of weights) {
    hash.update(name);
    hash.update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest("hex");
}

describe("seedWeights", () => {
  test("gives the same bytes for the same seed, everywhere", () => {
    // To update these where a change is meant: copy what the failure prints.
    assert.equal(digest(seedWeights(network())), "2a2bf9c6c96be796e93c7cb0e385062446087bf9de23097fd27df71e6557f94d");
    assert.equal(digest(seedWeights(network(), 2)), "fc26a14a191f148a31a845633eaf88b820835180bf4e99d5c8285ba2a5404cce");
    assert.equal(
      digest(seedWeights(squeezenet({ version: "1.1" }))),
      "0542125e38aa6329b4fe90af675a3c0de72d87634be8aa3ec6afb50dca611bb6",
    );
  });
  test("and so for all that families have: depthwise, groups, normalisations, fully connected layers", () => {
    const networks = [
      "mobilenet_v1_0.25_128",
      "densenet_bc_40_12_cifar",
      "resnet20_cifar",
      "alexnet?width=0.1",
      "efficientnet_b0",
    ];
    const hash = createHash("sha256");
    for (const name of networks) hash.update(digest(seedWeights(architecture(name))));
    assert.equal(hash.digest("hex"), "f081b8614f0090cdf6138b35083b40ba5a2709613d56c9be615b5f67ddb7e897");
  });
  test("uses nothing of Math that hosts may round differently", (t) => {
    // Math.sqrt is one correctly rounded instruction everywhere, Math.imul is exact; the rest is +, - and *.
    const graph = network();
    for (const name of Object.getOwnPropertyNames(Math) as (keyof Math)[]) {
      if (typeof Math[name] !== "function" || name === "sqrt" || name === "imul") continue;
      t.mock.method(Math, name as "sin", () => assert.fail(`Math.${String(name)}`));
    }
    const used = seedWeights(graph);
    t.mock.restoreAll();
    assert.equal(digest(used), digest(seedWeights(graph)));
    // Squares of what sqrt gave are as near as correct rounding brings them.
    for (let inputs = 1; inputs < 5000; ++inputs) {
      const root = Math.sqrt(6 / inputs);
      assert.ok(Math.abs(root * root - 6 / inputs) <= (6 / inputs) * 2 ** -51, `${inputs}`);
    }
  });
  test("gives other numbers for another seed, and for another name", () => {
    const [one, two] = [seedWeights(network(), 1), seedWeights(network(), 2)];
    assert.notDeepEqual(one.get("conv.weight")!.data, two.get("conv.weight")!.data);
    assert.notDeepEqual(one.get("conv.weight")!.data.slice(0, 8), one.get("fc.weight")!.data.slice(0, 8));
  });
  test("a parameter's numbers depend on nothing but its name, dims and the seed", () => {
    const builder = new GraphBuilder("another");
    const alone = builder.build({ y: builder.conv("conv", builder.input("z", [2, 3, 5, 5]), { outChannels: 16, kernel: 3 }) });
    assert.deepEqual(seedWeights(alone).get("conv.weight"), seedWeights(network()).get("conv.weight"));
  });
  test("follows He: uniform, ±√(6 / inputs)", () => {
    const { data } = seedWeights(network()).get("conv.weight")!;
    const limit = Math.sqrt(6 / 27);
    const numbers = Array.from(data as Float32Array);
    assert.ok(numbers.every((w) => Math.abs(w) <= limit));
    const mean = numbers.reduce((a, b) => a + b) / numbers.length;
    const variance = numbers.reduce((a, b) => a + (b - mean) ** 2, 0) / numbers.length;
    assert.ok(Math.abs(mean) < limit / 10, `mean ${mean}`);
    assert.ok(Math.abs(variance / (limit ** 2 / 3) - 1) < 0.15, `variance ${variance}`);
  });
  test("ends of residual branches are smaller, by name of what only an Add reads", () => {
    const builder = new GraphBuilder("residual");
    const x = builder.conv("stem", builder.input("x", [1, 8, 4, 4]), { outChannels: 8, kernel: 1 });
    const y = builder.batchNorm("norm", builder.conv("branch", x, { outChannels: 8, kernel: 1 }));
    const sum = builder.add("sum", x, y);
    const last = builder.add("last", builder.conv("end", sum, { outChannels: 8, kernel: 1 }), sum);
    const weights = seedWeights(builder.build({ last }));
    const most = (name: string) => Math.max(...Array.from(weights.get(name)!.data as Float32Array, Math.abs));
    const limit = Math.sqrt(6 / 8);
    assert.ok(most("stem.weight") > limit / 2 && most("branch.weight") > limit / 2);
    assert.ok(most("end.weight") > limit / 8 && most("end.weight") <= limit / 4);
    assert.deepEqual([most("norm.weight"), most("norm.running_var")], [0.25, 1]);
  });
  test("deep networks of Swish stay in range: times mean something", async () => {
    const graph = architecture("efficientnet_b0?depth=4&resolution=64");
    const values = inferShapes(graph);
    const sums = graph.nodes.filter(({ op }) => op === "Add").map(({ output }) => ({ name: output, ...values.get(output)! }));
    const model = await loadModel({ ...graph, outputs: sums }, { weights: seedWeights(graph) });
    const image = randomTensor([1, 3, 64, 64], 1);
    for (const [name, { data }] of Object.entries(await model.run({ input: image }))) {
      const magnitudes = Array.from(data as Float32Array, Math.abs);
      // exp(-87) is the last that is no denormal number.
      assert.ok(Math.max(...magnitudes) < 80, name);
      assert.ok(
        magnitudes.every((value) => value === 0 || value > 2 ** -126),
        name,
      );
    }
    model.dispose();
  });
  test("biases are 0; a normalisation does nothing", () => {
    const weights = seedWeights(network());
    const all = (name: string, value: number) =>
      assert.ok(
        weights.get(name)!.data.every((element) => element === value),
        name,
      );
    for (const name of ["conv.bias", "fc.bias", "bn.bias", "bn.running_mean"]) all(name, 0);
    for (const name of ["bn.weight", "bn.running_var"]) all(name, 1);
  });
  test("fits the graph", () => {
    const graph = network();
    const bound = bindWeights(graph, seedWeights(graph));
    for (const [name, { data, dims }] of bound.parameters)
      assert.equal(
        data?.length,
        dims.reduce((a, b) => a * b, 1),
        name,
      );
  });
});

describe("bindWeights", () => {
  const fitting = () => new Map(seedWeights(network()));
  const misfit = (change: (weights: Map<string, Tensor>) => void): WeightsError => {
    const weights = fitting();
    change(weights);
    try {
      bindWeights(network(), weights);
    } catch (error) {
      assert.ok(error instanceof WeightsError);
      return error;
    }
    return assert.fail("these weights were taken");
  };
  test("shares the data and leaves the graph as it was", () => {
    const graph = network();
    const weights = fitting();
    const bound = bindWeights(graph, weights);
    assert.equal(bound.parameters.get("fc.bias")!.data, weights.get("fc.bias")!.data);
    assert.equal(graph.parameters.get("fc.bias")!.data, undefined);
    assert.deepEqual(bound.nodes, graph.nodes);
  });
  test("lists all that is missing, unexpected and mis-shaped", () => {
    const error = misfit((weights) => {
      weights.delete("conv.weight");
      weights.delete("bn.running_var");
      weights.set("head.weight", new Tensor("float32", [0], [1]));
      weights.set("fc.weight", new Tensor("float32", new Float32Array(160), [16, 10]));
      weights.set("fc.bias", new Tensor("int32", new Int32Array(10), [10]));
    });
    assert.deepEqual(error.missing, ["conv.weight", "bn.running_var"]);
    assert.deepEqual(error.unexpected, ["head.weight"]);
    assert.deepEqual(error.misshapen, [
      "fc.weight (float32 [16,10], not float32 [10,16])",
      "fc.bias (int32 [10], not float32 [10])",
    ]);
    assert.match(error.message, /do not fit "net"/);
  });
  test("the same elements in other dims do not fit", () => {
    const error = misfit((weights) => weights.set("bn.bias", new Tensor("float32", new Float32Array(16), [1, 16])));
    assert.equal(error.misshapen.length, 1);
  });
  test("long lists are cut in the message, not in the error", () => {
    const error = misfit((weights) => {
      for (let i = 0; i < 50; ++i) weights.set(`extra${i}`, new Tensor("float32", [0], [1]));
    });
    assert.equal(error.unexpected.length, 50);
    assert.match(error.message, /extra19, … \(50 in all\)/);
    assert.doesNotMatch(error.message, /extra20/);
  });
  test("what training frameworks keep beside the weights is no misfit", () => {
    const weights = fitting();
    weights.set("bn.num_batches_tracked", new Tensor("int64", [5], []));
    bindWeights(network(), weights);
  });
  test("data that a parameter has already is kept, or replaced where a tensor comes", () => {
    const full = bindWeights(network(), fitting());
    assert.equal(bindWeights(full, new Map()).parameters.get("fc.bias")!.data, full.parameters.get("fc.bias")!.data);
    const other = new Tensor("float32", new Float32Array(10).fill(2), [10]);
    assert.equal(bindWeights(full, new Map([["fc.bias", other]])).parameters.get("fc.bias")!.data, other.data);
  });
});

describe("fitWeights", () => {
  test("loads what fits, seeds the rest, and says which is which", () => {
    const weights = new Map(seedWeights(network(), 9));
    weights.delete("conv.weight");
    weights.set("fc.bias", new Tensor("float32", new Float32Array(3), [3]));
    weights.set("fc.weight", new Tensor("uint8", new Uint8Array(160), [10, 16]));
    weights.set("head.weight", new Tensor("float32", [0], [1]));
    weights.set("bn.num_batches_tracked", new Tensor("int64", [5], []));
    const { graph, report } = fitWeights(network(), weights, 4);
    assert.deepEqual(report, {
      loaded: ["conv.bias", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"],
      missing: ["conv.weight"],
      unexpected: ["head.weight"],
      misshapen: [
        { name: "fc.weight", found: { type: "uint8", dims: [10, 16] }, wanted: { type: "float32", dims: [10, 16] } },
        { name: "fc.bias", found: { type: "float32", dims: [3] }, wanted: { type: "float32", dims: [10] } },
      ],
    });
    const seeded = seedWeights(network(), 4);
    for (const name of ["conv.weight", "fc.weight", "fc.bias"]) {
      assert.deepEqual(graph.parameters.get(name)!.data, seeded.get(name)!.data, name);
    }
    assert.equal(graph.parameters.get("conv.bias")!.data, weights.get("conv.bias")!.data);
  });
  test("keeps the data that a parameter has", () => {
    const full = bindWeights(network(), seedWeights(network(), 2));
    const { graph, report } = fitWeights(full, new Map([["fc.bias", new Tensor("float32", new Float32Array(10).fill(3), [10])]]));
    assert.deepEqual([report.loaded, report.missing], [["fc.bias"], []]);
    assert.equal(graph.parameters.get("conv.weight")!.data, full.parameters.get("conv.weight")!.data);
  });
  test("no weights at all are all missing; weights of which none fits are an error", () => {
    assert.deepEqual(fitWeights(network(), new Map()).report.missing, [...network().parameters.keys()]);
    assert.throws(() => fitWeights(network(), new Map([["w", new Tensor("float32", [1], [1])]])), WeightsError);
  });
});
