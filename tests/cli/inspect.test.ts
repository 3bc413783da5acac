// minnow inspect, by an architecture's name alone: SqueezeNet 1.1 has 1,235,496 parameters.
import assert from "node:assert/strict";
import { test } from "node:test";
import { minnow } from "./minnow.ts";

test("a summary and the table of steps", async () => {
  const { code, stdout, stderr } = await minnow("inspect", "squeezenet1_1");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\| inputs +\| input float32 \[1,3,224,224\] +\|$/m);
  assert.match(stdout, /^\| operators +\| .*26 Conv/m);
  assert.match(stdout, /^\| parameters +\| 1,235,496 +\|$/m);
  assert.match(stdout, /^\| arena +\| .*above the lower bound/m);
  assert.match(stdout, /^\| +step \| name +\| kernel/m);
});

test("--plan adds the memory map", async () => {
  const [plain, plan] = await Promise.all([minnow("inspect", "squeezenet1_1"), minnow("inspect", "squeezenet1_1", "--plan")]);
  assert.equal(plan.code, 0);
  assert.ok(plan.stdout.startsWith(plain.stdout.trimEnd()));
  assert.ok(plan.stdout.length > plain.stdout.length + 100);
});

test("--memory small plans for less", async () => {
  const [fast, small] = await Promise.all(
    [[], ["--memory", "small"]].map((options) => minnow("inspect", "squeezenet1_1", "--json", ...options)),
  );
  assert.deepEqual([fast.code, small.code], [0, 0]);
  assert.ok(JSON.parse(small.stdout).linearMemoryBytes < 0.6 * JSON.parse(fast.stdout).linearMemoryBytes);
});

test("--json", async () => {
  const { code, stdout } = await minnow("inspect", "squeezenet1_1", "--json");
  assert.equal(code, 0);
  const json = JSON.parse(stdout);
  assert.equal(json.parameters, 1235496);
  assert.ok(json.arenaBytes >= json.arenaLowerBound && json.arenaLowerBound > 0);
  assert.ok(json.linearMemoryBytes >= json.arenaBytes + json.weightBytes);
  assert.equal(json.weightBytes, json.parameters * 4);
  // The table of steps adds up to the whole.
  const sum = json.steps.reduce((total: number, step: { multiplyAdds: number }) => total + step.multiplyAdds, 0);
  assert.equal(sum, json.multiplyAdds);
});
