// What must hold of the project as a whole: it type-checks, is formatted, stays small, is packaged rightly, and the
// sample in its README runs.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

function run(...command: string[]): string {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program, args, { cwd: root, encoding: "utf8" });
  assert.equal(status, 0, `${command.join(" ")} failed:\n${stdout}${stderr}`);
  return stdout;
}

test("biome finds nothing to mend", () => {
  run("npx", "biome", "check");
});

test("everything type-checks", () => {
  run("npx", "tsc", "-p", "tsconfig.json");
});

test("assembly/ is formatted", () => {
  run("npx", "prettier", "--check", "assembly");
});

test("engines and page keep within their size", () => {
  run("npm", "run", "size");
});

test("the package is sound", () => {
  run("npx", "publint", "--strict");
});

test("the README's sample runs", () => {
  const readme = readFileSync(`${root}README.md`, "utf8");
  const sample = /```js\n([\s\S]*?)```/.exec(readme)?.[1];
  assert.ok(sample !== undefined, "README.md has a ```js sample");
  // Inside the project, where Node resolves "minnow" to the project itself.
  const path = `${root}tests/project/.readme-sample.mjs`;
  writeFileSync(path, sample);
  try {
    assert.match(run(process.execPath, path), /^\[ 1, 10 \]\n\d+ \d+\n$/);
  } finally {
    rmSync(path);
  }
});

test("the README's commands are the project's scripts", () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, "utf8"));
  assert.ok(scripts.start !== undefined && scripts.test !== undefined);
  assert.match(readFileSync(`${root}.ci/run`, "utf8"), /npm ci\nnpm test\n$/);
});
