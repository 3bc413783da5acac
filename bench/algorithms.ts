// Winograd's and Strassen's algorithms against the direct convolution, on the layers for which the cost models choose them: whether
// the choice pays here, and how far each is from the float64 reference.

import { interleave, quick as quickly, type Timing } from "../src/measure/interleave.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import type { MemoryChoice } from "../src/plan/cost.ts";
import { compile } from "../src/plan/index.ts";
import { evaluate } from "../tests/reference/evaluate.ts";
import { compileEngine, type LayerRun, startLayer } from "./kernels.ts";
import { layers } from "./layers.ts";
import type { Progress } from "./models.ts";
import { randomInput, withRandomWeights } from "./random.ts";

/** By the names of their kernels. */
export type Algorithm = "winograd" | "strassen";

export interface AlgorithmResult {
  readonly group: string;
  readonly layer: string;
  readonly direct: Measured;
  readonly fast: Measured;
  /** With little memory, where the algorithm is chosen then. */
  readonly small?: Measured;
}

interface Measured {
  readonly ms: Spread;
  /** How many times as fast as the direct convolution it is: median over the rounds. */
  readonly gain: number;
  /** Largest distance from the float64 result, relative to its largest value. */
  readonly error: number;
}

/** Each layer's rounds; and what a turn takes at least, many ticks of the clock. */
const layerRounds: Timing = { warmUp: 250, budget: 400, minRounds: 20, maxRounds: 80 };
const TURN_MS = 1;

export interface AlgorithmOptions {
  readonly quick: boolean;
  /** Only layers whose group or name contains this text. */
  readonly only?: string;
}

/** Times and checks the strict build, whose choice is the same everywhere. */
export async function benchAlgorithm(
  algorithm: Algorithm,
  { quick, only }: AlgorithmOptions,
  progress: Progress,
): Promise<AlgorithmResult[]> {
  const chosen = layers.filter(({ group, name, graph }) => {
    if (only !== undefined && !`${group} ${name}`.includes(only)) return false;
    return compile(withRandomWeights(graph)).steps.some(({ kernel }) => kernel === algorithm);
  });
  if (chosen.length === 0) throw new RangeError(`${algorithm} computes none of these layers`);
  const timing = quick ? quickly : layerRounds;
  const module = await compileEngine("strict");
  const results: AlgorithmResult[] = [];
  for (const [i, { group, name, graph: architecture }] of chosen.entries()) {
    progress.step(`${group} ${name}`, i, chosen.length);
    const graph = withRandomWeights(architecture);
    const exact = evaluate(graph, { x: randomInput(graph) }).get("y")!.data;
    const start = (memory: MemoryChoice, winograd = true) => startLayer(graph, "strict", module, { memory, winograd });
    const [direct, fast, small] = await Promise.all([start("small", false), start("fast"), start("small")]);
    const runs = [direct, fast, ...(small.steps.some(({ kernel }) => kernel === algorithm) ? [small] : [])];
    const errors = runs.map((run) => errorOf(run.output(), exact));
    const calls = Math.max(1, Math.round(TURN_MS / runs[0].repeat(1)));
    const turns = runs.map((run) => () => run.repeat(calls));
    const times = await interleave(turns, timing);
    const measured = times.map((turn, k) => ({
      ms: spreadOf(turn.map((ms) => ms / calls)),
      gain: spreadOf(turn.map((ms, round) => times[0][round] / ms)).median,
      error: errors[k],
    }));
    results.push({ group, layer: name, direct: measured[0], fast: measured[1], small: measured.at(2) });
  }
  return results;
}

function errorOf(actual: ReturnType<LayerRun["output"]>, exact: ArrayLike<number>): number {
  let [worst, largest] = [0, 0];
  for (let i = 0; i < exact.length; ++i) {
    worst = Math.max(worst, Math.abs(actual[i] - exact[i]));
    largest = Math.max(largest, Math.abs(exact[i]));
  }
  return worst / largest;
}
