// minnow export: the file it writes is the architecture, with the weights that were asked for.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { presets } from "../../models/index.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { minnow, temporaryFolder, writeSeededWeights } from "./minnow.ts";

const folder = temporaryFolder();

test("without weights: the seeded ones", async () => {
  const file = join(folder, "seeded.onnx");
  const { code, stdout, stderr } = await minnow("export", "squeezenet1_1", "-o", file);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.ok(stdout.startsWith(`${file}: `) && stdout.includes("random weights"), stdout);
  const written = readOnnx(readFileSync(file));
  const architecture = presets.squeezenet1_1();
  assert.deepEqual(written.inputs, architecture.inputs);
  assert.deepEqual(written.outputs, architecture.outputs);
  for (const [name, { data }] of seedWeights(architecture)) assert.deepEqual(written.parameters.get(name)?.data, data, name);
});

test("with weights and the scaling that their file states", async () => {
  const weights = join(folder, "weights.safetensors");
  const file = join(folder, "weighted.onnx");
  writeSeededWeights(weights, "squeezenet1_1", "RGB, x/255, mean 0.5, std 0.25");
  const { code, stderr } = await minnow("export", "squeezenet1_1", "--weights", weights, "--output", file);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(readOnnx(readFileSync(file)).parameters.size, presets.squeezenet1_1().parameters.size);
});

test("an unknown name, and a missing -o", async () => {
  const unknown = await minnow("export", "squeezenet9", "-o", join(folder, "none.onnx"));
  assert.equal(unknown.code, 1);
  assert.match(unknown.stderr, /no architecture squeezenet9.*\n?.*squeezenet1_1/);
  assert.equal((await minnow("export", "squeezenet1_1")).code, 2);
});
