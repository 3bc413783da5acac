// Which engine runs: the one asked for, or with "auto" the relaxed one where the host can be trusted with it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { squeezenet } from "../../models/index.ts";
import { type BuildChoice, loadModel, OptionError, seedWeights } from "../../src/index.ts";

const graph = squeezenet({ resolution: 64, classes: 10 });
const weights = seedWeights(graph);
const load = (build?: BuildChoice) => loadModel(graph, { weights, build });

/** A module whose one instruction is f32x4.relaxed_madd. */
const relaxedModule = [
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0],
  ...[10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11],
];
/** Whether this host knows it only by a flag, which loading sets; or anyway. */
const behindFlag = process.versions.node.startsWith("20.") && process.arch === "x64" && process.getBuiltinModule !== undefined;
const isThere = behindFlag || WebAssembly.validate(Uint8Array.from(relaxedModule));

test("auto is relaxed where the host has it, strict elsewhere", async () => {
  assert.equal((await load()).build, isThere ? "relaxed" : "strict");
  assert.equal((await load("auto")).build, isThere ? "relaxed" : "strict");
  assert.equal((await load("strict")).build, "strict");
});

/** What a script prints that has `load` and `hasRelaxed`, in a process of its own: V8's flags are the process'. */
function printed(script: string, ...flags: string[]): string {
  const program = `
    import { createWorkerModel, loadModel, seedWeights } from "minnow";
    import { squeezenet } from "minnow/models";
    const graph = squeezenet({ resolution: 64 });
    const weights = seedWeights(graph);
    const load = (options) => loadModel(graph, { weights, ...options });
    const hasRelaxed = () => WebAssembly.validate(Uint8Array.from([${relaxedModule}]));
    ${script}`;
  const cwd = fileURLToPath(new URL("../../", import.meta.url));
  const args = [...flags, "--input-type=module", "--eval", program];
  const { stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  assert.equal(stderr, "");
  return stdout.trim();
}

const onlyThere = { skip: !behindFlag && "for Node 20.16 and later 20 on x86-64" };

test("relaxed SIMD that V8 has behind a flag is turned on", onlyThere, () => {
  assert.equal(
    printed("const before = hasRelaxed(); console.log((await load()).build, before, hasRelaxed());"),
    "relaxed false true",
  );
  assert.equal(printed(`console.log((await load({ build: "relaxed" })).build);`), "relaxed");
});

test("not where strict is asked for", onlyThere, () => {
  const script = `await load({ build: "strict", threads: 2 }); console.log((await load({ build: "strict" })).build, hasRelaxed());`;
  assert.equal(printed(script), "strict false");
});

test("a flag that the process was started with, or has set itself, stays on", onlyThere, () => {
  const script = `await load({ build: "strict" }); console.log((await load()).build, hasRelaxed());`;
  const flag = "--experimental-wasm-relaxed-simd";
  assert.equal(printed(script, flag), "relaxed true");
  assert.equal(printed(`process.getBuiltinModule("node:v8").setFlagsFromString("${flag}"); ${script}`), "relaxed true");
});

test("it is on for workers and threads, whichever comes first", onlyThere, () => {
  const worker = "const worker = await createWorkerModel(graph, { weights }); console.log(worker.build); await worker.dispose();";
  const threads = "const threads = await load({ threads: 2 }); console.log(threads.build, threads.threads); threads.dispose();";
  assert.equal(printed(worker + threads), "relaxed\nrelaxed 2");
  assert.equal(printed(threads + worker), "relaxed 2\nrelaxed");
});

test("auto falls back to strict where the relaxed engine does not start", {
  skip: !isThere && "it never does here",
}, async (t) => {
  const mock = t.mock.method(WebAssembly, "instantiate", () => Promise.reject(new Error("no such instruction")), { times: 1 });
  assert.equal((await load("auto")).build, "strict");
  assert.equal(mock.mock.callCount(), 1);
});

test("an unknown build is an error", async () => {
  await assert.rejects(load("fastest" as BuildChoice), OptionError);
});
