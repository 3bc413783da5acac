// SqueezeNet as published, its variants, and what it says about configurations that make no sense.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { type SqueezeNetConfig, squeezenet } from "../../models/squeezenet.ts";
import { OptionError } from "../../src/errors.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { elementCount } from "../../src/tensor.ts";
import { assertClose, difference } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { checkGraph, withParameters } from "../kernels/check.ts";
import { engineOf } from "../kernels/engines.ts";
import { randomTensor } from "../random.ts";
import { vectorsOf } from "./vectors.ts";

const countParameters = ({ parameters }: Graph) =>
  [...parameters.values()].reduce((sum, { dims }) => sum + elementCount(dims), 0);

const channelsOf = (graph: Graph, parameter: string) => graph.parameters.get(`${parameter}.weight`)?.dims[0];

const countAdds = ({ nodes }: Graph) => nodes.filter(({ op }) => op === "Add").length;

/** The fire modules' names in order; torchvision numbers them together with pools. */
const firesOf = ({ nodes }: Graph) => nodes.filter(({ op }) => op === "Concat").map(({ name }) => name.replace(".concat", ""));

test("published parameter counts", () => {
  assert.equal(countParameters(squeezenet({ version: "1.0" })), 1_248_424);
  assert.equal(countParameters(squeezenet({ version: "1.1" })), 1_235_496);
  // With a class for the background, as TensorFlow's has it.
  assert.equal(countParameters(squeezenet({ version: "1.0", classes: 1001 })), 1_248_937);
});

test("published multiply-adds", async () => {
  // torchvision's table gives 0.82 and 0.35 billion, 1.0 without padding.
  for (const [config, published] of [
    [{ version: "1.0", stemPad: 0, ceilMode: true }, 0.82e9],
    [{ version: "1.1", ceilMode: true }, 0.35e9],
  ] as const) {
    const model = await loadModel(withParameters(squeezenet(config)));
    assert.ok(Math.abs(model.statistics.multiplyAdds - published) < 0.005e9, `${model.statistics.multiplyAdds}`);
    assert.equal(model.statistics.parameters, countParameters(squeezenet(config)));
    model.dispose();
  }
});

test("names and dims are torchvision's", () => {
  const { parameters, inputs, outputs } = squeezenet();
  assert.deepEqual(inputs, [{ name: "input", dims: [1, 3, 224, 224], type: "float32" }]);
  assert.deepEqual(outputs, [{ name: "output", dims: [1, 1000], type: "float32" }]);
  assert.deepEqual(parameters.get("features.0.weight")?.dims, [64, 3, 3, 3]);
  assert.deepEqual(parameters.get("features.3.squeeze.weight")?.dims, [16, 64, 1, 1]);
  assert.deepEqual(parameters.get("features.12.expand3x3.weight")?.dims, [256, 64, 3, 3]);
  assert.deepEqual(parameters.get("classifier.1.bias")?.dims, [1000]);
  assert.deepEqual(squeezenet({ version: "1.0" }).parameters.get("features.0.weight")?.dims, [96, 3, 7, 7]);
});

test("presets are the published networks, with as many classes as asked for", () => {
  assert.deepEqual(presets.squeezenet1_0(), squeezenet({ version: "1.0" }));
  assert.deepEqual(presets.squeezenet1_1(7), squeezenet({ version: "1.1", classes: 7 }));
});

test("simple bypass: around the modules that keep their channels, without parameters", () => {
  for (const version of ["1.0", "1.1"] as const) {
    const graph = squeezenet({ version, bypass: "simple" });
    assert.equal(countAdds(graph), 4);
    assert.equal(countParameters(graph), countParameters(squeezenet({ version })));
  }
});

test("complex bypass: around all modules, with a 1×1 convolution where channels change", () => {
  const vanilla = squeezenet();
  const graph = squeezenet({ bypass: "complex" });
  assert.equal(countAdds(graph), 8);
  const changes = [
    [64, 128],
    [128, 256],
    [256, 384],
    [384, 512],
  ];
  const added = changes.reduce((sum, [from, to]) => sum + from * to + to, 0);
  assert.equal(countParameters(graph), countParameters(vanilla) + added);
  assert.equal(graph.nodes.filter(({ name }) => name.endsWith(".bypass")).length, 4);
});

