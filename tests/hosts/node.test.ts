// Every Node that is maintained, and the oldest that the package allows.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import { testClassifyExample } from "./command-line.ts";
import { nodeCommand, root } from "./tools.ts";

for (const version of ["20", "22", "24", "26"]) testClassifyExample(`Node ${version}`, () => nodeCommand(version));

test("the example says how to use it", () => {
  const { status, stderr } = spawnSync(process.execPath, ["examples/node/classify.js"], { cwd: root, encoding: "utf8" });
  assert.equal(status, 2);
  assert.match(stderr, /^usage: /);
});
