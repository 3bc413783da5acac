// minnow bench: that it measures, and says so; how fast it is is no matter of tests.
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { minnow } from "./minnow.ts";

test("a summary and the slowest steps", async () => {
  const { code, stdout, stderr } = await minnow("bench", "squeezenet1_1", "--runs", "2");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\| loading +\| [\d.]+ ms +\|$/m);
  assert.match(stdout, /^\| a run, median of 2 +\| [\d.]+ ms +\|$/m);
  assert.match(stdout, /^\| speed +\| [\d.]+ GFLOP\/s +\|$/m);
  // Two tables, each with a header and a line under it; seven lines in the first, ten steps in the second.
  assert.equal(stdout.split("\n").filter((line) => line.startsWith("|")).length, 2 + 7 + 2 + 10);
});

test("--steps shows them all, in order", async () => {
  const { code, stdout } = await minnow("bench", "squeezenet1_1", "--runs", "1", "--steps");
  assert.equal(code, 0);
  const numbers = [...stdout.matchAll(/^\| +(\d+) \|/gm)].map(([, number]) => Number(number));
  assert.ok(numbers.length > 20);
  assert.deepEqual(
    numbers,
    numbers.map((_, i) => i),
  );
});

test("--json", async () => {
  const { code, stdout } = await minnow("bench", "squeezenet1_1", "--runs", "3", "--build", "strict", "--json");
  assert.equal(code, 0);
  const { build, runs, loadMs, ms, gflops, steps } = JSON.parse(stdout);
  assert.deepEqual([build, runs], ["strict", 3]);
  for (const number of [loadMs, ms.p10, ms.median, ms.p90, gflops]) assert.ok(number > 0);
  assert.ok(ms.p10 <= ms.median && ms.median <= ms.p90);
  assert.deepEqual(Object.keys(steps[0]), ["name", "kernel", "ms", "gflops", "bytes"]);
});

test("a file that is not there, and weights that have no use", async () => {
  const missing = await minnow("bench", "none.onnx");
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /there is no file none\.onnx/);
  const useless = await minnow("bench", "none.onnx", "--weights", "none.safetensors");
  assert.match(useless.stderr, /--weights goes with an architecture's name/);
  assert.equal((await minnow("bench", "squeezenet1_1", "--build", "fast")).code, 2);
});

test("--threads", async () => {
  const { code, stdout, stderr } = await minnow("bench", "squeezenet1_1", "--runs", "1", "--threads", "64", "--json");
  const { threads } = JSON.parse(stdout);
  assert.deepEqual([code, threads], [0, Math.min(64, availableParallelism())]);
  if (threads < 64) assert.match(stderr, /^note: running on \d+ threads?: this machine has \w+ cores?$/m);
  for (const wrong of ["0", "many", "1.5"]) assert.equal((await minnow("bench", "squeezenet1_1", "--threads", wrong)).code, 2);
});
