// Starting the engine: from wherever the caller has it, on hosts that lack something, and from files that are none.
import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { type EngineSource, HostError, loadModel, MemoryError } from "../../src/index.ts";
import { classifier, engineBytes, image } from "./models.ts";

const wasmResponse = (init?: ResponseInit) =>
  new Response(engineBytes() as BodyInit, { headers: { "content-type": "application/wasm" }, ...init });

describe("an engine that the caller has", () => {
  const module = new WebAssembly.Module(engineBytes() as BufferSource);
  const sources: Record<string, () => EngineSource> = {
    "as bytes": () => engineBytes() as BufferSource,
    "as an ArrayBuffer": () => new Uint8Array(engineBytes()).buffer,
    "as a module": () => module,
    "as a response": () => wasmResponse(),
    "as a promise of a response": () => Promise.resolve(wasmResponse()),
  };
  for (const [what, source] of Object.entries(sources)) {
    test(what, async () => {
      const expected = await (await loadModel(classifier(), { build: "strict" })).run({ image: image() });
      const model = await loadModel(classifier(), { engine: source() });
      assert.deepEqual((await model.run({ image: image() })).scores.data, expected.scores.data);
    });
  }
  test("one module serves several models", async () => {
    const models = await Promise.all([1, 2].map((seed) => loadModel(classifier(seed), { engine: module })));
    const [one, two] = await Promise.all(models.map((model) => model.run({ image: image() })));
    assert.notDeepEqual(one.scores.data, two.scores.data);
  });
});

/** A module that exports a function of the given name, which returns a constant: (func (export name) (result i32) …). */
function moduleWith(name: string, result: number): Uint8Array {
  const text = new TextEncoder().encode(name);
  const section = (id: number, ...content: number[]) => [id, content.length, ...content];
  return Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0],
    ...section(1, 1, 96, 0, 1, 127),
    ...section(3, 1, 0),
    ...section(7, 1, text.length, ...text, 0, 0),
    ...section(10, 1, 4, 0, 65, result, 11),
  );
}

describe("what is no engine is a HostError", () => {
  const html = "<!doctype html><title>Not found</title>";
  const responses: Record<string, () => EngineSource> = {
    "an HTML page": () => new Response(html, { headers: { "content-type": "text/html" } }),
    "an HTML page said to be Wasm": () => new Response(html, { headers: { "content-type": "application/wasm" } }),
    "a page of status 404": () => new Response(html, { status: 404, headers: { "content-type": "text/html" } }),
    "an engine of status 500": () => wasmResponse({ status: 500 }),
    "a failed fetch": () => Promise.reject(new TypeError("fetch failed")),
    "an empty file": () => new Uint8Array(0),
    "half an engine": () => engineBytes().slice(0, 5000) as BufferSource,
    "text instead of bytes": () => "strict.wasm" as unknown as EngineSource,
    "an empty module": () => Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0),
    "a module of another kind": () => moduleWith("main", 1) as BufferSource,
    "a module of another version": () => moduleWith("abiVersion", 63) as BufferSource,
    "a module that has our version and nothing else": () => moduleWith("abiVersion", 1) as BufferSource,
  };
  for (const [what, source] of Object.entries(responses)) {
    test(what, async () => {
      await assert.rejects(loadModel(classifier(), { engine: source() }), (error: unknown) => {
        assert.ok(error instanceof HostError, (error as Error).stack);
        assert.ok(error.hint, "it has a hint");
        return true;
      });
      // And the next one starts.
      await loadModel(classifier());
    });
  }
});

describe("hosts that lack something", () => {
  const without = async (t: TestContext, change: () => void, restore: () => void): Promise<unknown> => {
    change();
    t.after(restore);
    try {
      await loadModel(classifier());
    } catch (error) {
      return error;
    } finally {
      restore();
    }
    return undefined;
  };
  test("no SIMD", async (t) => {
    const mock = t.mock.method(WebAssembly, "validate", () => false);
    await assert.rejects(loadModel(classifier()), { name: "HostError", message: /no SIMD\n {2}hint: use Node/ });
    mock.mock.restore();
    await loadModel(classifier());
  });
  test("no WebAssembly", async (t) => {
    const { WebAssembly: real } = globalThis;
    const error = await without(
      t,
      () => Reflect.deleteProperty(globalThis, "WebAssembly"),
      () => Object.defineProperty(globalThis, "WebAssembly", { value: real, configurable: true, writable: true }),
    );
    assert.ok(error instanceof HostError, String(error));
    assert.match(error.message, /has no WebAssembly/);
    await loadModel(classifier());
  });
  test("memory that cannot grow", async (t) => {
    const builder = new GraphBuilder("larger than a page");
    const graph = builder.build({ y: builder.relu("y", builder.input("x", [1, 4, 128, 128])) });
    const mock = t.mock.method(WebAssembly.Memory.prototype, "grow", () => {
      throw new RangeError("WebAssembly.Memory.grow(): Unable to grow instance memory");
    });
    await assert.rejects(loadModel(graph), (error: unknown) => {
      assert.ok(error instanceof MemoryError, String(error));
      assert.match(error.message, /no \d+ MiB of memory/);
      assert.ok(error.cause instanceof RangeError);
      return true;
    });
    mock.mock.restore();
    await loadModel(graph);
  });
});
