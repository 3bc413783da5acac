// Runs the experiments of ideas.ts: the variants of a comparison in turn, round after round.
import { countMultiplyAdds, countParameters } from "../graph/count.ts";
import { seedWeights } from "../graph/seed.ts";
import { sampleInputs } from "../measure/inputs.ts";
import { interleave, type Timing } from "../measure/interleave.ts";
import { type Spread, spreadOf } from "../measure/statistics.ts";
import type { BuildChoice } from "../runtime/engine.ts";
import { loadModel } from "../runtime/load.ts";
import type { Model } from "../runtime/model.ts";
import type { Comparison, Idea } from "./ideas.ts";

/** What a variant costs, and how long its steps take. */
export interface VariantFigures {
  readonly label: string;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly arenaBytes: number;
  /** Milliseconds of all steps but the conversion of inputs and outputs. */
  readonly ms: Spread;
  /** Milliseconds in kernels that only move data, in the round where they were fewest. */
  readonly movingMs: number;
  /** 10⁹ multiplications and additions a second, of the fastest round. */
  readonly gflops: number;
  readonly top1: number | undefined;
}

export interface ComparisonFigures {
  readonly title: string;
  readonly variants: readonly VariantFigures[];
}

export interface IdeaFigures {
  readonly name: string;
  readonly title: string;
  readonly source: string | undefined;
  readonly comparisons: readonly ComparisonFigures[];
  /** How many comparisons there was no time for. */
  readonly left: number;
}

export interface IdeasOptions {
  readonly build: BuildChoice;
  readonly timing: Timing;
  /** The time, as performance.now() tells it, after which no further comparison is begun. */
  readonly deadline?: number;
}

/** Kernels that compute nothing. */
const moving = new Set(["copy", "slice"]);

/**
 * Measures the variants of each comparison.
 * @param onComparison told before each one what it is
 */
export async function runIdeas(
  ideas: readonly Idea[],
  { build, timing, deadline = Infinity }: IdeasOptions,
  onComparison: (what: string) => void = () => {},
): Promise<IdeaFigures[]> {
  const results: IdeaFigures[] = [];
  for (const { name, title, source, comparisons } of ideas) {
    const figures: ComparisonFigures[] = [];
    for (const comparison of comparisons) {
      onComparison(`${name}: ${comparison.title}`);
      if (performance.now() > deadline) continue;
      figures.push(await compare(comparison, build, timing));
    }
    const left = comparisons.length - figures.length;
    results.push({ name, title, source, comparisons: figures, left });
  }
  return results;
}

async function compare({ title, variants }: Comparison, build: BuildChoice, timing: Timing): Promise<ComparisonFigures> {
  const loaded: { model: Model; counts: Pick<VariantFigures, "parameters" | "multiplyAdds"> }[] = [];
  try {
    for (const { graph: make } of variants) {
      const graph = make();
      const model = await loadModel(graph, { weights: seedWeights(graph), build });
      loaded.push({ model, counts: { parameters: countParameters(graph), multiplyAdds: countMultiplyAdds(graph) } });
      // Steps are timed on what the inputs hold then.
      await model.run(sampleInputs(model));
    }
    const rounds = loaded.map((): { all: number; moving: number }[] => []);
    await interleave(
      loaded.map(({ model }, i) => () => {
        rounds[i].push(timeSteps(model));
      }),
      timing,
    );
    return {
      title,
      variants: variants.map(({ label, top1 }, i) => {
        const { model, counts } = loaded[i];
        const ms = spreadOf(rounds[i].map(({ all }) => all));
        const movingMs = spreadOf(rounds[i].map(({ moving }) => moving)).least;
        const gflops = (2 * counts.multiplyAdds) / ms.least / 1e6;
        return { label, ...counts, arenaBytes: model.statistics.arenaBytes, ms, movingMs, gflops, top1 };
      }),
    };
  } finally {
    for (const { model } of loaded) model.dispose();
  }
}

/** One run, step by step. */
function timeSteps(model: Model): { all: number; moving: number } {
  let all = 0;
  let spentMoving = 0;
  for (const [i, { kernel, ms }] of model.profile(1).entries()) {
    const { operator } = model.steps[i];
    if (operator === "input" || operator === "output") continue;
    all += ms;
    if (moving.has(kernel)) spentMoving += ms;
  }
  return { all, moving: spentMoving };
}
