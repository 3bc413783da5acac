// A model on several threads of this process: the same bits, no processor at work between runs, and an end to all of it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Worker } from "node:worker_threads";
import { presets } from "../../models/index.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { bindWeights } from "../../src/graph/weights.ts";
import { createWorkerModel, HostError, type LoadOptions, loadModel, Model, seedWeights } from "../../src/index.ts";
import { compile } from "../../src/plan/index.ts";
import { Threading } from "../../src/plan/threading.ts";
import { randomGraph } from "../plan/graphs.ts";
import { randomTensor } from "../random.ts";
import { classifier, engineBytes, image } from "./models.ts";

/** Models that ask for threads are refused more than there are cores; plans are not. */
const startOn = (graph: Graph, threads: number, leastSaving = 0): Promise<Model> =>
  Model.start(graph, compile(graph, { threading: new Threading(threads, leastSaving) }), "strict");

const inputsOf = (model: Pick<Model, "inputs">) =>
  Object.fromEntries(model.inputs.map(({ name, dims }, i) => [name, randomTensor(dims, i + 1)]));

const squeezenet = (() => {
  const graph = presets.squeezenet1_1(10);
  return bindWeights(graph, seedWeights(graph));
})();

const few = availableParallelism() < 2 ? "this machine has one core" : false;

describe("the same bits as on one thread", () => {
  for (const threads of [2, 3, 4]) {
    test(`random networks on ${threads} threads, run after run`, async () => {
      for (let seed = 1; seed <= 8; ++seed) {
        const graph = randomGraph(seed);
        const one = await loadModel(graph, { build: "strict" });
        const several = await startOn(graph, threads);
        assert.equal(several.threads, threads);
        const expected = await one.run(inputsOf(one));
        for (let n = 0; n < 20; ++n) assert.deepEqual(await several.run(inputsOf(one)), expected, `seed ${seed}, run ${n}`);
        several.dispose();
      }
    });
    test(`SqueezeNet on ${threads} threads`, async (t) => {
      const one = await loadModel(squeezenet, { build: "strict" });
      const expected = await one.run(inputsOf(one));
      const several = await startOn(squeezenet, threads, undefined);
      t.after(() => several.dispose());
      for (let n = 0; n < 10; ++n) assert.deepEqual(await several.run(inputsOf(one)), expected);
      assert.deepEqual(await several.run(inputsOf(one), {}, { sliceMs: 0 }), expected, "in slices");
      assert.equal(several.profile(2).length, one.steps.length);
      // Views lie in shared memory; what a caller gets does not.
      const { name, dims } = one.inputs[0];
      (several.view(name).data as Float32Array).set(randomTensor(dims, 1).data);
      const outputs = await several.run({ [name]: several.view(name) });
      assert.deepEqual(outputs, expected);
      assert.ok(several.view(name).data.buffer instanceof SharedArrayBuffer);
      assert.ok(Object.values(outputs)[0].data.buffer instanceof ArrayBuffer);
    });
  }
  test("in a model's worker, with threads of its own", { skip: few }, async (t) => {
    const one = await loadModel(squeezenet, { build: "strict" });
    const model = await createWorkerModel(squeezenet, { build: "strict", threads: 2 });
    t.after(() => model.dispose());
    assert.equal(model.threads, 2, model.threadsReason);
    assert.deepEqual(await model.run(inputsOf(one)), await one.run(inputsOf(one)));
  });
  test("a step that fails ends the run, and the next one is right", async (t) => {
    const model = await startOn(classifier(), 3);
    t.after(() => model.dispose());
    const expected = await (await loadModel(classifier(), { build: "strict" })).run({ image: image() });
    // In each thread's part of the image.
    for (const index of [7, 50, 359]) {
      const broken = image();
      broken.data[index] = Number.NaN;
      await assert.rejects(model.run({ image: broken }), { name: "InputError", message: new RegExp(`NaN at index ${index}\\n`) });
      assert.deepEqual(await model.run({ image: image() }), expected);
    }
  });
});

