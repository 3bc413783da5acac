// Running a model: who owns results, what views see, and that nothing grows or changes from run to run.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { InputError, loadModel, MinnowError, Tensor } from "../../src/index.ts";
import { assertClose } from "../compare.ts";
import { randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";
import { adder, classifier, image, ones } from "./models.ts";

setFlagsFromString("--expose-gc");
const collectGarbage = runInNewContext("gc") as () => void;

describe("results", () => {
  test("have the dims and types that the model declares, and are right", async () => {
    const model = await loadModel(classifier());
    const results = await model.run({ image: image() });
    const expected = evaluate(classifier(), { image: image() });
    assert.deepEqual(
      model.outputs.map(({ name, type, dims }) => [name, type, dims]),
      [
        ["features", "float32", [1, 8, 12, 10]],
        ["scores", "float32", [1, 5]],
      ],
    );
    for (const { name, dims } of model.outputs) {
      assert.ok(results[name] instanceof Tensor);
      assert.deepEqual(results[name].dims, dims);
      assertClose(results[name], expected.get(name)!, { relative: 1e-5, what: name });
    }
  });
  test("belong to the caller", async () => {
    const model = await loadModel(classifier());
    const first = await model.run({ image: image(1) });
    const kept = first.scores.data.slice();
    const second = await model.run({ image: image(2) });
    assert.notDeepEqual(second.scores.data, kept);
    assert.deepEqual(first.scores.data, kept);
    (first.features.data as Float32Array).fill(9);
    assert.deepEqual((await model.run({ image: image(2) })).scores.data, second.scores.data);
    model.dispose();
    assert.deepEqual(first.scores.data, kept);
  });
  test("fill tensors that the caller passes, some or all", async () => {
    const model = await loadModel(classifier());
    const expected = await model.run({ image: image() });
    const scores = ones([1, 5], Number.NaN);
    const results = await model.run({ image: image() }, { scores });
    assert.equal(results.scores, scores);
    assert.deepEqual(scores.data, expected.scores.data);
    assert.deepEqual(results.features.data, expected.features.data);
  });
  test("of an input that is also an output", async () => {
    const model = await loadModel(adder());
    const [a, b] = [randomTensor([1, 2, 3, 4], 1), randomTensor([1, 2, 3, 4], 2)];
    const { sum, same } = await model.run({ a, b });
    assert.deepEqual(same.data, a.data);
    assert.deepEqual(
      sum.data,
      a.data.map((value, i) => Math.fround(value + b.data[i])),
    );
  });
  test("calls that overlap do not mix", async () => {
    const model = await loadModel(classifier());
    const inputs = [1, 2, 3, 4].map((seed) => image(seed));
    const together = await Promise.all(inputs.map((input) => model.run({ image: input })));
    for (const [i, input] of inputs.entries()) {
      assert.deepEqual(together[i].scores.data, (await model.run({ image: input })).scores.data);
    }
  });
});

describe("views", () => {
  test("are written and read in place, and stay valid", async () => {
    const model = await loadModel(classifier());
    const input = model.view("image");
    const scores = model.view("scores");
    for (const seed of [1, 2, 3]) {
      const expected = await (await loadModel(classifier())).run({ image: image(seed) });
      (input.data as Float32Array).set(image(seed).data);
      const results = await model.run({ image: input }, { scores });
      assert.equal(results.scores, scores);
      assert.deepEqual(scores.data, expected.scores.data);
      assert.equal(model.view("image").data.byteOffset, input.data.byteOffset);
      assert.equal(model.view("image").data.buffer, input.data.buffer);
    }
    assert.deepEqual(input.dims, [1, 3, 12, 10]);
  });
  test("of inputs keep what was written, run after run", async () => {
    const model = await loadModel(adder());
    (model.view("a").data as Float32Array).fill(2);
    (model.view("b").data as Float32Array).fill(3);
    for (let i = 0; i < 3; ++i) {
      const { sum } = await model.run({ a: model.view("a"), b: model.view("b") });
      assert.ok(sum.data.every((value) => value === 5));
    }
    assert.ok(model.view("a").data.every((value) => value === 2));
    assert.ok(model.view("b").data.every((value) => value === 3));
  });
  test("one input in place, the other not", async () => {
    const model = await loadModel(adder());
    (model.view("a").data as Float32Array).fill(2);
    const { sum } = await model.run({ a: model.view("a"), b: ones([1, 2, 3, 4], 7) });
    assert.ok(sum.data.every((value) => value === 9));
  });
  test("of one input given as another are copied", async () => {
    const model = await loadModel(adder());
    (model.view("b").data as Float32Array).fill(4);
    const { sum } = await model.run({ a: model.view("b"), b: model.view("b") });
    assert.ok(sum.data.every((value) => value === 8));
  });
  test("of names that the model lacks", async () => {
    const model = await loadModel(classifier());
    assert.throws(() => model.view("nothing"), { name: "InputError", message: /"nothing".*\n.*"image".*"scores"/s });
  });
});

describe("run after run", () => {
  test("gives the same bits, in memory that does not grow", async () => {
    const model = await loadModel(classifier());
    const buffer = model.view("image").data.buffer;
    const { linearMemoryBytes } = model.statistics;
    const first = await model.run({ image: image(5) });
    for (let i = 0; i < 200; ++i) {
      await model.run({ image: image(i) });
      const { features, scores } = await model.run({ image: image(5) });
      assert.deepEqual(features.data, first.features.data);
      assert.deepEqual(scores.data, first.scores.data);
    }
    assert.equal(model.view("image").data.buffer, buffer);
    assert.equal(buffer.byteLength, linearMemoryBytes);
  });
  test("keeps next to nothing in JavaScript", async () => {
    const model = await loadModel(classifier());
    const inputs = { image: model.view("image") };
    const outputs = { features: model.view("features"), scores: model.view("scores") };
    const runs = async (count: number) => {
      for (let i = 0; i < count; ++i) await model.run(inputs, outputs);
      collectGarbage();
      return process.memoryUsage();
    };
    await runs(200);
    const before = await runs(200);
    const after = await runs(3000);
    assert.ok(after.heapUsed - before.heapUsed < 1_000_000, `the heap grew by ${after.heapUsed - before.heapUsed} bytes`);
    const external = after.external + after.arrayBuffers - before.external - before.arrayBuffers;
    assert.ok(external < 1_000_000, `memory outside the heap grew by ${external} bytes`);
  });
  test("allocates little in JavaScript", async () => {
    const model = await loadModel(classifier());
    const inputs = { image: model.view("image") };
    const outputs = { features: model.view("features"), scores: model.view("scores") };
    const runs = 20;
    const perRun: number[] = [];
    for (let batch = 0; batch < 20; ++batch) {
      const before = process.memoryUsage().heapUsed;
      for (let i = 0; i < runs; ++i) await model.run(inputs, outputs);
      perRun.push((process.memoryUsage().heapUsed - before) / runs);
    }
    // The median: a batch during which the collector ran or code was compiled tells nothing.
    const median = perRun.sort((a, b) => a - b)[perRun.length >> 1];
    assert.ok(median < 8192, `a run allocates ${median} bytes`);
  });
});

describe("profile", () => {
  test("has a row for each step", async () => {
    const model = await loadModel(classifier());
    await model.run({ image: image() });
    const rows = model.profile(5);
    assert.deepEqual(
      rows.map(({ name, kernel, bytes }) => [name, kernel, bytes]),
      model.steps.map(({ name, kernel, bytes }) => [name, kernel, bytes]),
    );
    for (const { name, ms, gflops, bytes } of rows) {
      assert.ok(Number.isFinite(ms) && ms >= 0 && ms < 1000, `${name}: ${ms} ms`);
      assert.ok(Number.isFinite(gflops) && gflops >= 0 && gflops < 1000, `${name}: ${gflops} GFLOP/s`);
      assert.ok(bytes > 0, name);
    }
    assert.ok(rows.every(({ gflops }, i) => model.steps[i].multiplyAdds > 0 || gflops === 0));
  });
  test("works before the first run and disturbs none", async () => {
    const model = await loadModel(classifier());
    model.profile(1);
    const { scores } = await model.run({ image: image() });
    model.profile(3);
    assert.deepEqual((await model.run({ image: image() })).scores.data, scores.data);
  });
  test("refuses a number of runs that is none", async () => {
    const model = await loadModel(classifier());
    for (const runs of [0, -1, 1.5, Number.NaN]) assert.throws(() => model.profile(runs), MinnowError, String(runs));
  });
});

describe("dispose", () => {
  test("then use is an error that says so", async () => {
    const model = await loadModel(classifier());
    model.dispose();
    const disposed = (error: unknown) => error instanceof MinnowError && /"tiny" has been disposed of/.test(error.message);
    await assert.rejects(model.run({ image: image() }), disposed);
    assert.throws(() => model.view("image"), disposed);
    assert.throws(() => model.profile(), disposed);
    model.dispose();
  });
});

describe("two models", () => {
  test("side by side, with different weights", async () => {
    const [one, two] = await Promise.all([loadModel(classifier(1)), loadModel(classifier(2))]);
    const [first, second] = [await one.run({ image: image() }), await two.run({ image: image() })];
    assert.notDeepEqual(first.scores.data, second.scores.data);
    assert.deepEqual((await one.run({ image: image() })).scores.data, first.scores.data);
    two.dispose();
    assert.deepEqual((await one.run({ image: image() })).scores.data, first.scores.data);
  });
  test("one's view is the other's input", async () => {
    const [one, two] = await Promise.all([loadModel(adder()), loadModel(adder())]);
    (one.view("a").data as Float32Array).fill(3);
    const { sum } = await two.run({ a: one.view("a"), b: one.view("a") });
    assert.ok(sum.data.every((value) => value === 6));
  });
});

describe("what a model says of itself", () => {
  test("statistics", async () => {
    const model = await loadModel(classifier());
    const { statistics: s } = model;
    assert.equal(s.parameters, 8 * 27 + 8 + 40 + 5);
    assert.equal(s.multiplyAdds, 8 * 27 * 120 + 40);
    assert.equal(s.weightBytes, s.parameters * 4);
    assert.ok(s.packedBytes >= s.weightBytes && s.packedBytes < s.weightBytes * 2 + 1024);
    assert.ok(s.arenaLowerBound >= 3 * 120 * 4 + 8 * 120 * 4 && s.arenaLowerBound <= s.arenaBytes);
    assert.ok(s.linearMemoryBytes % 65536 === 0 && s.linearMemoryBytes >= s.packedBytes + s.arenaBytes);
    assert.equal(s.linearMemoryBytes, model.view("image").data.buffer.byteLength);
    // The outputs' names are the identities.
    const each = { Conv: 1, Relu: 1, MaxPool: 1, GlobalAveragePool: 1, Flatten: 1, Gemm: 1, Identity: 2 };
    assert.deepEqual(model.operators, each);
    assert.equal(model.name, "tiny");
  });
  test("the memory map", async () => {
    const model = await loadModel(classifier());
    assert.match(await model.memoryMap(), /packed weights[\s\S]*arena[\s\S]*input image/);
  });
});

describe("layouts", () => {
  test("nhwc in and out holds the same numbers in another order", async () => {
    const plain = await (await loadModel(classifier())).run({ image: image() });
    const model = await loadModel(classifier(), { inputLayout: "nhwc", outputLayout: "nhwc" });
    assert.deepEqual(model.inputs[0].dims, [1, 12, 10, 3]);
    assert.deepEqual(model.outputs[0].dims, [1, 12, 10, 8]);
    assert.deepEqual(model.outputs[1].dims, [1, 5]);
    const { data } = image();
    const turned = Float32Array.from({ length: 360 }, (_, i) => data[(i % 3) * 120 + Math.floor(i / 3)]);
    const { features, scores } = await model.run({ image: new Tensor("float32", turned, [1, 12, 10, 3]) });
    assert.deepEqual(scores.data, plain.scores.data);
    assert.ok(features.data.every((value, i) => value === plain.features.data[(i % 8) * 120 + Math.floor(i / 8)]));
  });
  test("rgba8 takes pixels, normalised as the graph says, and ignores alpha", async () => {
    const normalisation = { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 2], scale: 255 };
    const model = await loadModel({ ...classifier(), normalisation }, { inputLayout: "rgba8" });
    assert.deepEqual(model.inputs, [{ name: "image", type: "uint8", dims: [1, 12, 10, 4] }]);
    const pixels = Uint8Array.from({ length: 480 }, (_, i) => (i * 37) % 256);
    const value = (c: number, p: number) => (pixels[p * 4 + c] / 255 - normalisation.mean[c]) / normalisation.std[c];
    const floats = Float32Array.from({ length: 360 }, (_, i) => value(Math.floor(i / 120), i % 120));
    const expected = await (await loadModel(classifier())).run({ image: new Tensor("float32", floats, [1, 3, 12, 10]) });
    const { scores } = await model.run({ image: new Tensor("uint8", pixels, [1, 12, 10, 4]) });
    assertClose(scores, expected.scores, { relative: 1e-5, what: "pixels" });
    const other = pixels.map((byte, i) => (i % 4 === 3 ? 255 - byte : byte));
    assert.deepEqual((await model.run({ image: new Tensor("uint8", other, [1, 12, 10, 4]) })).scores.data, scores.data);
    await assert.rejects(model.run({ image: image() }), { name: "InputError", message: /must be a uint8 tensor, got float32/ });
  });
  test("that do not exist or do not fit are errors", async () => {
    for (const side of ["inputLayout", "outputLayout"] as const) {
      for (const layout of ["chw", "", "0", "toString", 1, null]) {
        await assert.rejects(
          loadModel(classifier(), { [side]: layout as "nchw" }),
          { name: "OptionError", message: /layout.*\n.*nchw, nhwc, rgba8, rgb8/ },
          `${side}: ${layout}`,
        );
      }
    }
    await assert.rejects(loadModel(adder(), { inputLayout: "rgba8" }), { name: "OptionError", message: /2 channels, not 3/ });
    await assert.rejects(loadModel(classifier(), { outputLayout: "rgba8" }), { name: "OptionError", message: /8 channels/ });
  });
});

