// Hosts without JavaScript, and what their tests share: where they are installed, how their absence is told, and modules of
// published models for them to run.
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { readNpy } from "../../src/formats/npy.ts";
import { loadModel } from "../../src/index.ts";
import { readModel } from "../../src/runtime/load.ts";
import { buildStandalone } from "../../src/standalone/index.ts";
import { dataPath } from "../data.ts";
import { bytesOf } from "../standalone/module.ts";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Where hosts are installed: ignored by git, kept between runs. */
export function cacheFolder(...parts: string[]): string {
  const folder = join(root, ".cache", "hosts", ...parts);
  mkdirSync(folder, { recursive: true });
  return folder;
}

const execute = promisify(execFile);

/** Runs a program to its end, and gives what it printed; its standard error is part of the error where it fails. */
export async function run(program: string, args: readonly string[], cwd: string = root): Promise<string> {
  const { stdout } = await execute(program, args, { cwd, maxBuffer: 2 ** 28, timeout: 300_000 });
  return stdout;
}

/** A way to run standalone modules. */
export interface Host {
  readonly name: string;
  /** Installs what is missing; rejects where that cannot be. */
  prepare(): Promise<void>;
  /** Runs a module on a file of inputs, and writes a file of outputs. Gives what was printed. */
  run(module: string, input: string, output: string): Promise<string>;
}

/**
 * Prepares a host. Where it cannot be had, the test is skipped and says so; in continuous integration it fails.
 * @returns whether the host is there
 */
export async function prepared(host: Pick<Host, "name" | "prepare">, t: TestContext): Promise<boolean> {
  try {
    await host.prepare();
    return true;
  } catch (error) {
    if (process.env.CI === "true") throw error;
    console.error(`\n*** ${host.name} COULD NOT BE INSTALLED, ITS TESTS DID NOT RUN: ${(error as Error).message}\n`);
    t.skip(`no ${host.name}`);
    return false;
  }
}

/** A published model: its module, an input, and what Node's engine makes of that. */
export interface Case {
  readonly name: string;
  readonly module: string;
  readonly input: string;
  /** The output of the strict engine in Node. */
  readonly expected: Uint8Array;
}

const published = {
  squeezenet1_1: "published_0",
  "mobilenet_v1_0.25_224": "noise",
  densenet_bc_40_12_cifar10: "noise",
};

/** Writes the modules and inputs into a folder. */
export async function writeCases(folder: string): Promise<Case[]> {
  const cases: Case[] = [];
  for (const [name, vector] of Object.entries(published)) {
    const graph = await readModel(readFileSync(dataPath("models", `${name}.onnx`)));
    const input = readNpy(readFileSync(dataPath("vectors", name, vector, "input.npy")));
    const model = await loadModel(graph, { build: "strict" });
    const { [model.outputs[0].name]: expected } = await model.run({ [model.inputs[0].name]: input });
    model.dispose();
    const files = { module: join(folder, `${name}.wasm`), input: join(folder, `${name}.in`) };
    writeFileSync(files.module, (await buildStandalone(graph)).wasm);
    writeFileSync(files.input, bytesOf(input));
    cases.push({ name, ...files, expected: bytesOf(expected) });
  }
  return cases;
}
