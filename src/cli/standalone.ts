// minnow standalone: a model as one WebAssembly module, for hosts without JavaScript.
import { basename, extname } from "node:path";
import { type Command, Option } from "commander";
import { OptionError } from "../errors.ts";
import { findClassOutput } from "../image/classes.ts";
import { imagenetNormalisation } from "../image/normalise.ts";
import type { PortLayout } from "../index.ts";
import { buildStandalone, cHeader, usage } from "../standalone/index.ts";
import { parseCount } from "./arguments.ts";
import { writeBytes } from "./files.ts";
import { readLabels } from "./labels.ts";
import {
  addMemoryOption,
  addWeightsOption,
  type MemoryOptions,
  modelHelp,
  readModelArgument,
  type WeightsOptions,
} from "./model-argument.ts";
import { addScalingOptions, noteGuess, type ScalingOptions, scalingOf } from "./scaling.ts";
import { formatBytes } from "./table.ts";

interface Options extends ScalingOptions, WeightsOptions, MemoryOptions {
  readonly output: string;
  readonly inputLayout?: PortLayout;
  readonly labels?: string;
  readonly top?: number;
  readonly wasi?: true;
  readonly strict?: true;
  readonly relaxed?: true;
  readonly packed?: true;
  readonly header?: true;
  readonly json?: true;
}

export function addStandalone(program: Command): void {
  const command = program
    .command("standalone")
    .summary("write a model as one WebAssembly module")
    .description(
      "Writes a model as one WebAssembly module, engine and weights included, for hosts without JavaScript: wasmtime, wazero, …",
    )
    .argument("<model>", modelHelp)
    .requiredOption("-o, --output <file>", "the .wasm file to write");
  addWeightsOption(command)
    .addOption(new Option("--input-layout <layout>", "what the input holds: float32, or pixels").choices(layouts))
    .option("--labels <file>", "names of the classes: one a line, or JSON")
    .option("--top <k>", "find this many of the most probable classes (default with --wasi, for a classifier: 5)", parseCount)
    .option("--wasi", "be a command, too, that reads the input from standard input and prints the answer")
    .addOption(new Option("--strict", "the same bits on every host (default)").conflicts("relaxed"))
    .option("--relaxed", "faster where the host has relaxed SIMD; does not load elsewhere");
  addMemoryOption(addScalingOptions(command))
    .option("--packed", "hold all weights as kernels read them: a larger file that starts at once")
    .option("--header", "write a C header (.h) and a page on how to use the module (.txt) beside it")
    .option("--json", "print what the module says about itself: inputs, outputs, addresses, …")
    .addHelpText(
      "after",
      `
Without --wasi the module imports nothing. Pixels (--input-layout rgb8 or rgba8) are scaled by the module, as the model's file
says or --mean, --std and --scale do.

Examples:
  $ minnow standalone squeezenet1_1.onnx -o squeezenet.wasm --header
  $ minnow standalone squeezenet1_1.onnx -o classify.wasm --input-layout rgb8 --labels imagenet.txt --wasi
  $ wasmtime classify.wasm < photo.rgb`,
    )
    .action(standalone);
}

const layouts: readonly PortLayout[] = ["nchw", "nhwc", "rgb8", "rgba8"];

async function standalone(source: string, options: Options): Promise<void> {
  const { output, inputLayout, wasi, memory, packed, header } = options;
  if (extname(output) !== ".wasm") throw new OptionError(`--output ${output}: a module's file name ends in .wasm`);
  const graph = await readModelArgument(source, options);
  const takesPixels = inputLayout === "rgb8" || inputLayout === "rgba8";
  const stated = scalingOf(options) ?? graph.normalisation;
  if (scalingOf(options) !== undefined && !takesPixels) {
    throw new OptionError("--mean, --std and --scale are for pixels", "add --input-layout rgb8 or rgba8");
  }
  if (takesPixels && stated === undefined) noteGuess(imagenetNormalisation);
  const labels = options.labels === undefined ? undefined : await readLabels(options.labels);
  const top = options.top ?? (wasi ? Math.min(5, findClassOutput(graph)?.classes ?? 0) : undefined);
  const normalisation = stated ?? (takesPixels ? imagenetNormalisation : undefined);
  const build = options.relaxed ? "relaxed" : "strict";
  const built = await buildStandalone(graph, { build, inputLayout, labels, top, wasi, normalisation, memory, packed });

  await writeBytes(output, built.wasm);
  const files = [output];
  if (header) {
    const stem = output.slice(0, -".wasm".length);
    const encoder = new TextEncoder();
    await writeBytes(`${stem}.h`, encoder.encode(cHeader(built.metadata)));
    await writeBytes(`${stem}.txt`, encoder.encode(usage(built.metadata, basename(output))));
    files.push(`${stem}.h`, `${stem}.txt`);
  }
  if (options.json) {
    const { wasm, weightBytes, metadata } = built;
    console.log(JSON.stringify({ files, bytes: wasm.length, weightBytes, ...metadata }, undefined, 2));
  } else {
    const { wasm, weightBytes, metadata } = built;
    const rest = formatBytes(wasm.length - weightBytes);
    console.log(
      `${files.join(", ")}: ${formatBytes(wasm.length)}, ${formatBytes(weightBytes)} of weights and ${rest} beside them; ` +
        `it uses ${formatBytes(metadata.memoryBytes)} of memory`,
    );
  }
}
