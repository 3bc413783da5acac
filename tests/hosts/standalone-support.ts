// What the tests of hosts without JavaScript share: modules of published models for them to run, and what is expected of
// those. The photo and its preparation are the JavaScript hosts' (programs/outputs.js), so their digests are the same.
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { preprocess } from "../../src/image/preprocess.ts";
import { loadModel } from "../../src/index.ts";
import { readModel } from "../../src/runtime/load.ts";
import { buildStandalone } from "../../src/standalone/index.ts";
import { bytesOf } from "../standalone/module.ts";
import { networks } from "./data.ts";

/** Runs a step of an installation to its end, which may take minutes. */
export const install = promisify(execFile);

/** A way to run standalone modules. */
export interface Host {
  readonly name: string;
  /** Installs what is missing; rejects where that cannot be. */
  get(): Promise<void>;
  /** Runs a module on a file of inputs, and writes a file of outputs. Gives what was printed. */
  run(module: string, input: string, output: string): Promise<string>;
}

/** A published model: its module, an input, and what Node's engine makes of that. */
export interface Case {
  readonly name: string;
  readonly module: string;
  readonly input: string;
  /** The output of the strict engine in Node. */
  readonly expected: Uint8Array;
}

/**
 * Writes the modules and inputs.
 * @param folder one that hostData made
 */
export async function writeCases(folder: string): Promise<Case[]> {
  const photo = { data: new Uint8Array(readFileSync(join(folder, "photo.rgb"))), width: 224, height: 224 };
  const cases: Case[] = [];
  for (const name of networks) {
    const { graph } = await readModel(readFileSync(join(folder, `${name}.onnx`)));
    const model = await loadModel(graph, { build: "strict" });
    const [height, width] = model.inputs[0].dims.slice(2);
    const input = preprocess(photo, { crop: [height, width], size: height, normalisation: graph.normalisation! });
    const { [model.outputs[0].name]: expected } = await model.run({ [model.inputs[0].name]: input });
    model.dispose();
    const files = { module: join(folder, `${name}.wasm`), input: join(folder, `${name}.in`) };
    writeFileSync(files.module, (await buildStandalone(graph)).wasm);
    writeFileSync(files.input, bytesOf(input));
    cases.push({ name, ...files, expected: bytesOf(expected) });
  }
  return cases;
}
