// npm run bench, in its quick form: that it runs, and what its JSON holds.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { StepFloor } from "../../bench/floor.ts";
import type { ModelResult } from "../../bench/models.ts";
import { drawLayers } from "../../bench/random-layers.ts";
import { script, temporaryFolder } from "../cli/minnow.ts";

const folder = temporaryFolder();

test("models", async () => {
  const file = join(folder, "models.json");
  const { code, stdout, stderr } = await script("bench/index.ts", [
    "models",
    "--quick",
    "--models",
    "squeezenet1_1",
    "--json",
    file,
  ]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\| squeezenet1_1 +\| +0\.35 G \|/m);
  const { host, models } = JSON.parse(readFileSync(file, "utf8"));
  assert.match(host.runtime, /^Node \d+/);
  assert.ok(models.peaks.strict > 0 && models.peaks.read > 0);
  const [{ model, multiplyAdds, rounds, engines }] = models.models;
  assert.deepEqual([model, multiplyAdds, rounds], ["squeezenet1_1", 349151936, 3]);
  const names = engines.map(({ engine }: { engine: string }) => engine);
  for (const name of ["minnow strict", "onnxruntime-web", "tfjs-backend-wasm"]) assert.ok(names.includes(name), name);
  for (const { engine, loadMs, ms, gflops, difference, correct } of engines) {
    assert.ok(loadMs > 0 && gflops > 0 && ms.p10 <= ms.median && ms.median <= ms.p90, engine);
    assert.ok(correct && difference < 1e-4, `${engine} differs by ${difference}`);
  }
});

test("kernels", async () => {
  const file = join(folder, "kernels.json");
  const { code, stdout } = await script("bench/index.ts", [
    "kernels",
    "--quick",
    "--only",
    "7²×",
    "--build",
    "strict",
    "--json",
    file,
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /^\| depthwise 3×3 +\| 7²×1024/m);
  const { kernels } = JSON.parse(readFileSync(file, "utf8"));
  for (const { layer, build, ms, gflops, ofPeak, bytes, bandwidth } of kernels.kernels) {
    assert.ok(build === "strict" && ms.median > 0 && bytes > 0 && bandwidth > 0, layer);
    assert.equal(ofPeak > 0, gflops > 0, `${layer}: ${ofPeak} of the peak`);
  }
});

for (const [algorithm, only, row] of [
  ["winograd", "28²×32", /^\| 5×5 +\| 28²×32 → 96/m],
  ["winograd", "13²×64 → 64", /^\| 3×3, sides +\| 13²×64 → 64/m],
  ["strassen", "14²×512 → 512", /^\| 1×1 +\| 14²×512 → 512/m],
] as const) {
  test(`${algorithm} ${only}`, async () => {
    const file = join(folder, `${algorithm}.json`);
    const { code, stdout } = await script("bench/index.ts", [algorithm, "--quick", "--only", only, "--json", file]);
    assert.equal(code, 0);
    assert.match(stdout, row);
    const { [algorithm]: results } = JSON.parse(readFileSync(file, "utf8"));
    for (const { layer, direct, fast, small } of results) {
      const isThree = layer.startsWith("13²");
      assert.equal(small !== undefined, isThree, layer);
      for (const { ms, gain, error } of [direct, fast, ...(isThree ? [small] : [])]) {
        assert.ok(ms.median > 0 && gain > 0 && error > 0 && error < 1e-5, layer);
      }
    }
  });
}

test("floor", async () => {
  const file = join(folder, "floor.json");
  const { code, stdout } = await script("bench/index.ts", [
    "floor",
    "--quick",
    "--models",
    "squeezenet1_1,alexnet",
    "--build",
    "strict",
    "--json",
    file,
  ]);
  assert.equal(code, 0);
  assert.match(stdout, /^\| squeezenet1_1 +\| strict /m);
  const { peaks, models } = JSON.parse(readFileSync(file, "utf8")).floor;
  const [squeezenet, alexnet] = models;
  // What arithmetic takes by the operators' own count: Winograd's and Strassen's algorithms save of it, and add nothing to the floor.
  const plain = (multiplyAdds: number) => (2 * multiplyAdds) / peaks.strict / 1e6;
  assert.ok(squeezenet.floorMs > 0.5 * plain(349151936) && squeezenet.floorMs < 0.95 * plain(349151936));
  const of = (kernel: string) => alexnet.steps.filter((step: StepFloor) => step.kernel === kernel);
  const weights = 4 * (9216 * 4096 + 4096 * 4096 + 4096 * 1000);
  const read = of("dense").reduce((sum: number, { floorMs }: StepFloor) => sum + floorMs, 0);
  assert.ok(Math.abs(read / (weights / peaks.read / 1e6) - 1) < 1e-6);
  for (const { floorMs } of of("max pool")) assert.equal(floorMs, 0);
});

test("sweep", async () => {
  const file = join(folder, "sweep.json");
  const { code, stdout } = await script("bench/index.ts", ["sweep", "--quick", "--layers", "8", "--seed", "3", "--json", file]);
  assert.equal(code, 0);
  assert.match(stdout, /^minnow strict is as fast as onnxruntime-web or faster on \d of 8 layers/m);
  const { sweep } = JSON.parse(readFileSync(file, "utf8"));
  const ratios = sweep.map(({ model, engines }: ModelResult) => {
    for (const { engine, difference } of engines) assert.ok(difference! < 1e-4, `${model}: ${engine} differs by ${difference}`);
    return engines.at(-1)!.ms!.median / engines[0].ms!.median;
  });
  assert.deepEqual(
    ratios,
    ratios.toSorted((a: number, b: number) => a - b),
  );
  const names = (seed: number) => drawLayers(seed, 8).map(({ group, name }) => `${group}: ${name}`);
  assert.deepEqual(sweep.map(({ model }: ModelResult) => model).sort(), names(3).sort());
  assert.notDeepEqual(names(3), names(4));
});

test("an unknown model", async () => {
  const { code, stderr } = await script("bench/index.ts", ["models", "--models", "lenet"]);
  assert.equal(code, 1);
  assert.match(stderr, /no such model: lenet; there are .*squeezenet1_1/);
});

test("threads", async () => {
  const file = join(folder, "threads.json");
  const { code, stdout } = await script("bench/index.ts", ["threads", "--quick", "--models", "squeezenet1_1", "--json", file]);
  assert.equal(code, 0);
  assert.match(stdout, /^\| squeezenet1_1 +\| +\d \|/m);
  const { threads } = JSON.parse(readFileSync(file, "utf8"));
  const [{ one, several, ratio, undisturbed, rounds, sameBits }] = threads;
  assert.ok(one.median > 0 && several.median > 0 && ratio.median > 0);
  assert.ok(rounds >= 3 && rounds <= 12 && undisturbed.rounds <= rounds && sameBits);
});
