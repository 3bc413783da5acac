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

/** Whether this host knows f32x4.relaxed_madd: a module with that one instruction. */
const hasRelaxed = WebAssembly.validate(
  Uint8Array.of(
    ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 6, 1, 96, 1, 123, 1, 123, 3, 2, 1, 0],
    ...[10, 13, 1, 11, 0, 32, 0, 32, 0, 32, 0, 253, 133, 2, 11],
  ),
);

test("auto is relaxed where the host has it, strict elsewhere", async () => {
  assert.equal((await load()).build, hasRelaxed ? "relaxed" : "strict");
  assert.equal((await load("auto")).build, hasRelaxed ? "relaxed" : "strict");
  assert.equal((await load("strict")).build, "strict");
});

const flag = "--experimental-wasm-relaxed-simd";

for (const [how, args, before] of [
  ["a process started with relaxed SIMD", [flag], ""],
  ["a process that sets V8's flag", [], `(await import("node:v8")).setFlagsFromString("${flag}");`],
] as const) {
  test(`auto is relaxed in ${how}`, { skip: hasRelaxed && "this process has it already" }, () => {
    const script = `
      import { loadModel, seedWeights } from "./src/index.ts";
      import { squeezenet } from "./models/index.ts";
      ${before}
      const graph = squeezenet({ resolution: 64 });
      console.log((await loadModel(graph, { weights: seedWeights(graph) })).build);`;
    const { stdout, stderr } = spawnSync(
      process.execPath,
      [...args, "--import", "tsx", "--input-type=module", "--eval", script],
      { cwd: fileURLToPath(new URL("../../", import.meta.url)), encoding: "utf8" },
    );
    assert.equal(stdout.trim(), "relaxed", stderr);
  });
}

test("auto falls back to strict where relaxed SIMD is announced and does not start", {
  skip: hasRelaxed && "it starts here",
}, async (t) => {
  t.mock.method(WebAssembly, "validate", () => true);
  assert.equal((await load("auto")).build, "strict");
});

test("an unknown build is an error", async () => {
  await assert.rejects(load("fastest" as BuildChoice), OptionError);
});
