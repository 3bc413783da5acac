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
  /**
   * Milliseconds of all steps but the conversion of inputs and outputs, each as in the round where it was fastest: steps are so
   * short that some round meets each of them undisturbed, even where other work shares the machine.
   */
  readonly ms: number;
  /** Milliseconds of those steps in whole rounds. */
  readonly rounds: Spread;
  /** Those of `ms` that go into kernels that only move data. */
  readonly movingMs: number;
  /** 10⁹ multiplications and additions a second, by `ms`. */
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

/** How variants are timed: enough rounds for each step to be undisturbed in one. */
export const thorough: Timing = { warmUp: 300, budget: 6000, minRounds: 15, maxRounds: 200 };

/** Operators that compute nothing; where the planner places their results, they have no steps. */
const moving = new Set(["Concat", "Slice", "Pad"]);

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

interface Loaded {
  readonly model: Model;
  readonly counts: Pick<VariantFigures, "parameters" | "multiplyAdds">;
}

async function compare({ title, variants }: Comparison, build: BuildChoice, timing: Timing): Promise<ComparisonFigures> {
  const loaded: Loaded[] = [];
  try {
    for (const { graph: make } of variants) {
      const graph = make();
      const model = await loadModel(graph, { weights: seedWeights(graph), build });
      loaded.push({ model, counts: { parameters: countParameters(graph), multiplyAdds: countMultiplyAdds(graph) } });
      // Steps are timed on what the inputs hold then.
      await model.run(sampleInputs(model));
    }
    const times = loaded.map((): number[][] => []);
    await interleave(
      loaded.map(({ model }, i) => () => {
        times[i].push(model.profile(1).map(({ ms }) => ms));
      }),
      timing,
    );
    return { title, variants: variants.map(({ label, top1 }, i) => ({ label, ...summarise(loaded[i], times[i]), top1 })) };
  } finally {
    for (const { model } of loaded) model.dispose();
  }
}

/** @param times of every step, by round */
function summarise({ model, counts }: Loaded, times: readonly (readonly number[])[]): Omit<VariantFigures, "label" | "top1"> {
  const own = model.steps.flatMap(({ operator }, i) => (operator === "input" || operator === "output" ? [] : [i]));
  const fastest = (i: number) => Math.min(...times.map((round) => round[i]));
  const sum = (steps: readonly number[], of: (i: number) => number) => steps.reduce((total, i) => total + of(i), 0);
  const ms = sum(own, fastest);
  return {
    ...counts,
    arenaBytes: model.statistics.arenaBytes,
    ms,
    rounds: spreadOf(times.map((round) => sum(own, (i) => round[i]))),
    movingMs: sum(
      own.filter((i) => moving.has(model.steps[i].operator)),
      fastest,
    ),
    gflops: (2 * counts.multiplyAdds) / ms / 1e6,
  };
}
