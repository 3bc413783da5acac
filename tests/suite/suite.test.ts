// minnow suite: that it measures what was asked for, and writes tables and pictures of it.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { minnow, script, temporaryFolder } from "../cli/minnow.ts";

const small = "resnet20_cifar,densenet_bc_40_12_cifar,mobilenet_v1_0.25_128,mobilenet_v1?alpha=0.25&resolution=96";
const folder = temporaryFolder();

test("models: a table, JSON and pictures", async () => {
  const args = ["--quick", "--models", `${small},mobilenet_v1_0.25_160`, "--layers", "resnet20_cifar", "-o", folder];
  const { code, stdout, stderr } = await minnow("suite", ...args, "--build", "strict");
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^\| resnet20_cifar +\| +32² \| +269,722 \| +40\.6 M \|.*\| +270,000 \[\d\] \|.*\| +91\.3 \[\d\] \|$/m);
  assert.match(stdout, /^The strict build, seeded weights\./m);
  assert.match(stdout, /^In the same run the machine peaks at [\d.]+ GFLOP\/s/m);
  assert.match(stdout, /^\[\d\] He et al\., arXiv:1512\.03385, table 6$/m);
  const markdown = readFileSync(join(folder, "suite.md"), "utf8");
  assert.ok(stdout.includes(markdown.split("\n\n").slice(2).join("\n\n").trimEnd()));

  const { host, build, peaks, models, refused, layers } = JSON.parse(readFileSync(join(folder, "suite.json"), "utf8"));
  assert.match(host.runtime, /^Node \d+/);
  assert.ok(build === "strict" && peaks.strict > 0);
  assert.deepEqual(refused, []);
  assert.deepEqual(
    models.map(({ name }: { name: string }) => name),
    [...small.split(","), "mobilenet_v1_0.25_160"],
  );
  for (const { name, statistics, coldMs, warmMs, runs, gflops } of models) {
    assert.ok(
      coldMs > 0 &&
        runs >= 2 &&
        0 < warmMs.least &&
        warmMs.least <= warmMs.p10 &&
        warmMs.p10 <= warmMs.median &&
        warmMs.median <= warmMs.p90,
      name,
    );
    const expected = (2 * statistics.multiplyAdds) / warmMs.least / 1e6;
    assert.ok(Math.abs(gflops / expected - 1) < 1e-9, name);
  }
  assert.deepEqual(models[0].published.top1, { value: 91.25, source: "resnet" });
  assert.deepEqual(models[3].published, {});
  assert.equal(layers.model, "resnet20_cifar");

  const pictures = readdirSync(folder).filter((file) => file.endsWith(".svg"));
  const accuracy = ["latency", "size"].flatMap((what) => ["imagenet", "cifar10"].map((data) => `accuracy-${what}-${data}.svg`));
  assert.deepEqual(pictures.sort(), [...accuracy, "layers-resnet20_cifar.svg"].sort());
  const read = (file: string) => readFileSync(join(folder, file), "utf8");
  for (const file of pictures) assert.match(read(file), /^<svg [\s\S]*<\/svg>$/, file);
  for (const name of ["resnet20_cifar", "densenet_bc_40_12_cifar"]) assert.ok(read("accuracy-size-cifar10.svg").includes(name));
  for (const { name } of layers.steps) assert.ok(read("layers-resnet20_cifar.svg").includes(name), name);
});

test("--families: their presets, with --quick the cheapest of each", async () => {
  const args = ["--quick", "--families", "resnet,squeezenet", "--no-pictures", "-o", folder];
  const { code, stdout } = await minnow("suite", ...args);
  assert.equal(code, 0);
  const names = [...stdout.matchAll(/^\| (\w+) +\| +\d+²/gm)].map((match) => match[1]);
  assert.deepEqual(names, ["resnet20_cifar", "squeezenet1_1"]);
});

test("without vega: the tables are there, and what to install is said", async () => {
  const hooks = `export async function resolve(specifier, context, next) {
    if (specifier === "vega") throw Object.assign(new Error("no such package"), { code: "ERR_MODULE_NOT_FOUND" });
    return next(specifier, context);
  }`;
  const url = (source: string) => `data:text/javascript,${encodeURIComponent(source)}`;
  const register = url(`import { register } from "node:module"; register(${JSON.stringify(url(hooks))});`);
  const args = ["suite", "--quick", "--models", "resnet20_cifar,densenet_bc_40_12_cifar", "-o", temporaryFolder()];
  const env = { NODE_OPTIONS: `--import ${register}` };
  const { code, stdout, stderr } = await script("src/cli/main.ts", args, env);
  assert.equal(code, 1);
  assert.match(stdout, /^\| resnet20_cifar /m);
  assert.match(stderr, /^minnow: pictures are drawn by vega and vega-lite.*missing\n {2}hint: npm install vega@6 vega-lite@6\n/);
});

test("ideas: a table of each comparison", async () => {
  const { code, stdout, stderr } = await minnow("suite", "ideas", "--quick", "--ideas", "concat", "-o", folder);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.match(stdout, /^## Dense reuse/m);
  assert.match(stdout, /^\| +\| new channels in second place: every Concat copies +\| +7,978,856 \|/m);
  const { ideas } = JSON.parse(readFileSync(join(folder, "ideas.json"), "utf8"));
  const [placed, copied] = ideas[0].comparisons[1].variants;
  assert.ok(placed.movingMs === 0 && copied.movingMs > 0 && copied.ms > copied.movingMs);
});

for (const [what, args, message] of [
  ["a family that there is none of", ["--families", "lenet"], /no family lenet\n.*squeezenet/],
  ["a model that there is none of", ["--models", "squeezenet7"], /no architecture squeezenet7\n.*squeezenet1_0/],
  ["an experiment that there is none of", ["ideas", "--ideas", "luck"], /no experiment luck\n.*separable/],
] as const) {
  test(`${what}: an error`, async () => {
    const { code, stderr } = await minnow("suite", ...args, "-o", folder);
    assert.equal(code, 1);
    assert.match(stderr, message);
  });
}
