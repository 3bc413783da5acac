// Standalone modules in hosts without JavaScript: the real wasmtime, wazero and wasm-interp give the bits that the strict
// engine gives in Node. The table is the one of identical.test.ts, continued.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { markdownTable } from "markdown-table";
import { parseLabels } from "../../src/image/labels.ts";
import { softmax, topK } from "../../src/image/topk.ts";
import { loadModel, Tensor } from "../../src/index.ts";
import { readModel } from "../../src/runtime/load.ts";
import { buildStandalone, type StandaloneOptions } from "../../src/standalone/index.ts";
import { assertClose } from "../compare.ts";
import { dataPath, needsData } from "../data.ts";
import { hostData, networks } from "./data.ts";
import { cleanEnvironment, output } from "./process.ts";
import { wazero, wazeroCommand } from "./standalone-go.ts";
import { python, wasmtime } from "./standalone-python.ts";
import { type Case, type Host, writeCases } from "./standalone-support.ts";
import { wabt } from "./standalone-wabt.ts";
import { hostTest, root } from "./tools.ts";

const hosts: readonly Host[] = [wasmtime, wazero, wabt];
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const floats = (bytes: Uint8Array) => new Float32Array(new Uint8Array(bytes).buffer);

/** Writes a module of a published model. */
async function write(file: string, name: (typeof networks)[number], options: StandaloneOptions = {}): Promise<string> {
  const { graph } = await readModel(readFileSync(dataPath("models", `${name}.onnx`)));
  writeFileSync(file, (await buildStandalone(graph, options)).wasm);
  return file;
}

if (needsData !== false) test("hosts without JavaScript", { skip: needsData }, () => {});
else {
  const folder = hostData();
  const photo = join(folder, "photo.rgb");
  const labels = () => parseLabels(readFileSync(dataPath("labels", "imagenet1000.txt"), "utf8"));

  describe("the same bits as in Node", () => {
    let cases: readonly Case[] = [];
    const rows: string[][] = [];
    const short = (bytes: Uint8Array) => sha256(bytes).slice(0, 16);
    before(async () => {
      cases = await writeCases(folder);
      rows.push([`Node ${process.versions.node}`, ...cases.map(({ expected }) => short(expected))]);
    });
    after(() => {
      console.log(`\nSHA-256 of the strict build's outputs\n\n${markdownTable([["host", ...networks], ...rows])}\n`);
    });

    for (const host of hosts) {
      hostTest(
        host.name,
        () => host.get(),
        async () => {
          const outputs: Uint8Array[] = [];
          for (const { name, module, input } of cases) {
            const file = join(folder, `${name}.out`);
            await host.run(module, input, file);
            outputs.push(readFileSync(file));
          }
          rows.push([host.name, ...outputs.map(short)]);
          cases.forEach(({ name, expected }, i) => {
            assert.equal(sha256(outputs[i]), sha256(expected), `${name} in ${host.name}`);
          });
        },
      );
    }

    hostTest(
      "the relaxed build gives nearly the same",
      () => wasmtime.get(),
      async () => {
        const [{ input, expected }] = cases;
        const to = join(folder, "relaxed.out");
        await wasmtime.run(await write(join(folder, "relaxed.wasm"), networks[0], { build: "relaxed" }), input, to);
        const dims = [1, expected.length / 4];
        const relaxed = { data: floats(readFileSync(to)), dims };
        assertClose(relaxed, { data: floats(expected), dims }, { relative: 1e-5, what: "the relaxed build" });
      },
    );
  });

  describe("a whole classifier", () => {
    const command = join(folder, "command.wasm");
    const embedded = join(folder, "embedded.wasm");
    /** What Node says about the photo, in the words of the modules. */
    let answer = "";
    before(async () => {
      const model = await loadModel(dataPath("models", "squeezenet1_1.onnx"), { build: "strict", inputLayout: "rgb8" });
      const { output } = await model.run({ input: new Tensor("uint8", new Uint8Array(readFileSync(photo)), [1, 224, 224, 3]) });
      const names = labels();
      const lines = topK(softmax(output.data as Float32Array), 3).map(
        ({ index, probability }) => `${(100 * probability).toFixed(1).padStart(5)} %  ${names[index]}\n`,
      );
      answer = lines.join("");
      assert.match(answer, /^ \d\d\.\d % {2}pizza/);
      const options: StandaloneOptions = { inputLayout: "rgb8", top: 3, labels: labels() };
      await write(embedded, "squeezenet1_1", options);
      await write(command, "squeezenet1_1", { ...options, wasi: true });
    });

    const runners = [
      { host: wasmtime, program: python, args: [join(root, "examples/python/command.py"), command] },
      { host: wazero, program: wazeroCommand, args: ["run", command] },
    ];
    for (const { host, program, args } of runners) {
      hostTest(
        `as a command: ${host.name}`,
        () => host.get(),
        async () => {
          const execute = (input: Uint8Array) => spawnSync(program, args, { input, encoding: "utf8", env: cleanEnvironment() });
          const { status, stdout, stderr } = execute(readFileSync(photo));
          assert.deepEqual([status, stderr], [0, ""]);
          assert.equal(stdout, answer);
          for (const input of [new Uint8Array(7), new Uint8Array(150529)]) {
            const failed = execute(input);
            assert.deepEqual([failed.status, failed.stdout], [1, ""]);
            assert.match(failed.stderr, /reads exactly 150528 bytes from standard input: uint8 \[1,224,224,3\] \(rgb8\)/);
          }
        },
      );
    }

    for (const host of [wasmtime, wazero]) {
      hostTest(
        `embedded: ${host.name}`,
        () => host.get(),
        async () => {
          const printed = await host.run(embedded, photo, join(folder, "logits"));
          assert.ok(printed.endsWith(`}]}\n${answer}`) || printed === answer, printed);
        },
      );
    }
  });

  hostTest(
    "wasm-interp calls every export of a plain module",
    () => wabt.get(),
    async () => {
      const module = await write(join(folder, "plain.wasm"), "densenet_bc_40_12_cifar10");
      const printed = await output("wasm-interp", [module, "--run-all-exports"], root);
      for (const line of ["abi_version() => i32:1", "input_count() => i32:1", "output_count() => i32:1", "run() => i32:0"]) {
        assert.ok(printed.split("\n").includes(line), printed);
      }
    },
  );
}
