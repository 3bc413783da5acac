// The suite's table: what each architecture costs and how fast it runs here, with seeded weights, one after the other in one
// process on one thread.
import { type Architecture, findArchitecture } from "../../models/index.ts";
import { type PublishedFigures, publishedFigures } from "../../models/published.ts";
import { MinnowError } from "../errors.ts";
import { seedWeights } from "../graph/seed.ts";
import { sampleInputs } from "../measure/inputs.ts";
import { interleave, type Timing } from "../measure/interleave.ts";
import { PeakMeter, type Peaks } from "../measure/peak.ts";
import { type Spread, spreadOf } from "../measure/statistics.ts";
import type { Build, BuildChoice } from "../runtime/engine.ts";
import { loadModel } from "../runtime/load.ts";
import type { Statistics, StepProfile } from "../runtime/model.ts";

/** How a model went. */
export interface ModelFigures {
  readonly name: string;
  readonly family: string;
  /** Dims of the input. */
  readonly input: readonly number[];
  readonly statistics: Statistics;
  /**
   * Milliseconds from a graph and its weights in memory to the first result: planning, starting an engine, packing weights,
   * and a run in code that is not optimised yet. Reading a file and starting a process come on top.
   */
  readonly coldMs: number;
  /** Milliseconds of a run, once warm. */
  readonly warmMs: Spread;
  readonly runs: number;
  /** 10⁹ multiplications and additions a second, of the fastest run: the peak is the best of its samples too. */
  readonly gflops: number;
  readonly published: PublishedFigures;
}

/** A model that could not run, such as one that needs more than 4 GiB, or that there was no time for. */
export interface Refused {
  readonly name: string;
  readonly family: string;
  readonly reason: string;
}

/** The time of every step of one model. */
export interface Layers {
  readonly model: string;
  readonly steps: readonly StepProfile[];
}

export interface SuiteResult {
  readonly build: Build;
  readonly peaks: Peaks;
  readonly models: readonly ModelFigures[];
  readonly refused: readonly Refused[];
  readonly layers: Layers | undefined;
}

export interface SuiteOptions {
  /** Names of presets, or names with a configuration. */
  readonly models: readonly string[];
  readonly build: BuildChoice;
  readonly timing: Timing;
  /** The time, as performance.now() tells it, after which no further model is begun. */
  readonly deadline?: number;
  /** The model whose steps are timed one by one. */
  readonly layersOf?: string;
}

/** How models are timed: long enough for a median, short enough for a hundred of them. */
export const thorough: Timing = { warmUp: 300, budget: 2000, minRounds: 7, maxRounds: 50 };
/** Says whether everything works, and about how fast. */
export const quick: Timing = { warmUp: 250, budget: 200, minRounds: 2, maxRounds: 10 };

/** Runs of the model whose steps are timed. */
const PROFILED = 20;

/** What part of the peak of its own build's instructions a speed is. */
export function peakShare(gflops: number, build: Build, { strict, relaxed }: Peaks): number {
  return gflops / ((build === "relaxed" ? relaxed : undefined) ?? strict);
}

/**
 * Measures models one after the other.
 * @param onModel told before each model how many are done
 * @throws OptionError for a model that there is none of
 */
export async function runSuite(options: SuiteOptions, onModel: (name: string) => void = () => {}): Promise<SuiteResult> {
  const chosen = options.models.map((name) => ({ name, ...findArchitecture(name) }));
  const meter = new PeakMeter();
  const models: ModelFigures[] = [];
  const refused: Refused[] = [];
  let layers: Layers | undefined;
  let build: Build = "strict";
  // The first model of a process would pay for all that JavaScript engines do once.
  if (chosen.length > 0) await measure(chosen[0], { ...options, timing: quick }).catch(() => undefined);
  for (const architecture of chosen) {
    const { name, family } = architecture;
    onModel(name);
    if (performance.now() > (options.deadline ?? Infinity)) {
      refused.push({ name, family: family.family, reason: "the time was over" });
      continue;
    }
    try {
      const measured = await measure(architecture, options);
      build = measured.build;
      models.push(measured.figures);
      layers ??= measured.layers;
    } catch (error) {
      if (!(error instanceof MinnowError)) throw error;
      refused.push({ name, family: family.family, reason: error.message });
    }
    meter.sample();
  }
  return { build, peaks: meter.peaks, models, refused, layers };
}

interface Named extends Architecture {
  readonly name: string;
}

async function measure({ name, family, config }: Named, { build, timing, layersOf }: SuiteOptions) {
  const graph = family(config);
  const weights = seedWeights(graph);
  const start = performance.now();
  const model = await loadModel(graph, { weights, build });
  try {
    const inputs = sampleInputs(model);
    const run = () => model.run(inputs);
    await run();
    const coldMs = performance.now() - start;
    const [times] = await interleave([run], timing);
    const warmMs = spreadOf(times);
    const figures: ModelFigures = {
      name,
      family: family.family,
      input: graph.inputs[0].dims,
      statistics: model.statistics,
      coldMs,
      warmMs,
      runs: times.length,
      gflops: (2 * model.statistics.multiplyAdds) / warmMs.least / 1e6,
      published: publishedFigures(name),
    };
    const layers = name === layersOf ? { model: name, steps: model.profile(PROFILED) } : undefined;
    return { figures, layers, build: model.build ?? "strict" };
  } finally {
    model.dispose();
  }
}
