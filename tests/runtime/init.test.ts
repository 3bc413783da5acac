// init: an engine for every load that follows, in whatever form its caller has it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type EngineSource, HostError, init, loadModel } from "../../src/index.ts";
import { classifier, engineBytes, image } from "./models.ts";

const relaxedBytes = readFileSync(new URL("../../wasm/relaxed.wasm", import.meta.url));
const html = "<!-- not found --><html><body>Not found</body></html>";
const { scores: expected } = await (await loadModel(classifier(), { build: "strict" })).run({ image: image() });

/** Loads and runs; says which build it was, and that the result is right. */
async function load(options: Parameters<typeof loadModel>[1] = {}) {
  const model = await loadModel(classifier(), options);
  const { scores } = await model.run({ image: image() });
  if (model.build !== "relaxed") assert.deepEqual(scores.data, expected.data);
  return model.build;
}

describe("init", () => {
  const counted = (t: { after(restore: () => void): void }) => {
    const { compile } = WebAssembly;
    let count = 0;
    WebAssembly.compile = (bytes) => {
      ++count;
      return compile(bytes);
    };
    t.after(() => {
      WebAssembly.compile = compile;
    });
    return () => count;
  };
  const sources: Record<string, () => EngineSource> = {
    bytes: () => engineBytes() as BufferSource,
    "a module": () => new WebAssembly.Module(engineBytes() as BufferSource),
    "a response": () => new Response(engineBytes() as BodyInit),
    "a response of another content type": () => new Response(engineBytes() as BodyInit, { headers: { "content-type": "a/b" } }),
    "a promise of bytes": () => Promise.resolve(engineBytes() as BufferSource),
  };
  for (const [what, source] of Object.entries(sources)) {
    test(`takes ${what}, which then serves every load without compiling again`, async (t) => {
      await init(source());
      const count = counted(t);
      assert.equal(await load(), undefined);
      assert.equal(await load({ build: "relaxed" }), undefined);
      assert.equal(count(), 0);
    });
  }
  test("takes one for each build, and builds are known again", async (t) => {
    await init({ strict: engineBytes() as BufferSource, relaxed: relaxedBytes });
    const count = counted(t);
    assert.equal(await load({ build: "strict" }), "strict");
    assert.ok(["strict", "relaxed"].includes((await load())!));
    assert.equal(count(), 0);
  });
  test("an engine in a load's options goes before it", async () => {
    await init(relaxedBytes).catch(() => init(engineBytes() as BufferSource));
    assert.equal(await load({ engine: engineBytes() as BufferSource }), undefined);
  });
  test("what is no engine is refused, and changes nothing", async () => {
    await init({ strict: engineBytes() as BufferSource });
    const refused = (source: unknown, message: RegExp) =>
      assert.rejects(init(source as EngineSource), (error: unknown) => {
        assert.ok(error instanceof HostError, (error as Error).stack);
        assert.match(error.message, message);
        return true;
      });
    await refused(new Response(html), /the response is a web page, not WebAssembly/);
    await refused(new Response(html, { status: 404, statusText: "Not Found" }), /404 Not Found/);
    await refused({ strict: new TextEncoder().encode("hello, world") }, /begins with "hello, world", not WebAssembly/);
    await refused(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0), /not a Minnow engine/);
    await refused("strict.wasm", /not "strict\.wasm"/);
    await refused(undefined, /not \[object Undefined\]/);
    await refused(null, /not \[object Null\]/);
    await refused(Promise.reject(new TypeError("fetch failed")), /fetch failed/);
    assert.equal(await load({ build: "strict" }), "strict");
  });
});

// In a process of its own, because what it tests is remembered for a process.
test("the package's engine is compiled once, and again only after it failed", () => {
  const script = `
    import assert from "node:assert/strict";
    import { loadModel } from "./src/index.ts";
    import { classifier } from "./tests/runtime/models.ts";
    const load = () => loadModel(classifier(), { build: "strict" });
    let compiled = 0;
    const { compile } = WebAssembly;
    WebAssembly.compile = () => Promise.reject(new Error("no"));
    await assert.rejects(load, /did not start: no[^]*minnow\\/inline/);
    WebAssembly.compile = (bytes) => (++compiled, compile(bytes));
    await load();
    const before = compiled;
    assert.ok(before > 0);
    await load();
    assert.equal(compiled, before);`;
  const { status, stderr } = spawnSync(process.execPath, ["--import", "tsx", "--input-type=module", "--eval", script], {
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
    encoding: "utf8",
  });
  assert.equal(status, 0, stderr);
});