describe("the relaxed build", () => {
  test("gives nearly the same numbers", async (t) => {
    if (!WebAssembly.validate(Uint8Array.of(...relaxedProbe))) return t.skip("this host has no relaxed SIMD");
    const strict = await (await loadModel(classifier())).run({ image: image() });
    const relaxed = await (await loadModel(classifier(), { build: "relaxed" })).run({ image: image() });
    assertClose(relaxed.scores, strict.scores, { relative: 1e-5, what: "relaxed" });
  });
  test("a build that does not exist is an error", async () => {
    await assert.rejects(loadModel(classifier(), { build: "fast" as "strict" }), MinnowError);
  });
});

/** (func (param v128 v128 v128) (result v128) (f32x4.relaxed_madd (local.get 0) (local.get 1) (local.get 2))) */
const relaxedProbe = [
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 8, 1, 96, 3, 123, 123, 123, 1, 123, 3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 1, 32, 2, 253, 133, 2, 11],
];

describe("names", () => {
  test("an InputError lists what there is", async () => {
    const model = await loadModel(adder());
    await assert.rejects(model.run({ a: ones([1, 2, 3, 4]) }), (error: unknown) => {
      assert.ok(error instanceof InputError);
      assert.match(error.message, /input "b" is missing/);
      assert.match(error.hint!, /"a", "b"/);
      return true;
    });
  });
});
