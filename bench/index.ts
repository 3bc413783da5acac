// npm run bench: kernels as a part of the machine's peak, whole models beside other engines, cold start; in Node and in browsers.
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { fileURLToPath } from "node:url";
import { Argument, Command, Option } from "commander";
import { presets } from "../models/index.ts";
import { parseCount } from "../src/cli/arguments.ts";
import { quick, thorough } from "../src/measure/interleave.ts";
import type { Build } from "../src/runtime/engine.ts";
import { benchAlgorithm } from "./algorithms.ts";
import { runInNode } from "./another-node.ts";
import { benchCold } from "./cold.ts";
import { benchFloors } from "./floor.ts";
import { benchKernels } from "./kernels.ts";
import { buildsFor } from "./minnow.ts";
import { benchModels, usualModels } from "./models.ts";
import { benchPage } from "./pages.ts";
import { withBar } from "./progress.ts";
import { algorithmReport, coldReport, floorsReport, kernelsReport, modelsReport, sweepReport, threadsReport } from "./report.ts";
import { benchSweep } from "./sweep.ts";
import { benchThreads } from "./threads.ts";

interface Options {
  readonly models: string[];
  readonly only?: string;
  readonly build?: Build;
  readonly quick?: true;
  readonly runs: number;
  readonly layers: number;
  readonly seed: number;
  readonly json?: string;
  readonly node?: string;
}

const program = new Command("bench")
  .description(
    "Times Minnow beside onnxruntime-web, tfjs-backend-wasm and, in pages, LiteRT.js, and its kernels beside the machine's peak.",
  )
  .addArgument(
    new Argument("[what]", "models and kernels run in this Node; chromium and firefox run both in a page")
      .choices(["models", "kernels", "winograd", "strassen", "cold", "threads", "floor", "sweep", "chromium", "firefox", "all"])
      .default("models"),
  )
  .option("--models <a,b>", `which models; presets: ${Object.keys(presets).join(", ")}`, (text) => text.split(","), [
    ...usualModels,
  ])
  .option("--only <text>", "which layers of kernels, winograd and strassen: those whose name contains this, such as 3×3")
  .addOption(
    new Option("--build <build>", "one of Minnow's builds (default: all that the host has)").choices(["strict", "relaxed"]),
  )
  .option("--quick", "a few rounds, to see that all works; the times mean little")
  .option("--runs <n>", "fresh processes for each engine's cold start", parseCount, 7)
  .option("--layers <n>", "how many random layers sweep times", parseCount, 60)
  .option("--seed <n>", "which random layers those are", parseCount, 1)
  .option("--json <file>", "also write the results as JSON")
  .option("--node <version>", "run in this version of Node instead, such as 24 (npm fetches it)")
  .showHelpAfterError()
  .action(bench);

async function bench(what: string, options: Options): Promise<void> {
  if (options.node !== undefined) {
    process.exitCode = runInNode(options.node, fileURLToPath(import.meta.url), withoutNode(process.argv.slice(2)));
    return;
  }
  const builds = buildsFor(options.build);
  const models = { models: options.models, timing: options.quick ? quick : thorough };
  const kernels = { only: options.only, quick: options.quick === true };
  const wants = (part: string) => what === part || what === "all";
  const host = {
    runtime: `Node ${process.versions.node}`,
    processor: cpus()[0]?.model ?? "unknown",
    date: new Date().toISOString(),
  };
  const results: Record<string, unknown> = { host };
  const print = (title: string, report: string) => console.log(`## ${title}: ${host.processor}\n\n${report}\n`);
  if (wants("kernels")) {
    const result = await withBar((bar) => benchKernels({ ...kernels, builds }, bar));
    results.kernels = result;
    print(`Kernels, ${host.runtime}`, kernelsReport(result));
  }
  if (wants("models")) {
    const result = await withBar((bar) => benchModels({ ...models, builds }, bar));
    results.models = result;
    print(`Models, ${host.runtime}`, modelsReport(result));
  }
  for (const algorithm of ["winograd", "strassen"] as const) {
    if (!wants(algorithm)) continue;
    const result = await withBar((bar) => benchAlgorithm(algorithm, kernels, bar));
    results[algorithm] = result;
    print(`The kernel ${algorithm} against the direct one, ${host.runtime}`, algorithmReport(algorithm, result));
  }
  if (wants("cold")) {
    const cold = { model: "squeezenet1_1", runs: options.quick ? 1 : options.runs };
    const result = await withBar((bar) => benchCold(cold, bar));
    results.cold = result;
    print(`Cold start, ${host.runtime}`, coldReport(result));
  }
  if (wants("threads")) {
    const result = await withBar((bar) => benchThreads({ ...models, build: options.build ?? "strict" }, bar));
    results.threads = result;
    print(`Threads, ${host.runtime}`, threadsReport(result));
  }
  if (wants("floor")) {
    const result = await withBar((bar) => benchFloors({ ...models, builds }, bar));
    results.floor = result;
    print(`Models and their floors, ${host.runtime}`, floorsReport(result));
  }
  if (wants("sweep")) {
    const sweep = { layers: options.layers, seed: options.seed, builds, quick: kernels.quick };
    const result = await withBar((bar) => benchSweep(sweep, bar));
    results.sweep = result;
    print(`Random layers, ${host.runtime}`, sweepReport(result));
  }
  for (const browser of ["chromium", "firefox"] as const) {
    if (!wants(browser)) continue;
    const result = await withBar((bar) => benchPage(browser, { models, kernels, build: options.build }, bar));
    results[browser] = result;
    print(`Kernels, ${result.browser}`, kernelsReport(result.kernels));
    print(`Models, ${result.browser}`, modelsReport(result.models));
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, undefined, 2)}\n`);
}

/** The arguments without --node and its value. */
function withoutNode(args: readonly string[]): string[] {
  return args.filter((arg, i) => arg !== "--node" && args[i - 1] !== "--node" && !arg.startsWith("--node="));
}

try {
  await program.parseAsync();
} catch (error) {
  // A name that is none, a browser that is missing: the message says it all.
  console.error(`bench: ${(error as Error).message}`);
  process.exitCode = 1;
}
