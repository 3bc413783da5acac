// strict: false with real weights: a trained network begins another with other classes, or another shape; what fits computes
// what it did, and the rest is told.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { architecture } from "../../models/index.ts";
import { WeightsError } from "../../src/errors.ts";
import { readSafetensors } from "../../src/formats/safetensors.ts";
import type { Weights } from "../../src/graph/graph.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { fitWeights } from "../../src/graph/weights.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { minnow, temporaryFolder } from "../cli/minnow.ts";
import { assertClose } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { vectorsOf } from "./vectors.ts";

const weightsFile = (name: string) => dataPath("models", `${name}.safetensors`);
const trained = (name: string): Weights => readSafetensors(readFileSync(weightsFile(name))).weights;

/** A published file, the preset that it fits with its own classes, and the tensors that depend on the classes. */
const networks = [
  { file: "squeezenet1_1", name: "squeezenet1_1", classes: 1000, head: ["classifier.1.weight", "classifier.1.bias"] },
  { file: "squeezenet1_0", name: "squeezenet1_0", classes: 1001, head: ["classifier.1.weight", "classifier.1.bias"] },
  {
    file: "mobilenet_v1_0.25_224",
    name: "mobilenet_v1?alpha=0.25",
    classes: 1000,
    head: ["classifier.weight", "classifier.bias"],
  },
  {
    file: "densenet_bc_40_12_cifar10",
    name: "densenet_bc_40_12_cifar",
    classes: 10,
    head: ["classifier.weight", "classifier.bias"],
  },
  { file: "resnet20_cifar10", name: "resnet20_cifar", classes: 10, head: ["fc.weight", "fc.bias"] },
] as const;

describe("strict: false with real weights", { skip: needsData }, () => {
  for (const { file, name, classes, head } of networks) {
    test(`${file}: all fit their own network, which gives the published outputs`, async () => {
      const model = await loadModel(architecture(name, { classes }), { weights: trained(file), strict: false, build: "strict" });
      const { loaded, missing, unexpected, misshapen } = model.weights!;
      assert.deepEqual([missing, unexpected, misshapen], [[], [], []]);
      assert.equal(loaded.length, trained(file).size);
      const [{ input, output }] = vectorsOf(file);
      assertClose((await model.run({ input })).output, output, { relative: 1e-4, what: file });
      model.dispose();
    });

    test(`${file} for 7 classes: all but the classifier, which is seeded`, async () => {
      const weights = trained(file);
      const graph = architecture(name, { classes: 7 });
      await assert.rejects(loadModel(graph, { weights }), WeightsError);
      const { graph: fitted, report } = fitWeights(graph, weights, 5);
      assert.deepEqual(
        report.misshapen.map(({ name }) => name),
        head,
      );
      for (const { found, wanted } of report.misshapen) assert.deepEqual([found.dims[0], wanted.dims[0]], [classes, 7]);
      assert.deepEqual([report.missing, report.unexpected], [[], []]);
      assert.equal(report.loaded.length, weights.size - head.length);
      const seeded = seedWeights(graph, 5);
      for (const [parameter, { data }] of fitted.parameters) {
        const expected = (head as readonly string[]).includes(parameter) ? seeded : weights;
        assert.deepEqual(data, expected.get(parameter)!.data, parameter);
      }
      const model = await loadModel(graph, { weights, strict: false });
      const [{ input }] = vectorsOf(file);
      const { output } = await model.run({ input });
      assert.deepEqual(output.dims, [1, 7]);
      assert.ok((output.data as Float32Array).every(Number.isFinite));
      model.dispose();
    });
  }

  test("a deeper network begins with a shallower one's weights; the blocks it has not are missing", () => {
    const { report } = fitWeights(architecture("resnet32_cifar"), trained("resnet20_cifar10"));
    assert.equal(report.loaded.length, trained("resnet20_cifar10").size);
    assert.deepEqual([report.unexpected, report.misshapen], [[], []]);
    assert.ok(report.missing.every((name) => /^layer\d\.[34]\./.test(name)) && report.missing.length === 3 * 2 * 10);
  });

  test("a shallower one leaves the rest unexpected, and a narrower one fits but in what does not depend on its width", () => {
    const shallow = fitWeights(architecture("resnet20_cifar?depth=14"), trained("resnet20_cifar10")).report;
    assert.ok(shallow.unexpected.length === 3 * 10 && shallow.unexpected.every((name) => /^layer\d\.2\./.test(name)));
    const narrow = fitWeights(architecture("mobilenet_v1?alpha=0.5"), trained("mobilenet_v1_0.25_224")).report;
    assert.deepEqual(narrow.loaded, ["classifier.bias"]);
  });

  test("where none fits that is an error, which lists them", () => {
    assert.throws(
      () => fitWeights(architecture("resnet20_cifar"), trained("squeezenet1_1")),
      (error) =>
        error instanceof WeightsError && /none of the weights fits "resnet20"/.test(error.message) && error.missing.length > 0,
    );
  });

  test("on the command line: --partial, with the class count in the name", async () => {
    const args = ["inspect", "squeezenet1_1?classes=7", "--weights", weightsFile("squeezenet1_1"), "--json"];
    const strict = await minnow(...args);
    assert.equal(strict.code, 1);
    assert.match(
      strict.stderr,
      /the weights do not fit[\s\S]*classifier\.1\.weight \(float32 \[1000,512,1,1\], not float32 \[7,512,1,1\]\)/,
    );
    const { code, stdout, stderr } = await minnow(...args, "--partial");
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^note: .*squeezenet1_1\.safetensors has 50 of the 52 tensors that the model wants\n {2}of other dims or type, random/,
    );
    const { weights, outputs } = JSON.parse(stdout);
    assert.deepEqual(outputs[0].dims, [1, 7]);
    assert.equal(weights.loaded.length, 50);
    const wanted = { type: "float32", dims: [7] };
    assert.deepEqual(weights.misshapen[1], { name: "classifier.1.bias", found: { type: "float32", dims: [1000] }, wanted });
  });

  test("export --partial writes a file that needs nothing more", async () => {
    const file = join(temporaryFolder(), "seven.onnx");
    const args = ["squeezenet1_1?classes=7", "--weights", weightsFile("squeezenet1_1"), "-o", file, "--partial"];
    const { code, stderr } = await minnow("export", ...args);
    assert.equal(code, 0);
    assert.match(stderr, /50 of the 52/);
    const model = await loadModel(file);
    assert.deepEqual(model.outputs[0].dims, [1, 7]);
    assert.equal(model.weights, undefined);
    model.dispose();
  });
});
