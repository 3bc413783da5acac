// The tests that depend on the JavaScript engine, again on a current Node: its V8 is given long tiles, has relaxed
// SIMD without a flag, and compiles the kernels in another way than Node 20's. The npm package `node` is no dependency, because
// its command would take the place of the system's inside npm scripts; npx fetches it.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const CURRENT = "24";
const root = fileURLToPath(new URL("../../", import.meta.url));
const files = ["tests/kernels", "tests/runtime"].flatMap((folder) =>
  readdirSync(root + folder)
    .filter((file) => file.endsWith(".test.ts"))
    .map((file) => `${folder}/${file}`),
);

test(`kernels and runtime pass on Node ${CURRENT}, in both builds`, (t) => {
  const node = ["--yes", "--package", `node@${CURRENT}`, "--", "node"];
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync("npx", [...node, "--import", "tsx", "--test", "--test-reporter", "tap", ...files], {
    cwd: root,
    encoding: "utf8",
    env,
    maxBuffer: 2 ** 28,
  });
  const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1] ?? Number.NaN);
  t.diagnostic(`${count("pass")} tests passed, ${count("skipped")} skipped`);
  const failures = stdout.split("\n").filter((line) => /^ *not ok/.test(line));
  assert.equal(count("fail"), 0, `${failures.join("\n")}\n${stderr.slice(-2000)}`);
  assert.ok(count("pass") > 100, stderr);
  assert.doesNotMatch(stdout, /# SKIP this host has no relaxed SIMD/);
});
