// minnow export: an architecture as an ONNX file, for other runtimes.
import type { Command } from "commander";
import { writeOnnx } from "../formats/onnx/write.ts";
import { writeBytes } from "./files.ts";
import { addWeightsOption, readNamed, type WeightsOptions } from "./model-argument.ts";
import { formatBytes, formatCount } from "./table.ts";

interface Options extends WeightsOptions {
  readonly output: string;
}

export function addExport(program: Command): void {
  const command = program
    .command("export")
    .summary("write an architecture as an ONNX file")
    .description("Writes an architecture as an ONNX file: with trained weights, or with random ones from a fixed seed.")
    .argument("<name>", "an architecture, such as squeezenet1_1 or mobilenet_v1?alpha=0.5; minnow models lists them")
    .requiredOption("-o, --output <file>", "the ONNX file to write");
  addWeightsOption(command)
    .addHelpText(
      "after",
      `
Examples:
  $ minnow export squeezenet1_1 --weights squeezenet1_1.safetensors -o squeezenet1_1.onnx
  $ minnow export squeezenet1_1 -o untrained.onnx`,
    )
    .action(exportModel);
}

async function exportModel(name: string, options: Options): Promise<void> {
  const { output, weights: file } = options;
  const graph = await readNamed(name, options);
  const bytes = writeOnnx(graph);
  await writeBytes(output, bytes);
  const source = file === undefined ? "random weights" : `the weights of ${file}`;
  console.log(`${output}: ${formatCount(graph.nodes.length)} nodes, ${formatBytes(bytes.length)}, with ${source}`);
}
