// minnow run: tensors in, tensors out, and what it says where they do not fit.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { readNpy, writeNpy } from "../../src/formats/npy.ts";
import { Tensor } from "../../src/tensor.ts";
import { dataPath, needsData } from "../data.ts";
import { minnow, temporaryFolder, writeSeededWeights } from "./minnow.ts";

const folder = temporaryFolder();
const file = (name: string) => join(folder, name);
const model = ["squeezenet1_1", "--weights", file("model.safetensors")];

before(() => {
  writeSeededWeights(file("model.safetensors"), "squeezenet1_1");
  const tensor = (dims: number[]) => new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b)).fill(0.5), dims);
  writeFileSync(file("x=1.npy"), writeNpy(tensor([1, 3, 224, 224])));
  writeFileSync(file("small.npy"), writeNpy(tensor([1, 3, 8, 8])));
  writeFileSync(file("broken.npy"), "no tensor");
});

test("input and output by file, with the output's name and without", async () => {
  const plain = await minnow("run", ...model, "--input", file("x=1.npy"), "--output", file("a.npy"));
  assert.deepEqual([plain.code, plain.stderr], [0, ""]);
  assert.match(plain.stdout, /\| \[1,1000\] \|.*a\.npy/);
  const named = await minnow("run", ...model, "--input", `input=${file("x=1.npy")}`, "--output", `output=${file("b.npy")}`);
  assert.equal(named.code, 0);
  assert.deepEqual(readNpy(readFileSync(file("a.npy"))).dims, [1, 1000]);
  assert.deepEqual(readFileSync(file("a.npy")), readFileSync(file("b.npy")));
});

test("--json has the elements where no file is written", async () => {
  const { code, stdout } = await minnow("run", ...model, "--input", file("x=1.npy"), "--json");
  assert.equal(code, 0);
  const { ms, outputs } = JSON.parse(stdout);
  assert.ok(ms > 0);
  const [{ name, type, dims, minimum, maximum, mean, data }] = outputs;
  assert.deepEqual([name, type, dims, data.length], ["output", "float32", [1, 1000], 1000]);
  assert.deepEqual([minimum, maximum], [Math.min(...data), Math.max(...data)]);
  assert.ok(minimum <= mean && mean <= maximum);
});

for (const [what, args, message] of [
  ["a missing input", () => ["--input", "no/such.npy"], /cannot read no\/such\.npy: there is no such file/],
  ["an input that is no tensor", () => ["--input", file("broken.npy")], /broken\.npy/],
  ["an input of other dims", () => ["--input", file("small.npy")], /\[1,3,8,8\]/],
  [
    "an input given twice",
    () => ["--input", file("small.npy"), "--input", file("small.npy")],
    /--input gives two files for input/,
  ],
  [
    "an output that cannot be written",
    () => ["--input", file("x=1.npy"), "--output", file("no/such.npy")],
    /cannot write .*no\/such\.npy/,
  ],
] as const) {
  test(`${what}: exit code 1 and a message`, async () => {
    const { code, stdout, stderr } = await minnow("run", ...model, ...args());
    assert.deepEqual([code, stdout], [1, ""]);
    assert.match(stderr, message);
    assert.doesNotMatch(stderr, /\n\s+at /);
  });
}

test("the published pair of SqueezeNet 1.1", { skip: needsData }, async () => {
  const vectors = (name: string) => dataPath("vectors", "squeezenet1_1", "published_0", name);
  const source = dataPath("models", "squeezenet1_1.onnx");
  const { code } = await minnow("run", source, "--input", vectors("input.npy"), "--output", file("published.npy"));
  assert.equal(code, 0);
  const got = readNpy(readFileSync(file("published.npy"))).data as Float32Array;
  const expected = readNpy(readFileSync(vectors("output.npy"))).data as Float32Array;
  const largest = Math.max(...expected.map(Math.abs));
  assert.equal(got.length, expected.length);
  for (const [index, value] of got.entries()) assert.ok(Math.abs(value - expected[index]) <= 1e-4 * largest, `class ${index}`);
});
