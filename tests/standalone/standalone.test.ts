// Standalone modules: the same bits as the engine gives, exports that say what is where, and nothing that is not needed.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { softmax, topK } from "../../src/image/topk.ts";
import { type LoadOptions, loadModel, OptionError, Tensor } from "../../src/index.ts";
import { readModel } from "../../src/runtime/load.ts";
import { buildStandalone, readMetadata, type StandaloneOptions } from "../../src/standalone/index.ts";
import { dataPath, needsData } from "../data.ts";
import { everyKernel, randomGraph, withData } from "../plan/graphs.ts";
import { random, randomTensor } from "../random.ts";
import { adder, classifier, image } from "../runtime/models.ts";
import { bytesOf, type StandaloneModule, start } from "./module.ts";

/** Both ways of running a graph, on the same inputs, twice. */
async function compare(graph: Graph, options: StandaloneOptions & LoadOptions = {}): Promise<void> {
  const model = await loadModel(graph, { ...options, build: "strict" });
  const { wasm } = await buildStandalone(graph, options);
  const module = await start(wasm);
  for (let seed = 1; seed <= 2; ++seed) {
    const given = model.inputs.map(({ name, type, dims }, i) => [name, example(type, dims, seed * 10 + i)] as const);
    const expected = await model.run(Object.fromEntries(given));
    const outputs = module.run(...given.map(([, tensor]) => bytesOf(tensor)));
    model.outputs.forEach(({ name }, i) => {
      assert.deepEqual(outputs[i], bytesOf(expected[name]), `${graph.name}, ${name}, run ${seed}`);
    });
  }
  model.dispose();
}

function example(type: string, dims: readonly number[], seed: number): Tensor {
  const tensor = randomTensor(dims, seed);
  return type === "uint8"
    ? new Tensor(
        "uint8",
        Uint8Array.from(tensor.data, (x) => (x + 1) * 128),
        dims,
      )
    : tensor;
}

/** A classifier of 4×4 images whose logits are the image itself, so that every answer can be told in advance. */
function echo(classes: number): Graph {
  const builder = new GraphBuilder("echo");
  return builder.build({ logits: builder.node("Identity", "same", [builder.input("x", [1, classes])], {}) });
}

describe("a module computes what the engine computes, to the bit", () => {
  test("every kernel", async () => compare(withData(everyKernel())));
  test("random graphs", async () => {
    for (let seed = 1; seed <= 12; ++seed) await compare(withData(randomGraph(seed), seed));
  });
  test("several inputs and outputs", async () => compare(adder()));
  test("every layout of the input", async () => {
    const normalisation = { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 2], scale: 255 };
    for (const inputLayout of ["nchw", "nhwc", "rgba8", "rgb8"] as const) {
      await compare({ ...classifier(), normalisation }, { inputLayout });
    }
  });
  test("with little memory, and with all weights packed", async () => {
    const graph = withData(everyKernel());
    await compare(graph, { memory: "small" });
    await compare(graph, { packed: true });
  });
});

test("one number of a normalisation stands for all colours", async () => {
  const pixels = bytesOf(example("uint8", [1, 12, 10, 3], 1));
  const run = async (normalisation: StandaloneOptions["normalisation"]) =>
    (await start((await buildStandalone(classifier(), { inputLayout: "rgb8", normalisation })).wasm)).run(pixels);
  const one = await run({ mean: [0.5], std: [0.25], scale: 255 });
  assert.deepEqual(one, await run({ mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25], scale: 255 }));
  assert.notDeepEqual(one, await run(undefined));
});

