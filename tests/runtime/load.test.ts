// Loading: where models come from, weights that do not fit, and models that are too large.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { squeezenet } from "../../models/index.ts";
import { writeOnnx } from "../../src/formats/index.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import {
  FormatError,
  GraphError,
  loadModel,
  MemoryError,
  MinnowError,
  type ModelSource,
  seedWeights,
  Tensor,
  type Weights,
  WeightsError,
} from "../../src/index.ts";
import { architecture, classifier, image } from "./models.ts";

const onnx = writeOnnx(classifier());
const folder = mkdtempSync(join(tmpdir(), "minnow-"));
after(() => rmSync(folder, { recursive: true }));

describe("sources", () => {
  const path = join(folder, "tiny model.onnx");
  writeFileSync(path, onnx);
  const server = createServer((request, response) => {
    response.statusCode = request.url === "/tiny.onnx" ? 200 : 404;
    response.end(response.statusCode === 200 ? onnx : "<h1>Not found</h1>");
  });
  let origin = "";
  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const good: Record<string, () => ModelSource> = {
    "a graph": () => classifier(),
    "a path": () => path,
    "a file: URL": () => pathToFileURL(path),
    "a file: URL as text": () => pathToFileURL(path).href,
    "an http: URL": () => new URL(`${origin}/tiny.onnx`),
    "an http: URL as text": () => `${origin}/tiny.onnx`,
    "a data: URL": () => `data:application/octet-stream;base64,${Buffer.from(onnx).toString("base64")}`,
    bytes: () => onnx,
    "bytes within a larger buffer": () => Buffer.concat([Buffer.alloc(7), onnx, Buffer.alloc(9)]).subarray(7, 7 + onnx.length),
    "an ArrayBuffer": () => new Uint8Array(onnx).buffer,
    "a response": () => new Response(onnx as BodyInit),
  };
  for (const [what, source] of Object.entries(good)) {
    test(what, async () => {
      const expected = await (await loadModel(classifier())).run({ image: image() });
      const { scores } = await (await loadModel(source())).run({ image: image() });
      assert.deepEqual(scores.data, expected.scores.data);
    });
  }

  const bad: Record<string, [() => unknown, RegExp]> = {
    "a path that does not exist": [() => join(folder, "none.onnx"), /cannot read .*none\.onnx.*ENOENT/],
    "a folder": [() => folder, /cannot read/],
    "an empty path": [() => "", /cannot read/],
    "a URL that does not exist": [() => `${origin}/none.onnx`, /cannot read .*none\.onnx: 404/],
    "a server that does not exist": [() => "http://127.0.0.1:1/tiny.onnx", /cannot read http:\/\/127\.0\.0\.1:1/],
    "a scheme that does not exist": [() => "nosuch:tiny.onnx", /cannot read nosuch:tiny\.onnx/],
    "a URL that is none": [() => "http://", /cannot read http:\/\//],
    "a response of status 404": [() => new Response(onnx as BodyInit, { status: 404, statusText: "Not Found" }), /404 Not Found/],
    "a page instead of a model": [() => new Response("<!doctype html><h1>Welcome</h1>"), /not an ONNX model|not a|damaged|HTML/],
    "a response already read": [
      () => {
        const response = new Response(onnx as BodyInit);
        void response.text();
        return response;
      },
      /cannot read/,
    ],
    "no bytes": [() => new Uint8Array(0), /empty/],
    undefined: [() => undefined, /undefined|source/],
    null: [() => null, /null|source/],
    "a number": [() => 5, /./],
    "an object that is no graph": [() => ({}), /./],
    "floats instead of bytes": [() => new Float32Array(10), /./],
  };
  for (const [what, [source, message]] of Object.entries(bad)) {
    test(`${what}: an error`, async () => {
      await assert.rejects(loadModel(source() as ModelSource), (error: unknown) => {
        assert.ok(error instanceof MinnowError, (error as Error).stack);
        assert.match(error.message, message);
        return true;
      });
    });
  }
  test("what cannot be read is a FormatError with a hint", async () => {
    await assert.rejects(loadModel("none.onnx"), (error: unknown) => error instanceof FormatError && error.hint !== undefined);
  });
});

describe("weights", () => {
  const fitting = () => new Map(seedWeights(architecture()));
  /** Loads the classifier with weights that do not fit; returns the error. */
  const misfit = async (change: (weights: Map<string, Tensor>) => void): Promise<WeightsError> => {
    const weights = fitting();
    change(weights);
    try {
      await loadModel(architecture(), { weights });
    } catch (error) {
      assert.ok(error instanceof WeightsError, (error as Error).stack);
      return error;
    }
    return assert.fail("these weights were taken");
  };
  test("that fit", async () => {
    const model = await loadModel(architecture(), { weights: fitting() });
    await model.run({ image: image() });
  });
  test("that nobody gave: every one is listed", async () => {
    await assert.rejects(loadModel(architecture()), (error: unknown) => {
      assert.ok(error instanceof WeightsError);
      assert.deepEqual(error.missing, ["conv.weight", "conv.bias", "fc.weight", "fc.bias"]);
      assert.match(error.message, /"tiny" has no weights[\s\S]*missing: conv\.weight, conv\.bias, fc\.weight, fc\.bias/);
      return true;
    });
  });
  test("that are missing, unexpected and mis-shaped: all are listed at once", async () => {
    const error = await misfit((weights) => {
      weights.delete("conv.bias");
      weights.delete("fc.bias");
      weights.set("conv.gamma", new Tensor("float32", [1], [1]));
      weights.set("extra", new Tensor("float32", [1], [1]));
      weights.set("fc.weight", new Tensor("float32", new Float32Array(40), [8, 5]));
      weights.set("conv.weight", new Tensor("uint8", new Uint8Array(216), [8, 3, 3, 3]));
    });
    assert.deepEqual(error.missing, ["conv.bias", "fc.bias"]);
    assert.deepEqual(error.unexpected, ["conv.gamma", "extra"]);
    assert.deepEqual(error.misshapen, [
      "conv.weight (uint8 [8,3,3,3], not float32 [8,3,3,3])",
      "fc.weight (float32 [8,5], not float32 [5,8])",
    ]);
    for (const name of ["conv.bias", "fc.bias", "conv.gamma", "extra", "conv.weight", "fc.weight"]) {
      assert.ok(error.message.includes(name), name);
    }
  });
  test("of another class count", async () => {
    const weights = seedWeights(squeezenet({ version: "1.1", classes: 10, resolution: 64 }));
    await assert.rejects(loadModel(squeezenet({ version: "1.1", classes: 11, resolution: 64 }), { weights }), WeightsError);
  });
  test("that hold a NaN are taken as they are", async () => {
    // The result is NaN, as it would be anywhere else: only inputs are checked.
    const weights = fitting();
    weights.get("fc.bias")!.data[0] = Number.NaN;
    const model = await loadModel(architecture(), { weights });
    const { scores } = await model.run({ image: image() });
    assert.deepEqual(Array.from(scores.data as Float32Array, Number.isNaN), [true, false, false, false, false]);
  });
  test("that fit in part, with strict: false", async () => {
    const weights = fitting();
    weights.delete("fc.bias");
    weights.set("extra", new Tensor("float32", [1], [1]));
    const model = await loadModel(architecture(), { weights, strict: false });
    assert.deepEqual(model.weights, {
      loaded: ["conv.weight", "conv.bias", "fc.weight"],
      missing: ["fc.bias"],
      unexpected: ["extra"],
      misshapen: [],
    });
    await model.run({ image: image() });
    assert.equal((await loadModel(architecture(), { weights: fitting() })).weights, undefined);
    await assert.rejects(loadModel(architecture(), { strict: false }), WeightsError);
    await assert.rejects(loadModel(architecture(), { weights, strict: "no" as unknown as boolean }), MinnowError);
  });
  test("that are no map are a MinnowError", async () => {
    await assert.rejects(loadModel(architecture(), { weights: {} as unknown as Weights }), MinnowError);
  });
  test("are not kept: changing them later changes nothing", async () => {
    const weights = fitting();
    const model = await loadModel(architecture(), { weights });
    const { scores } = await model.run({ image: image() });
    for (const { data } of weights.values()) (data as Float32Array).fill(0);
    assert.deepEqual((await model.run({ image: image() })).scores.data, scores.data);
  });
});

describe("models that are too large", () => {
  const refused = async (what: string, build: (builder: GraphBuilder) => void) => {
    const grown: number[] = [];
    const { grow } = WebAssembly.Memory.prototype;
    WebAssembly.Memory.prototype.grow = function (pages: number) {
      grown.push(pages);
      return grow.call(this, pages);
    };
    const start = performance.now();
    const before = process.memoryUsage().arrayBuffers;
    try {
      await assert.rejects(
        async () => {
          const builder = new GraphBuilder("huge");
          build(builder);
          const last = builder.value("y")!;
          await loadModel(builder.build({ y: last }));
        },
        (error: unknown) => {
          assert.ok(error instanceof MemoryError || error instanceof GraphError, `${what}: ${(error as Error).stack}`);
          return true;
        },
      );
    } finally {
      WebAssembly.Memory.prototype.grow = grow;
    }
    assert.deepEqual(grown, []);
    assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 26, "nothing large was allocated");
    assert.ok(performance.now() - start < 1000);
  };
  test("an input of 4 GiB", () => refused("input", (b) => b.relu("y", b.input("x", [1, 4, 16384, 16384]))));
  test("an input of 2^33 elements", () => refused("input", (b) => b.relu("y", b.input("x", [1, 8, 32768, 32768]))));
  test("an input of 2^60 elements", () => refused("input", (b) => b.relu("y", b.input("x", [2 ** 20, 2 ** 20, 2 ** 20, 1]))));
  test("a batch of a billion", () => refused("batch", (b) => b.relu("y", b.input("x", [2 ** 30, 1, 1, 1]))));
  test("activations that are larger together than 4 GiB", () =>
    refused("activations", (b) => {
      const x = b.input("x", [1, 4, 8192, 8192]);
      const parts = Array.from({ length: 5 }, (_, i) => b.maxPool(`p${i}`, x, { kernel: 1 }));
      b.concat("y", parts);
    }));
  test("a padding beyond all bounds", () =>
    refused("pad", (b) => {
      const x = b.input("x", [1, 4, 8, 8]);
      b.node("Pad", "y", [x], { before: [0, 0, 2 ** 30, 2 ** 30], after: [0, 0, 0, 0], value: 0 });
    }));
});
