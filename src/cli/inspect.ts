// minnow inspect: what a model is made of, what it costs, and how it will run.
import type { Command } from "commander";
import type { Model } from "../index.ts";
import { formatDims } from "../tensor.ts";
import {
  addMemoryOption,
  addWeightsOption,
  type MemoryOptions,
  modelHelp,
  openModelForInspection,
  type WeightsOptions,
} from "./model-argument.ts";
import { formatBytes, formatCount, formatNormalisation, formatTable } from "./table.ts";

interface Options extends WeightsOptions, MemoryOptions {
  readonly plan?: true;
  readonly json?: true;
}

export function addInspect(program: Command): void {
  const command = program
    .command("inspect")
    .summary("show what a model is made of and what it costs")
    .description("Shows a model's inputs, outputs, operators, size and cost, and the steps that it runs in.")
    .argument("<model>", `${modelHelp}; here an architecture needs no weights`);
  addMemoryOption(addWeightsOption(command))
    .option("--plan", "also print the memory map: which step's output lies where, and for how long")
    .option("--json", "print one object: parameters, multiplyAdds, weightBytes, arenaBytes, …, steps")
    .addHelpText(
      "after",
      `
Examples:
  $ minnow inspect squeezenet1_1.onnx
  $ minnow inspect squeezenet1_1 --plan --memory small`,
    )
    .action(inspect);
}

async function inspect(source: string, options: Options): Promise<void> {
  const model = await openModelForInspection(source, options, { memory: options.memory });
  const memoryMap = options.plan ? await model.memoryMap() : undefined;
  if (options.json) console.log(JSON.stringify(toJson(model, memoryMap), undefined, 2));
  else console.log([formatSummary(model), formatSteps(model), ...(memoryMap ? [memoryMap] : [])].join("\n\n"));
  model.dispose();
}

function toJson(model: Model, memoryMap: string | undefined): object {
  const { name, inputs, outputs, normalisation, operators, statistics, steps, weights } = model;
  return { name, inputs, outputs, normalisation, operators, ...statistics, weights, steps, memoryMap };
}

function formatSummary({ name, inputs, outputs, normalisation, operators, statistics }: Model): string {
  const values = (list: Model["inputs"]) =>
    list.map((value) => `${value.name} ${value.type} ${formatDims(value.dims)}`).join(", ");
  const overhead = ((statistics.arenaBytes / statistics.arenaLowerBound - 1) * 100).toFixed(1);
  return formatTable(
    [name, ""],
    [
      ["inputs", values(inputs)],
      ["outputs", values(outputs)],
      ["pixels x become", normalisation === undefined ? "(not stated)" : formatNormalisation(normalisation)],
      [
        "operators",
        Object.entries(operators)
          .map(([operator, count]) => `${count} ${operator}`)
          .join(", "),
      ],
      ["parameters", formatCount(statistics.parameters)],
      ["multiply-adds", formatCount(statistics.multiplyAdds)],
      ["weights", formatBytes(statistics.weightBytes)],
      ["weights, packed", formatBytes(statistics.packedBytes)],
      [
        "arena",
        `${formatBytes(statistics.arenaBytes)}, ${overhead} % above the lower bound of ${formatBytes(statistics.arenaLowerBound)}`,
      ],
      ["linear memory", formatBytes(statistics.linearMemoryBytes)],
    ],
  );
}

function formatSteps({ steps }: Model): string {
  return formatTable(
    [">step", "name", "kernel", "operator", "input", "output", ">multiply-adds", ">bytes", "fused"],
    steps.map((step, index) => [
      String(index),
      step.name,
      step.kernel,
      step.operator,
      formatShape(step.inputDims),
      formatShape(step.outputDims),
      formatCount(step.multiplyAdds),
      formatCount(step.bytes),
      step.fused,
    ]),
  );
}

/** Channels × height × width, after the batch where there is one: 64×55×55. */
function formatShape(dims: readonly number[]): string {
  return (dims[0] === 1 ? dims.slice(1) : dims).join("×");
}
