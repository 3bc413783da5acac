// minnow bench: how fast a model runs here, and which of its steps take the time.
import { type Command, Option } from "commander";
import type { Model, StepProfile } from "../index.ts";
import { sampleInputs } from "../measure/inputs.ts";
import { interleave } from "../measure/interleave.ts";
import { type Spread, spreadOf } from "../measure/statistics.ts";
import { parseCount } from "./arguments.ts";
import {
  addMemoryOption,
  addThreadsOption,
  addWeightsOption,
  type MemoryOptions,
  modelHelp,
  noteThreads,
  openModelForInspection,
  type ThreadsOptions,
  type WeightsOptions,
} from "./model-argument.ts";
import { startProgress } from "./progress.ts";
import { formatBytes, formatPercent, formatTable } from "./table.ts";

interface Options extends WeightsOptions, ThreadsOptions, MemoryOptions {
  readonly build: "auto" | "strict" | "relaxed";
  readonly runs: number;
  readonly steps?: true;
  readonly json?: true;
}

/** How many steps are shown unless all are wanted. */
const SLOWEST = 10;
/** Milliseconds of runs before the first that counts: engines start in code that was compiled fast, to run slowly. */
const WARM_UP = 300;

export function addBench(program: Command): void {
  const command = program
    .command("bench")
    .summary("measure how fast a model runs")
    .description("Measures how fast a model loads and runs on this machine, and which steps take the time.")
    .argument("<model>", `${modelHelp}; here an architecture needs no weights`);
  addMemoryOption(addThreadsOption(addWeightsOption(command)))
    .addOption(
      new Option("--build <build>", "which engine; auto takes relaxed where the host has it")
        .choices(["auto", "strict", "relaxed"])
        .default("auto"),
    )
    .option("--runs <n>", "how many runs are timed", parseCount, 50)
    .option("--steps", `show all steps, in the order in which they run (default: the ${SLOWEST} slowest)`)
    .option("--json", "print one object: loadMs, ms: {median, p10, p90}, gflops, …, steps")
    .addHelpText(
      "after",
      `
Examples:
  $ minnow bench squeezenet1_1
  $ minnow bench mobilenet.onnx --runs 200 --steps`,
    )
    .action(bench);
}

async function bench(source: string, options: Options): Promise<void> {
  const start = performance.now();
  const model = await openModelForInspection(source, options, {
    build: options.build,
    memory: options.memory,
    threads: options.threads,
  });
  noteThreads(model);
  const loadMs = performance.now() - start;
  const times = await time(model, options.runs);
  const steps = model.profile(Math.min(options.runs, 20));
  const ms = spreadOf(times);
  const { multiplyAdds, linearMemoryBytes } = model.statistics;
  const gflops = (2 * multiplyAdds) / ms.median / 1e6;
  const result = {
    name: model.name,
    build: model.build,
    threads: model.threads,
    loadMs,
    runs: times.length,
    ms,
    gflops,
    multiplyAdds,
    linearMemoryBytes,
  };
  model.dispose();
  if (options.json) console.log(JSON.stringify({ ...result, steps }, undefined, 2));
  else console.log(`${formatSummary(result)}\n\n${formatSteps(steps, options.steps === true)}`);
}

/** Milliseconds of each run, after some to warm up. */
async function time(model: Model, runs: number): Promise<number[]> {
  const inputs = sampleInputs(model);
  const progress = startProgress(runs);
  try {
    const timing = { warmUp: WARM_UP, budget: 0, minRounds: runs, maxRounds: runs };
    const [times] = await interleave([() => model.run(inputs)], timing, () => progress.advance());
    return times;
  } finally {
    progress.stop();
  }
}

interface Result {
  readonly name: string;
  readonly build: Model["build"];
  readonly threads: number;
  readonly loadMs: number;
  readonly runs: number;
  readonly ms: Spread;
  readonly gflops: number;
  readonly linearMemoryBytes: number;
}

function formatSummary({ name, build, threads, loadMs, runs, ms, gflops, linearMemoryBytes }: Result): string {
  return formatTable(
    [name, `${build} build`],
    [
      ["threads", String(threads)],
      ["loading", `${loadMs.toFixed(1)} ms`],
      [`a run, median of ${runs}`, `${ms.median.toFixed(2)} ms`],
      ["a tenth of the runs took", `less than ${ms.p10.toFixed(2)} ms`],
      ["a tenth of the runs took", `more than ${ms.p90.toFixed(2)} ms`],
      ["speed", `${gflops.toFixed(1)} GFLOP/s`],
      ["linear memory", formatBytes(linearMemoryBytes)],
    ],
  );
}

function formatSteps(steps: readonly StepProfile[], all: boolean): string {
  const total = steps.reduce((sum, { ms }) => sum + ms, 0);
  const numbered = steps.map((step, index) => ({ ...step, index }));
  const shown = all ? numbered : numbered.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
  return formatTable(
    [">step", "name", "kernel", ">ms", ">of the run", ">GFLOP/s", ">GB/s"],
    shown.map(({ index, name, kernel, ms, gflops, bytes }) => [
      String(index),
      name,
      kernel,
      ms.toFixed(3),
      formatPercent(ms / total),
      gflops === 0 ? "" : gflops.toFixed(1),
      ms === 0 ? "" : (bytes / ms / 1e6).toFixed(1),
    ]),
  );
}