describe("how many threads there are, and why no more", () => {
  const refused = async (t: TestContext, options: LoadOptions, reason: RegExp, threads = 1) => {
    const model = await loadModel(classifier(), options);
    t.after(() => model.dispose());
    assert.equal(model.threads, threads);
    assert.match(model.threadsReason ?? "", reason);
    await model.run({ image: image() });
  };
  test("one unless asked for", async () => {
    for (const options of [{}, { threads: 1 }, { threads: undefined }]) {
      const model = await loadModel(classifier(), options);
      assert.deepEqual([model.threads, model.threadsReason], [1, undefined]);
    }
  });
  test("as asked for, or as many as pay", { skip: few }, async (t) => {
    for (const threads of [2, "auto"] as const) {
      const model = await loadModel(classifier(), { threads });
      t.after(() => model.dispose());
      assert.ok(model.threads >= 2);
      assert.equal(model.threadsReason, undefined);
      await model.run({ image: image() });
    }
  });
  test("no more than there are cores", async (t) => {
    const cores = availableParallelism();
    await refused(t, { threads: cores + 1 }, cores === 1 ? /one core/ : new RegExp(`has ${cores} cores`), cores);
  });
  test("not with an engine of the caller's", async (t) => {
    await refused(t, { threads: 2, engine: engineBytes() as BufferSource }, /supplied by the caller/);
  });
  test("not where memory cannot be shared", async (t) => {
    const { SharedArrayBuffer: real } = globalThis;
    Reflect.deleteProperty(globalThis, "SharedArrayBuffer");
    t.after(() => Object.defineProperty(globalThis, "SharedArrayBuffer", { value: real, configurable: true, writable: true }));
    await refused(t, { threads: 2 }, /not cross-origin isolated.*Cross-Origin-Opener-Policy/);
  });
  test("what is no number of threads is an error", async () => {
    for (const threads of [0, -1, 1.5, 1000, Number.NaN, "2", null]) {
      await assert.rejects(loadModel(classifier(), { threads } as LoadOptions), { name: "OptionError" });
    }
  });
});

describe("threads cost nothing when there is nothing to do", () => {
  test("no processor time between runs", async (t) => {
    const model = await startOn(squeezenet, 4, undefined);
    t.after(() => model.dispose());
    await model.run(inputsOf(model));
    await delay(200);
    const before = process.cpuUsage();
    await delay(1000);
    const { user, system } = process.cpuUsage(before);
    assert.ok(user + system < 100_000, `${(user + system) / 1000} ms in a second`);
  });
  test("dispose ends them, and a disposed model runs no more", async () => {
    const started: Worker[] = [];
    const note = (worker: Worker) => started.push(worker);
    process.on("worker", note);
    const model = await startOn(classifier(), 4);
    process.off("worker", note);
    assert.equal(started.length, 3);
    const ended = started.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
    await model.run({ image: image() });
    model.dispose();
    model.dispose();
    await Promise.all(ended);
    await assert.rejects(model.run({ image: image() }), { name: "MinnowError", message: /disposed of/ });
  });
  for (const dispose of ["model.dispose();", ""]) {
    test(`a process ends ${dispose === "" ? "though the model was forgotten" : "after dispose"}`, { skip: few }, () => {
      const script = `
        import { loadModel } from "minnow";
        import { classifier, image } from "./tests/runtime/models.ts";
        const model = await loadModel(classifier(), { threads: 2 });
        const { scores } = await model.run({ image: image() });
        console.log(model.threads, scores.data.length);
        ${dispose}`;
      const args = ["--import", "tsx", "--input-type=module", "--eval", script];
      const cwd = fileURLToPath(new URL("../../", import.meta.url));
      const { stdout, status, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8", timeout: 20_000 });
      assert.equal(stdout, "2 5\n", stderr);
      assert.equal(status, 0);
    });
  }
});

describe("a thread that dies", () => {
  const startAndKill = async () => {
    let last: Worker | undefined;
    const note = (worker: Worker) => {
      last = worker;
    };
    process.on("worker", note);
    const model = await startOn(classifier(), 2);
    process.off("worker", note);
    await model.run({ image: image() });
    return { model, died: last!.terminate() };
  };
  test("is an error at the next run, and at every one after it", async () => {
    const { model, died } = await startAndKill();
    await died;
    await delay(50);
    for (let n = 0; n < 2; ++n) {
      await assert.rejects(model.run({ image: image() }), (error: unknown) => {
        assert.ok(error instanceof HostError);
        assert.match(error.message, /threads has ended: it exited[\s\S]*hint: load the model again/);
        return true;
      });
    }
    model.dispose();
  });
  test("during a run is an error too, after a while", async () => {
    const { model } = await startAndKill();
    const start = performance.now();
    await assert.rejects(model.run({ image: image() }), { name: "HostError", message: /does not answer|has ended/ });
    assert.ok(performance.now() - start < 15_000);
    model.dispose();
  });
});