test("metaparameters: e, its increment and frequency, the proportion of 3×3, the squeeze ratio", () => {
  const config = { baseExpand: 64, expandIncrement: 32, frequency: 3, proportion3x3: 0.75, squeezeRatio: 0.25 };
  const graph = squeezenet(config);
  const fires = firesOf(graph);
  assert.equal(fires.length, 8);
  fires.forEach((fire, i) => {
    const expand = 64 + 32 * Math.floor(i / 3);
    assert.equal(channelsOf(graph, `${fire}.expand3x3`), expand * 0.75);
    assert.equal(channelsOf(graph, `${fire}.expand1x1`), expand * 0.25);
    assert.equal(channelsOf(graph, `${fire}.squeeze`), expand * 0.25);
  });
});

test("extreme proportions and ratios still leave a filter of each kind", () => {
  for (const proportion3x3 of [0.001, 0.999]) {
    const graph = squeezenet({ proportion3x3, squeezeRatio: 0.001, resolution: 64 });
    for (const fire of firesOf(graph)) {
      for (const part of ["squeeze", "expand1x1", "expand3x3"]) assert.ok(channelsOf(graph, `${fire}.${part}`)! >= 1);
    }
  }
});

test("featuresOnly ends at the last fire module, without the classifier", () => {
  for (const version of ["1.0", "1.1"] as const) {
    const graph = squeezenet({ version, featuresOnly: true });
    assert.deepEqual(graph.outputs, [{ name: "features", dims: [1, 512, 13, 13], type: "float32" }]);
    assert.ok(![...graph.parameters.keys()].some((name) => name.startsWith("classifier")));
  }
});

const bad: readonly Record<string, unknown>[] = [
  { version: "2.0" },
  { baseExpand: 0 },
  { baseExpand: 1.5 },
  { expandIncrement: -1 },
  { frequency: 0 },
  { frequency: Number.NaN },
  { proportion3x3: 0 },
  { proportion3x3: 1 },
  { squeezeRatio: 0 },
  { squeezeRatio: 1.1 },
  { bypass: "yes" },
  { classes: 0 },
  { classes: "1000" },
  { resolution: -224 },
  { resolution: 224.5 },
];

for (const config of bad) {
  const [[field, value]] = Object.entries(config);
  test(`${field} ${typeof value === "string" ? `"${value}"` : value} is refused by name`, () => {
    assert.throws(
      () => squeezenet(config as SqueezeNetConfig),
      (error) => error instanceof OptionError && error.message.includes(field),
    );
  });
}

test("a resolution too small for the pools is refused", () => {
  assert.throws(() => squeezenet({ resolution: 8 }), OptionError);
});

const variants: readonly SqueezeNetConfig[] = [
  { bypass: "none" },
  { bypass: "simple" },
  { bypass: "complex" },
  { version: "1.0", bypass: "complex" },
  { featuresOnly: true, bypass: "simple" },
  { baseExpand: 30, expandIncrement: 6, frequency: 1, proportion3x3: 0.3, squeezeRatio: 0.4, bypass: "complex" },
  { version: "1.0", stemPad: 0, ceilMode: true },
];

for (const config of variants) {
  test(`${JSON.stringify(config)} computes what it should`, async () => {
    const graph = withParameters(squeezenet({ ...config, resolution: 40, classes: 13 }));
    await checkGraph(graph, { input: randomTensor([1, 3, 40, 40], 1) }, engineOf("strict"));
  });
}

for (const [version, classes] of [
  ["1.1", 1000],
  ["1.0", 1001],
] as const) {
  const name = `squeezenet${version.replace(".", "_")}`;
  test(`${name} from its builder and safetensors gives the published vectors`, { skip: needsData }, async (t) => {
    const { weights } = readSafetensors(readFileSync(dataPath("models", `${name}.safetensors`)));
    const model = await loadModel(squeezenet({ version, classes }), { weights });
    let worst = 0;
    for (const { name: vector, input, output } of vectorsOf(name)) {
      const { output: actual } = await model.run({ input });
      assertClose(actual, output, { relative: 1e-4, what: vector });
      worst = Math.max(worst, difference(actual.data, output.data).relative);
    }
    t.diagnostic(`largest difference ${worst.toExponential(1)} of the largest output`);
    model.dispose();
  });
}