describe("the exports", () => {
  test("say where inputs and outputs lie, and what they are", async () => {
    const { wasm, metadata } = await buildStandalone(classifier(), { inputLayout: "rgba8" });
    const { exports } = await start(wasm);
    assert.equal(exports.abi_version(), 1);
    assert.deepEqual([exports.input_count(), exports.output_count()], [1, 2]);
    assert.deepEqual([exports.input_type(0), exports.input_rank(0), exports.input_bytes(0)], [2, 4, 480]);
    assert.deepEqual(
      [0, 1, 2, 3].map((axis) => exports.input_dim(0, axis)),
      [1, 12, 10, 4],
    );
    assert.deepEqual([exports.output_type(1), exports.output_rank(1), exports.output_bytes(1)], [1, 2, 20]);
    assert.deepEqual([exports.output_dim(1, 0), exports.output_dim(1, 1)], [1, 5]);
    assert.equal(metadata.inputs[0].address, exports.input_address(0));
    assert.deepEqual(
      metadata.outputs.map(({ address }) => address),
      [exports.output_address(0), exports.output_address(1)],
    );
    assert.equal(metadata.memoryBytes, exports.memory.buffer.byteLength);
  });
  test("trap where there is no such input, output or dim", async () => {
    const { exports } = await start((await buildStandalone(classifier())).wasm);
    for (const call of [
      () => exports.input_address(1),
      () => exports.output_bytes(2),
      () => exports.output_type(-1),
      () => exports.input_dim(0, 4),
      () => exports.output_dim(1, 2),
    ]) {
      assert.throws(call, WebAssembly.RuntimeError);
    }
  });
  test("are those that were asked for, and nothing is imported", async () => {
    const names = async (options: StandaloneOptions, graph = echo(4)) => {
      const module = await WebAssembly.compile((await buildStandalone(graph, options)).wasm as BufferSource);
      const imports = WebAssembly.Module.imports(module).map(({ module, name }) => `${module}.${name}`);
      return { exports: WebAssembly.Module.exports(module).map(({ name }) => name), imports: imports.sort() };
    };
    const plain = await names({});
    const ports = ["count", "address", "bytes", "type", "rank", "dim"].flatMap((what) => [`input_${what}`, `output_${what}`]);
    assert.deepEqual(plain.exports.toSorted(), ["memory", "abi_version", "run", ...ports].sort());
    assert.deepEqual(plain.imports, []);
    const full = await names({ top: 2, labels: ["a", "b", "c", "d"], wasi: true });
    const more = ["top_count", "top_address", "label_address", "label_bytes", "_start"];
    assert.deepEqual(full.exports.toSorted(), [...plain.exports, ...more].sort());
    const wasi = ["fd_read", "fd_write", "proc_exit"].map((name) => `wasi_snapshot_preview1.${name}`);
    assert.deepEqual(full.imports, wasi);
  });
  test("run says that an input is not finite", async () => {
    const module = await start((await buildStandalone(classifier())).wasm);
    const bad = image();
    bad.data[100] = Number.NaN;
    assert.throws(() => module.run(bytesOf(bad)), /run returned 2/);
    const good = module.run(bytesOf(image()));
    assert.equal(good.length, 2);
  });
});

describe("the most probable classes", () => {
  const entries = ({ exports, bytes }: StandaloneModule) => {
    const count = exports.top_count!();
    const view = new DataView(bytes(exports.top_address!(), count * 8).buffer);
    return Array.from({ length: count }, (_, i) => ({
      index: view.getUint32(i * 8, true),
      probability: view.getFloat32(i * 8 + 4, true),
    }));
  };
  const find = async (values: readonly number[], top: number) => {
    const module = await start((await buildStandalone(echo(values.length), { top })).wasm);
    module.run(bytesOf(new Tensor("float32", values, [1, values.length])));
    return entries(module);
  };
  const assertSame = (found: ReturnType<typeof entries>, expected: ReturnType<typeof topK>) => {
    assert.deepEqual(
      found.map(({ index }) => index),
      expected.map(({ index }) => index),
    );
    found.forEach(({ probability }, i) => {
      const wanted = expected[i].probability;
      assert.ok(Math.abs(probability - wanted) <= 1e-6 * wanted + 1e-12, `${probability}, not ${wanted}`);
    });
  };
  test("of logits are those of a softmax", async () => {
    const next = random(3);
    for (const count of [1, 2, 7, 100]) {
      const logits = Float32Array.from({ length: count }, () => (next() - 0.5) * 40);
      assertSame(await find([...logits], Math.min(count, 6)), topK(softmax(logits), Math.min(count, 6)));
    }
  });
  test("of probabilities are themselves", async () => {
    const values = [0.125, 0.5, 0.25, 0.125];
    assert.deepEqual(await find(values, 4), topK(values, 4));
  });
  test("of equal values the lower index comes first", async () => {
    assertSame(await find([3, 7, 7, 3, 7], 5), topK(softmax([3, 7, 7, 3, 7]), 5));
  });
  test("are found anew by each run, and are none where it failed", async () => {
    const module = await start((await buildStandalone(echo(3), { top: 1 })).wasm);
    const top = (values: number[]) => {
      module.run(bytesOf(new Tensor("float32", values, [1, 3])));
      return entries(module)[0].index;
    };
    assert.deepEqual([top([1, 2, 3]), top([9, 2, 3]), top([1, 2, 0])], [2, 0, 1]);
    assert.throws(() => top([1, Number.POSITIVE_INFINITY, 0]));
    assert.equal(module.exports.top_count!(), 0);
  });
  test("have labels", async () => {
    const { exports, bytes } = await start((await buildStandalone(echo(3), { labels: ["Käfer", undefined, "c"] })).wasm);
    const label = (i: number) => new TextDecoder().decode(bytes(exports.label_address!(i), exports.label_bytes!(i)));
    assert.deepEqual([label(0), label(1), label(2)], ["Käfer", "", "c"]);
    assert.throws(() => exports.label_bytes!(3), WebAssembly.RuntimeError);
  });
});

