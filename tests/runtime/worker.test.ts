// A model in a worker: the same results and the same errors as without one, and nothing left behind.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as errors from "../../src/errors.ts";
import { writeOnnx } from "../../src/formats/index.ts";
import { createWorkerModel, loadModel, MinnowError, seedWeights, Tensor } from "../../src/index.ts";
import { receiveError, sendError } from "../../src/runtime/worker-messages.ts";
import { architecture, classifier, engineBytes, image } from "./models.ts";

const local = await loadModel(classifier(), { build: "strict" });
const expected = await local.run({ image: image() });

describe("a model in a worker", () => {
  const onnx = writeOnnx(classifier());
  const file = join(tmpdir(), `minnow-worker-${process.pid}.onnx`);
  writeFileSync(file, onnx);
  test.after(() => rmSync(file));
  const sources: Record<string, Parameters<typeof createWorkerModel>[0]> = {
    "a graph": classifier(),
    bytes: onnx,
    "an ArrayBuffer": new Uint8Array(onnx).buffer,
    "a path": file,
    "a URL": pathToFileURL(file),
    "a response": new Response(onnx as BodyInit),
  };
  for (const [what, source] of Object.entries(sources)) {
    test(`from ${what} gives the same bits and description`, async (t) => {
      const model = await createWorkerModel(source, { build: "strict" });
      t.after(() => model.dispose());
      const outputs = await model.run({ image: image() });
      assert.deepEqual(outputs, expected);
      assert.ok(outputs.scores instanceof Tensor);
      const { name, build, inputs, outputs: ports, steps, operators, statistics, normalisation } = local;
      const described = { name, build, inputs, outputs: ports, steps, operators, statistics, normalisation };
      for (const [key, value] of Object.entries(described)) assert.deepEqual(model[key as keyof typeof model], value, key);
    });
  }
  test("takes weights that fit in part, and says which", async (t) => {
    const weights = new Map(seedWeights(architecture()));
    weights.delete("fc.bias");
    const model = await createWorkerModel(architecture(), { weights, strict: false });
    assert.deepEqual(model.weights?.missing, ["fc.bias"]);
    assert.deepEqual(model.weights?.loaded, ["conv.weight", "conv.bias", "fc.weight"]);
    t.after(() => model.dispose());
  });
  test("takes weights and an engine", async (t) => {
    const weights = new Map(
      [...classifier().parameters].map(([name, { type, data, dims }]) => [name, new Tensor(type, data!, dims)]),
    );
    const model = await createWorkerModel(architecture(), { weights, engine: engineBytes() as BufferSource });
    t.after(() => model.dispose());
    assert.equal(model.build, undefined);
    assert.deepEqual(await model.run({ image: image() }), expected);
  });
  test("copies its inputs, or takes them over", async (t) => {
    const model = await createWorkerModel(classifier(), { build: "strict" });
    t.after(() => model.dispose());
    const input = image();
    assert.deepEqual(await model.run({ image: input }), expected);
    assert.equal(input.data.length, 360);
    // A part of a larger buffer is sent without the rest.
    const larger = new Float32Array(1000);
    larger.set(input.data, 100);
    const part = new Tensor("float32", larger.subarray(100, 460), input.dims);
    assert.deepEqual(await model.run({ image: part }), expected);
    assert.deepEqual(await model.run({ image: input }, { transfer: true }), expected);
    assert.equal(input.data.length, 0, "the buffer went over");
    await assert.rejects(model.run({ image: input }, { transfer: true }), errors.InputError);
  });
  test("answers runs in the order they were asked for", async (t) => {
    const model = await createWorkerModel(classifier(), { build: "strict" });
    t.after(() => model.dispose());
    const results = await Promise.all([1, 2, 3].map((seed) => model.run({ image: image(seed) })));
    for (const [i, result] of results.entries()) assert.deepEqual(result, await local.run({ image: image(i + 1) }));
  });
  test("profiles", async (t) => {
    const model = await createWorkerModel(classifier());
    t.after(() => model.dispose());
    assert.deepEqual(
      (await model.profile(2)).map(({ name }) => name),
      model.steps.map(({ name }) => name),
    );
  });
});

describe("errors come across as what they are", () => {
  test("of loading, with all they list", async () => {
    await assert.rejects(createWorkerModel(architecture()), (error: unknown) => {
      assert.ok(error instanceof errors.WeightsError && error instanceof Error);
      assert.deepEqual(error.missing, ["conv.weight", "conv.bias", "fc.weight", "fc.bias"]);
      assert.equal(error.name, "WeightsError");
      assert.ok(error.hint !== undefined && error.message.includes(error.hint));
      assert.match(error.stack!, /WeightsError/);
      return true;
    });
    await assert.rejects(createWorkerModel(new Uint8Array(0)), errors.FormatError);
    await assert.rejects(createWorkerModel("no such file.onnx"), { name: "FormatError", message: /no such file/ });
    await assert.rejects(createWorkerModel(classifier(), { engine: new Uint8Array(5) }), errors.HostError);
    await assert.rejects(createWorkerModel(null as never), errors.OptionError);
  });
  test("of running, after which it goes on", async (t) => {
    const model = await createWorkerModel(classifier(), { build: "strict" });
    t.after(() => model.dispose());
    const broken = image();
    broken.data[7] = Number.NaN;
    await assert.rejects(model.run({ image: broken }), (error: unknown) => {
      assert.ok(error instanceof errors.InputError);
      assert.match(error.message, /"image" holds NaN at index 7/);
      return true;
    });
    await assert.rejects(model.profile(0), errors.OptionError);
    const kept = image();
    await assert.rejects(model.run({ imago: kept }, { transfer: true }), errors.InputError);
    assert.equal(kept.data.length, 360, "what does not fit is not taken");
    assert.deepEqual(await model.run({ image: kept }), expected);
  });
  test("every class of error that there is", () => {
    for (const type of Object.values(errors)) {
      const original = new (type as unknown as new (...args: unknown[]) => MinnowError)("what", [], [], []);
      const received = receiveError(structuredClone(sendError(original)));
      assert.ok(received instanceof type, type.name);
      assert.deepEqual({ ...received }, { ...original });
      assert.deepEqual([received.message, received.name, received.stack], [original.message, original.name, original.stack]);
    }
    assert.ok(receiveError(sendError(new RangeError("x"))) instanceof RangeError);
    assert.ok(receiveError(sendError("x")) instanceof Error);
  });
});

describe("dispose", () => {
  test("rejects what is under way, and what comes later", async () => {
    const model = await createWorkerModel(classifier());
    const pending = model.run({ image: image() });
    model.dispose();
    model.dispose();
    await assert.rejects(pending, { name: "MinnowError", message: /disposed of/ });
    await assert.rejects(model.run({ image: image() }), MinnowError);
  });
  test("a process that forgets it still ends, and not before its runs have", () => {
    const script = `
      import { createWorkerModel } from "minnow";
      import { classifier, image } from "./tests/runtime/models.ts";
      const model = await createWorkerModel(classifier());
      model.run({ image: image() }).then(({ scores }) => console.log(scores.data.length));`;
    const { stdout, status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
      cwd: fileURLToPath(new URL("../../", import.meta.url)),
      encoding: "utf8",
      timeout: 20_000,
    });
    assert.equal(stdout, "5\n", stderr);
    assert.equal(status, 0);
  });
});
