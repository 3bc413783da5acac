// The package as it is published: what is in it, whether tools find what it exports, and whether all of that works in an
// empty project.
import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { installed, pack, workplace } from "../hosts/installed.ts";
import { output } from "../hosts/process.ts";
import { hostTest, npmCommand, root, versions } from "../hosts/tools.ts";

/** TypeScript sources below a folder of the repository, as paths from its root without their ending. */
const sources = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => `${folder}/${file.replace(/\.ts$/, "")}`);

/** Modules that are published for Node and for pages. */
const entries = ["src/index", "src/inline", "src/formats/index", "src/image/index", "models/index", "src/runtime/worker"];
/** All that are published as such; what they share is in chunks. */
const modules = [
  ...entries,
  ...["src/standalone/index", "src/cli/main"],
  ...["thread", "host-node", "host-workerd"].map((name) => `src/runtime/${name}`),
  ...entries.map((path) => path.replace(/^(src\/)?/, "web/")),
  ...["host-web", "worker-web", "thread-web"].map((name) => `web/runtime/${name}`),
];

test("the tarball holds what it must and nothing else", async () => {
  const declared = [...sources("src"), ...sources("models"), "assembly/plan", "assembly/standalone/record", "wasm/inline"];
  const expected = [
    ...["package.json", "README.md", "CHANGELOG.md", "LICENSE", "bin/minnow.js"],
    ...["", "standalone-"].flatMap((kind) => ["strict", "relaxed"].map((build) => `dist/wasm/${kind}${build}.wasm`)),
    ...["strict", "relaxed"].map((build) => `dist/wasm/${build}-threads.wasm`),
    ...modules.map((path) => `dist/${path}.js`),
    ...declared.map((path) => `dist/${path}.d.ts`),
  ];
  const { files } = await pack();
  const isChunk = (file: string) => /^dist\/(chunks|web\/runtime)\/[\w-]+-[A-Z0-9]{8}\.js$/.test(file);
  const [chunks, others] = [true, false].map((wanted) => files.filter((file) => isChunk(file) === wanted));
  assert.deepEqual([...others].sort(), expected.sort());
  assert.ok(chunks.length > 0);
});

hostTest(
  "its types are right for every entry point",
  () => npmCommand(versions.attw, "attw"),
  async (_, attw) => {
    const { path } = await pack();
    // Only ESM; and what a .wasm is, its importer's host or bundler decides.
    const args = ["--profile", "esm-only", "--exclude-entrypoints", "./strict.wasm", "./relaxed.wasm"];
    // It fails where there is a problem; what it prints shows that it looked.
    const report = await output(attw, [path, ...args], root);
    for (const entry of ["minnow", "minnow/formats", "minnow/inline", "minnow/standalone", "minnow/worker"])
      assert.ok(report.includes(`"${entry}"`), entry);
  },
);

const program = `
import { createWorkerModel, init, loadModel, Model, MinnowError, seedWeights, Tensor } from "minnow";
import { writeOnnx } from "minnow/formats";
import * as inline from "minnow/inline";
import { imagenetNormalisation, preprocess, softmax, topK } from "minnow/image";
import { squeezenet } from "minnow/models";

const graph = squeezenet({ version: "1.1", classes: 10, resolution: 64 });
const weights = seedWeights(graph);
const image = { data: new Uint8Array(64 * 64 * 3).fill(99), width: 64, height: 64 };
const input: Tensor<"float32"> = preprocess(image, { crop: [64, 64], normalisation: imagenetNormalisation });
const answers: string[] = [];
for (const load of [loadModel, inline.loadModel, createWorkerModel]) {
  const model = await load(graph, { weights, build: "strict" });
  const { output } = await model.run({ input });
  const [best] = topK(softmax(output.data as Float32Array), 1);
  answers.push(\`\${best.index} \${best.probability}\`);
  model.dispose();
}
const readable: Model = await loadModel(writeOnnx({ ...graph, parameters: new Map([...graph.parameters].map(
  ([name, parameter]) => [name, { ...parameter, data: weights.get(name)!.data }])) }));
await init(new Uint8Array(4)).catch((error: MinnowError) => answers.push(error.name));
console.log(JSON.stringify({ answers, classes: readable.outputs[0].dims, same: inline.Tensor === Tensor }));
`;

test("every entry point works in an empty project, and has its types", async () => {
  const folder = await workplace();
  writeFileSync(join(folder, "program.ts"), program);
  const tsc = join(root, "node_modules", ".bin", "tsc");
  const options = ["--ignoreConfig", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--skipLibCheck", "false"];
  // Both ways in which TypeScript resolves a package's exports.
  await output(tsc, ["program.ts", ...options, "--module", "preserve", "--noEmit"], folder);
  await output(tsc, ["program.ts", ...options, "--module", "nodenext"], folder);
  const { answers, classes, same } = JSON.parse(await output(process.execPath, ["program.js"], folder));
  assert.match(answers[0], /^\d 0\.\d+$/);
  assert.deepEqual(answers, [answers[0], answers[0], answers[0], "HostError"]);
  assert.deepEqual([classes, same], [[1, 10], true]);
});

test("everything that package.json exports is there", async () => {
  const folder = await workplace();
  const { exports } = JSON.parse(readFileSync(join(await installed(), "node_modules/minnow/package.json"), "utf8"));
  for (const path of Object.keys(exports)) {
    const resolve = `console.log(fs.existsSync(new URL(import.meta.resolve(${JSON.stringify(join("minnow", path))}))))`;
    const script = `import fs from "node:fs"; ${resolve}`;
    assert.equal(await output(process.execPath, ["--input-type=module", "--eval", script], folder), "true\n", path);
  }
});

test("the minnow command works", async () => {
  const project = await installed();
  const folder = await workplace();
  const minnow = join(project, "node_modules", ".bin", "minnow");
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.equal(await output(minnow, ["--version"], folder), `${version}\n`);
  await output(minnow, ["export", "squeezenet1_1", "-o", "random.onnx"], folder);
  assert.match(await output(minnow, ["inspect", "random.onnx"], folder), /squeezenet/i);
  // Binaryen, an optional peer, is found in the repository around this project.
  assert.match(await output(minnow, ["standalone", "random.onnx", "-o", "random.wasm"], folder), /^random\.wasm: .* of weights/);
});
