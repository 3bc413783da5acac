// Standalone modules in hosts without JavaScript: the real wasmtime, wazero and wasm-interp give the bits that the strict
// engine gives in Node.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import sharp from "sharp";
import { formatTable } from "../../src/cli/table.ts";
import { parseLabels } from "../../src/image/labels.ts";
import { readModel } from "../../src/runtime/load.ts";
import { buildStandalone, type StandaloneOptions } from "../../src/standalone/index.ts";
import { temporaryFolder } from "../cli/minnow.ts";
import { assertClose } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { wazero, wazeroCommand } from "./standalone-go.ts";
import { python, wasmtime } from "./standalone-python.ts";
import { type Case, type Host, prepared, root, run, writeCases } from "./standalone-support.ts";
import { wabt } from "./standalone-wabt.ts";

const folder = temporaryFolder();
const hosts: readonly Host[] = [wasmtime, wazero, wabt];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const floats = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer);

describe("the same bits as in Node", { skip: needsData }, () => {
  let cases: readonly Case[] = [];
  const rows: string[][] = [];
  before(async () => {
    cases = await writeCases(folder);
    for (const { name, expected } of cases) rows.push([name, "Node", sha256(expected)]);
  });
  after(() => console.log(`\n${formatTable(["model", "host", "SHA-256 of the output"], rows.sort())}\n`));

  for (const host of hosts) {
    test(host.name, async (t) => {
      if (!(await prepared(host, t))) return;
      for (const { name, module, input, expected } of cases) {
        const output = join(folder, `${name}.out`);
        await host.run(module, input, output);
        const digest = sha256(readFileSync(output));
        rows.push([name, host.name, digest]);
        assert.equal(digest, sha256(expected), `${name} in ${host.name}`);
      }
    });
  }

  test("and in the relaxed build nearly the same, where the host has it", async (t) => {
    if (!(await prepared(wasmtime, t))) return;
    const { name, input, expected } = cases[0];
    const graph = await readModel(readFileSync(dataPath("models", `${name}.onnx`)));
    const [module, output] = [join(folder, "relaxed.wasm"), join(folder, "relaxed.out")];
    writeFileSync(module, (await buildStandalone(graph, { build: "relaxed" })).wasm);
    await wasmtime.run(module, input, output);
    const dims = [1, expected.length / 4];
    assertClose(
      { data: floats(readFileSync(output)), dims },
      { data: floats(expected), dims },
      { relative: 1e-5, what: "the relaxed build" },
    );
  });
});

describe("a whole classifier", { skip: needsData }, () => {
  const [module, photo] = [join(folder, "classify.wasm"), join(folder, "photo.rgb")];
  before(async () => {
    const graph = await readModel(readFileSync(dataPath("models", "squeezenet1_1.onnx")));
    const labels = parseLabels(readFileSync(dataPath("labels", "imagenet1000.txt"), "utf8"));
    const options: StandaloneOptions = { inputLayout: "rgb8", top: 3, labels, wasi: true };
    writeFileSync(module, (await buildStandalone(graph, options)).wasm);
    const pixels = sharp(dataPath("photos", "pizza.jpg")).resize(224, 224).removeAlpha().raw();
    writeFileSync(photo, await pixels.toBuffer());
  });

  const commands = [
    { host: wasmtime, command: () => [python, join(root, "examples/python/command.py"), module] },
    { host: wazero, command: () => [wazeroCommand, "run", module] },
  ];
  for (const { host, command } of commands) {
    test(`as a command: ${host.name}`, async (t) => {
      if (!(await prepared(host, t))) return;
      const [program, ...args] = command();
      const execute = (input: Uint8Array) => spawnSync(program, args, { input, encoding: "utf8" });
      const { status, stdout, stderr } = execute(readFileSync(photo));
      assert.deepEqual([status, stderr], [0, ""]);
      assert.match(stdout, /^ [5-9]\d\.\d % {2}pizza, pizza pie\n( {2}[\d ]\.\d| [ \d]\d\.\d) % {2}.+\n.+\n$/);
      for (const input of [new Uint8Array(7), new Uint8Array(150529)]) {
        const failed = execute(input);
        assert.equal(failed.status, 1);
        assert.equal(failed.stdout, "");
        assert.match(failed.stderr, /reads exactly 150528 bytes from standard input: uint8 \[1,224,224,3\] \(rgb8\)/);
      }
    });
  }

  for (const host of [wasmtime, wazero]) {
    test(`with the most probable classes: ${host.name}`, async (t) => {
      if (!(await prepared(host, t))) return;
      const graph = await readModel(readFileSync(dataPath("models", "squeezenet1_1.onnx")));
      const labels = parseLabels(readFileSync(dataPath("labels", "imagenet1000.txt"), "utf8"));
      const embedded = join(folder, "embedded.wasm");
      writeFileSync(embedded, (await buildStandalone(graph, { inputLayout: "rgb8", top: 2, labels })).wasm);
      assert.match(await host.run(embedded, photo, join(folder, "logits")), / [5-9]\d\.\d % {2}pizza, pizza pie\n.*%.+\n$/);
    });
  }
});

test("wasm-interp calls every export of a plain module", { skip: needsData }, async (t) => {
  if (!(await prepared(wabt, t))) return;
  const graph = await readModel(readFileSync(dataPath("models", "densenet_bc_40_12_cifar10.onnx")));
  const module = join(folder, "plain.wasm");
  writeFileSync(module, (await buildStandalone(graph)).wasm);
  const printed = await run("wasm-interp", [module, "--run-all-exports"]);
  for (const line of ["abi_version() => i32:1", "input_count() => i32:1", "output_count() => i32:1", "run() => i32:0"]) {
    assert.ok(printed.split("\n").includes(line), printed);
  }
});
