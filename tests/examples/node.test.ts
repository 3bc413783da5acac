// The example for Node, run as its user would.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { dataPath, needsData } from "../data.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const run = (...args: string[]) =>
  spawnSync(process.execPath, ["examples/node/classify.js", ...args], { cwd: root, encoding: "utf8" });

test("it says what is in a photo", { skip: needsData }, () => {
  const model = dataPath("models", "squeezenet1_1.onnx");
  const { stdout, stderr } = run(model, dataPath("photos", "pizza.jpg"), dataPath("labels", "imagenet1000.txt"));
  assert.match(stdout, /^ *\d+\.\d % {2}pizza, pizza pie\n/, stderr);
  assert.equal(stdout.trim().split("\n").length, 5);
});

test("it says how to use it", () => {
  const { status, stderr } = run();
  assert.equal(status, 2);
  assert.match(stderr, /^usage: /);
});
