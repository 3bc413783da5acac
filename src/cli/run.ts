// minnow run: raw tensors through a model, in its own names and layout.
import type { Command } from "commander";
import { InputError, OptionError } from "../errors.ts";
import { readNpy, writeNpy } from "../formats/npy.ts";
import type { ValueInfo } from "../graph/graph.ts";
import { formatDims, type Tensor } from "../tensor.ts";
import { collect } from "./arguments.ts";
import { naming, readBytes, writeBytes } from "./files.ts";
import {
  addThreadsOption,
  addWeightsOption,
  modelHelp,
  noteThreads,
  openModel,
  type ThreadsOptions,
  type WeightsOptions,
} from "./model-argument.ts";
import { formatTable } from "./table.ts";

interface Options extends WeightsOptions, ThreadsOptions {
  readonly input: string[];
  readonly output?: string[];
  readonly json?: true;
}

export function addRun(program: Command): void {
  const command = program
    .command("run")
    .summary("run a model on tensors")
    .description("Runs a model on tensors from .npy files, in the names, types and dims that the model declares.")
    .argument("<model>", modelHelp)
    .requiredOption("--input <[name=]file>", "an input tensor (.npy); a model with several inputs needs their names", collect)
    .option("--output <[name=]file>", "write an output tensor to this file (.npy)", collect);
  addThreadsOption(addWeightsOption(command))
    .option("--json", "print {ms, outputs: [{name, type, dims, minimum, maximum, mean, file or data}]}")
    .addHelpText(
      "after",
      `
Examples:
  $ minnow run squeezenet1_1.onnx --input input.npy --output output.npy
  $ minnow run two-inputs.onnx --input a=a.npy --input b=b.npy --json`,
    )
    .action(run);
}

async function run(source: string, options: Options): Promise<void> {
  const model = await openModel(source, options);
  noteThreads(model);
  const inputFiles = assign("--input", options.input, model.inputs, model.name);
  const outputFiles = assign("--output", options.output ?? [], model.outputs, model.name);
  const missing = model.inputs.filter(({ name }) => !inputFiles.has(name));
  if (missing.length > 0) {
    throw new InputError(`${model.name} also needs ${describe(missing)}`, "give --input name=file.npy for each");
  }

  const inputs: Record<string, Tensor> = {};
  for (const [name, file] of inputFiles) {
    const bytes = await readBytes(file);
    inputs[name] = await naming(file, () => readNpy(bytes));
  }
  const start = performance.now();
  const outputs = await model.run(inputs);
  const ms = performance.now() - start;
  for (const [name, file] of outputFiles) await writeBytes(file, writeNpy(outputs[name]));
  const summaries = model.outputs.map(({ name }) => summarise(name, outputs[name], outputFiles.get(name)));
  model.dispose();

  if (options.json) console.log(JSON.stringify({ ms, outputs: summaries }, undefined, 2));
  else console.log(formatSummaries(summaries, ms));
}

/**
 * Which file goes with which value. The part before the first "=" is a name only if the model has a value of that name:
 * paths may contain "=" too.
 */
function assign(option: string, texts: string[], values: readonly ValueInfo[], model: string): Map<string, string> {
  const files = new Map<string, string>();
  for (const text of texts) {
    const equals = text.indexOf("=");
    const named = values.find(({ name }) => equals > 0 && name === text.slice(0, equals));
    if (named === undefined && values.length !== 1) {
      throw new OptionError(`${option} ${text} does not name one of ${describe(values)}`, `write ${option} name=file.npy`);
    }
    const { name } = named ?? values[0];
    if (files.has(name)) throw new OptionError(`${option} gives two files for ${name} of ${model}`);
    files.set(name, named === undefined ? text : text.slice(equals + 1));
  }
  return files;
}

function describe(values: readonly ValueInfo[]): string {
  return values.map(({ name, type, dims }) => `${name} (${type} ${formatDims(dims)})`).join(", ");
}

interface Summary {
  readonly name: string;
  readonly type: string;
  readonly dims: readonly number[];
  readonly minimum: number;
  readonly maximum: number;
  readonly mean: number;
  /** Where the elements were written to; without a file they are in `data`. */
  readonly file?: string;
  readonly data?: number[];
}

function summarise(name: string, { type, dims, data }: Tensor, file: string | undefined): Summary {
  const values = Array.from(data as ArrayLike<number | bigint>, Number);
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  let sum = 0;
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  const summary = { name, type, dims, minimum, maximum, mean: sum / values.length };
  return file === undefined ? { ...summary, data: values } : { ...summary, file };
}

function formatSummaries(summaries: readonly Summary[], ms: number): string {
  const table = formatTable(
    ["output", "type", "dims", ">minimum", ">maximum", ">mean", "written to"],
    summaries.map(({ name, type, dims, minimum, maximum, mean, file }) => [
      name,
      type,
      formatDims(dims),
      ...[minimum, maximum, mean].map((value) => value.toPrecision(6)),
      file ?? "",
    ]),
  );
  return `${table}\n${ms.toFixed(1)} ms, the first run of a freshly loaded model`;
}