describe("the metadata", () => {
  test("is in the module, as JSON", async () => {
    const { wasm, metadata } = await buildStandalone(echo(3), { top: 2, labels: ["a", undefined, "c"] });
    assert.deepEqual(await readMetadata(wasm), metadata);
    assert.equal(metadata.name, "echo");
    assert.deepEqual(metadata.labels, ["a", null, "c"]);
    assert.deepEqual(metadata.top?.count, 2);
    const { address: _, ...input } = metadata.inputs[0];
    assert.deepEqual(input, { name: "x", type: "float32", dims: [1, 3], layout: "nchw", bytes: 12 });
  });
  test("says how pixels are scaled", async () => {
    const normalisation = { mean: [0.5, 0.25, 0.125], std: [0.5, 0.25, 2], scale: 255 };
    const { metadata } = await buildStandalone(classifier(), { inputLayout: "rgb8", normalisation });
    const [{ type, layout, pixels }] = metadata.inputs;
    assert.deepEqual({ type, layout, pixels }, { type: "uint8", layout: "rgb8", pixels: normalisation });
  });
  test("is not in other modules", async () => {
    assert.equal(await readMetadata(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)), undefined);
  });
});

describe("size", () => {
  const code = async (graph: Graph, options: StandaloneOptions = {}) => {
    const { wasm, weightBytes } = await buildStandalone(graph, options);
    return wasm.length - weightBytes;
  };
  test("kernels that the plan does not use are not in the module", async () => {
    const small = await code(echo(4));
    assert.ok(small < 4096, `${small} bytes`);
    const all = await code(withData(everyKernel()));
    assert.ok(all > 20_000, `${all} bytes`);
  });
  test("squeezenet1_1 is its weights and less than 40 KB", { skip: needsData }, async () => {
    const { graph } = await readModel(readFileSync(dataPath("models", "squeezenet1_1.onnx")));
    const { wasm } = await buildStandalone(graph);
    const weights = [...graph.parameters.values()].reduce((sum, { data }) => sum + data!.byteLength, 0);
    assert.ok(wasm.length - weights <= 40_000, `${wasm.length - weights} bytes`);
  });
  test("the file depends on graph and options alone", async () => {
    const build = async () => (await buildStandalone(classifier())).wasm;
    assert.deepEqual(await build(), await build());
  });
  test("packed modules have no start function, and are larger", async () => {
    const builder = new GraphBuilder("wide");
    const x = builder.input("x", [1, 64, 28, 28]);
    const graph = withData(builder.build({ y: builder.conv("conv", x, { outChannels: 64, kernel: 3, pad: 1 }) }));
    const plain = await buildStandalone(graph);
    const packed = await buildStandalone(graph, { packed: true });
    assert.ok(packed.wasm.length > 3 * plain.wasm.length, "it was Winograd's");
    await compare(graph);
    await compare(graph, { packed: true });
  });
});

describe("options that do not fit are errors", () => {
  const refuses = (graph: Graph, options: StandaloneOptions, message: RegExp) =>
    assert.rejects(buildStandalone(graph, options), { message });
  test("top and labels", async () => {
    await refuses(echo(3), { top: 4 }, /no 4 most probable classes: echo knows 3/);
    await refuses(echo(3), { top: 1.5 }, /whole number/);
    await refuses(echo(3), { labels: ["a"] }, /1 labels, echo knows 3 classes/);
    await refuses(adder(), { top: 1 }, /adder is no classifier/);
  });
  test("the build and the layout", async () => {
    await assert.rejects(buildStandalone(echo(3), { build: "fast" as "strict" }), OptionError);
    await assert.rejects(buildStandalone(adder(), { inputLayout: "rgb8" }), OptionError);
  });
});
