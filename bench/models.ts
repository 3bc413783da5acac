// Whole models beside other engines: the same graph, weights and input in each, timed in turn, outputs compared. All engines
// live in one process: each has its own WebAssembly memory, and taking turns needs them together.
import { presets } from "../models/index.ts";
import type { Graph } from "../src/graph/graph.ts";
import { interleave, type Timing } from "../src/measure/interleave.ts";
import { PeakMeter, type Peaks } from "../src/measure/peak.ts";
import { largestDifference, type Spread, spreadOf } from "../src/measure/statistics.ts";
import type { Build } from "../src/runtime/engine.ts";
import { CannotRun, checkModels, type Engine, type Runner, type Workload, workloadOf } from "./engine.ts";
import { minnowEngine } from "./minnow.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { tfjs } from "./tfjs.ts";

/** The networks that the bench runs unless others are named, where the presets have them. */
const usual = [
  ...["squeezenet1_1", "squeezenet1_0", "mobilenet_v1", "mobilenet_v2", "densenet121", "resnet18", "resnet50", "googlenet"],
  ...["efficientnet_b0", "alexnet", "vgg16"],
];
export const usualModels: readonly string[] = usual.filter((name) => Object.hasOwn(presets, name));

/** Outputs further apart are wrong: rounding alone gives about 1e-6, a mistake about 1. */
const TOLERANCE = 1e-3;

export interface EngineResult {
  readonly engine: string;
  /** Why it did not run the model; there are no numbers then. */
  readonly skipped?: string;
  /** From the model in memory to an engine that is ready to run, in milliseconds. */
  readonly loadMs?: number;
  /** Milliseconds of a run. */
  readonly ms?: Spread;
  /** 10⁹ multiplications and additions a second. */
  readonly gflops?: number;
  /** The largest difference to the first peer's output, as a part of that output's largest magnitude. */
  readonly difference?: number;
  /** Whether the output is that of the others. One that is not has no part in ratios. */
  readonly correct?: boolean;
}

export interface ModelResult {
  readonly model: string;
  readonly multiplyAdds: number;
  readonly rounds: number;
  readonly engines: readonly EngineResult[];
}

/** How many times as long the peer takes, if both are right. */
export function ratioOf({ engines }: ModelResult, one: string, peer: string): number | undefined {
  const find = (name: string) => engines.find(({ engine, correct }) => engine === name && correct)?.ms?.median;
  const [ours, theirs] = [find(one), find(peer)];
  return ours === undefined || theirs === undefined ? undefined : theirs / ours;
}

export interface ModelsResult {
  readonly peaks: Peaks;
  readonly models: readonly ModelResult[];
}

export interface ModelsOptions {
  readonly models: readonly string[];
  readonly builds: readonly Build[];
  readonly timing: Timing;
}

/** Told how far the bench is: `done` of `of` rounds of a model, or a finished model. */
export interface Progress {
  step(what: string, done: number, of: number): void;
}

/**
 * @param others peers that only some hosts run
 * @throws RangeError for a model that is no preset
 */
export async function benchModels(
  { models, builds, timing }: ModelsOptions,
  progress: Progress,
  others: readonly Engine[] = [],
): Promise<ModelsResult> {
  checkModels(models);
  const meter = new PeakMeter();
  const engines = [...builds.map(minnowEngine), onnxruntime, tfjs, ...others];
  const results: ModelResult[] = [];
  for (const model of models) {
    results.push(await benchGraph(model, presets[model](), engines, timing, progress));
    meter.sample();
  }
  return { peaks: meter.peaks, models: results };
}

interface Loaded {
  readonly engine: Engine;
  readonly runner: Runner;
  readonly loadMs: number;
  readonly output: Float32Array;
}

/** One network, under the name `model`, in each of the engines. */
export async function benchGraph(
  model: string,
  architecture: Graph,
  engines: readonly Engine[],
  timing: Timing,
  progress: Progress,
): Promise<ModelResult> {
  const workload = workloadOf(architecture);
  const loaded: Loaded[] = [];
  const skipped = new Map<Engine, string>();
  for (const [i, engine] of engines.entries()) {
    progress.step(`${model}: loading`, i, engines.length);
    try {
      loaded.push(await load(engine, workload));
    } catch (error) {
      if (!(error instanceof CannotRun))
        throw new Error(`${engine.name}, ${model}: ${(error as Error).message}`, { cause: error });
      skipped.set(engine, error.message);
    }
  }
  const multiplyAdds = loaded.find(({ runner }) => runner.multiplyAdds !== undefined)?.runner.multiplyAdds ?? 0;
  const times = await interleave(
    loaded.map(
      ({ runner }) =>
        () =>
          runner.run(),
    ),
    timing,
    (done, of) => progress.step(model, done, of),
  );
  for (const { runner } of loaded) await runner.dispose();

  const reference = (loaded.find(({ engine }) => engine === onnxruntime) ?? loaded[0]).output;
  const results = engines.map((engine): EngineResult => {
    const index = loaded.findIndex((one) => one.engine === engine);
    if (index < 0) return { engine: engine.name, skipped: skipped.get(engine) };
    const ms = spreadOf(times[index]);
    const { loadMs, output } = loaded[index];
    const difference = largestDifference(output, reference);
    const gflops = (2 * multiplyAdds) / ms.median / 1e6;
    return { engine: engine.name, loadMs, ms, gflops, difference, correct: difference <= TOLERANCE };
  });
  return { model, multiplyAdds, rounds: times[0].length, engines: results };
}

async function load(engine: Engine, workload: Workload): Promise<Loaded> {
  const start = performance.now();
  const runner = await engine.load(workload);
  const loadMs = performance.now() - start;
  try {
    return { engine, runner, loadMs, output: (await runner.run()).slice() };
  } catch (error) {
    await runner.dispose();
    throw error;
  }
}
