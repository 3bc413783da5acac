// Runs the kernels' specs (assembly/__tests__/*.spec.ts) under as-pect, in each build, and turns every test of theirs
// into one here, so that one summary counts everything.
//
// The optimised builds are what ships: V8 and Binaryen make other code of them than of the debug build, which in turn
// is where a mistake is easiest to find.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** `proof` is the name of the test by which a build says that it has relaxed SIMD, or not (simd.spec.ts). */
const builds = [
  { build: "strict", config: "as-pect.asconfig.json", proof: "strict build" },
  { build: "relaxed", config: "as-pect.relaxed.asconfig.json", proof: "relaxed build" },
  { build: "debug", config: "as-pect.debug.asconfig.json", proof: "strict build" },
] as const;

/** What tests/assembly/reporter.js writes, a line of JSON behind this mark for each test. */
const MARK = "@result ";

interface Result {
  readonly spec: string;
  readonly path: readonly string[];
  readonly pass: boolean;
  readonly message: string;
}

interface Run {
  readonly results: readonly Result[];
  readonly output: string;
  /** The exit status, or the signal that ended as-pect. */
  readonly ended: number | string | null;
}

/** Not the `asp` command: that exits with 0 where a signal ends the process it starts. */
function aspect(config: string): Promise<Run> {
  const child = spawn(process.execPath, ["node_modules/@as-pect/cli/lib/test.js", "--as-config", config], {
    cwd: root,
    timeout: 10 * 60_000,
  });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    output += chunk;
  });
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    errors += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (status, signal) => {
      const lines = output.split("\n").filter((line) => line.startsWith(MARK));
      const results = lines.map((line) => JSON.parse(line.slice(MARK.length)));
      resolve({ results, output: output + errors, ended: signal ?? status });
    });
  });
}

for (const { build, config, proof } of builds) {
  test(`kernel specs, ${build} build`, async (t) => {
    const { results, output, ended } = await aspect(config);
    for (const { spec, path, pass, message } of results) {
      await t.test(`${spec} ${path.join(" › ")}`, () => assert.ok(pass, message));
    }
    await t.test("every spec ran to its end", () => {
      const specs = readdirSync(`${root}/assembly/__tests__`).filter((file) => file.endsWith(".spec.ts"));
      const silent = specs.filter((file) => !results.some(({ spec }) => spec.endsWith(`/${file}`)));
      assert.ok(specs.length > 0, "there are no specs");
      assert.deepEqual(silent, [], `these specs have no tests; as-pect said:\n${output}`);
      assert.ok(
        results.some(({ path }) => path.at(-1) === proof),
        `this is not the ${build} build`,
      );
      assert.equal(ended, results.every(({ pass }) => pass) ? 0 : 1, `as-pect said:\n${output}`);
    });
  });
}
