// Winograd's convolution against the direct one, on the layers for which the cost model chooses it: whether the choice pays
// here, and how far each is from the float64 reference.

import type { Spread } from "../src/measure/statistics.ts";
import type { MemoryChoice } from "../src/plan/cost.ts";
import { compile } from "../src/plan/index.ts";
import { evaluate } from "../tests/reference/evaluate.ts";
import { compileEngine, durations, type LayerRun, startLayer } from "./kernels.ts";
import { layers } from "./layers.ts";
import type { Progress } from "./models.ts";
import { randomInput, withRandomWeights } from "./random.ts";

export interface WinogradResult {
  readonly group: string;
  readonly layer: string;
  readonly direct: Measured;
  readonly winograd: Measured;
}

interface Measured {
  readonly ms: Spread;
  /** Largest distance from the float64 result, relative to its largest value. */
  readonly error: number;
}

export interface WinogradOptions {
  readonly quick: boolean;
  /** Only layers whose group or name contains this text. */
  readonly only?: string;
}

/** Times and checks the strict build, whose choice is the same everywhere. */
export async function benchWinograd({ quick, only }: WinogradOptions, progress: Progress): Promise<WinogradResult[]> {
  const chosen = layers.filter(({ group, name, graph }) => {
    if (only !== undefined && !`${group} ${name}`.includes(only)) return false;
    return compile(withRandomWeights(graph)).steps.some(({ kernel }) => kernel === "winograd");
  });
  if (chosen.length === 0) throw new RangeError("Winograd computes none of these layers");
  const module = await compileEngine("strict");
  const results: WinogradResult[] = [];
  for (const [i, { group, name, graph: architecture }] of chosen.entries()) {
    progress.step(`${group} ${name}`, i, chosen.length);
    const graph = withRandomWeights(architecture);
    const exact = evaluate(graph, { x: randomInput(graph) }).get("y")!.data;
    const measure = async (memory: MemoryChoice): Promise<Measured> => {
      const run = await startLayer(graph, "strict", module, memory);
      return { error: errorOf(run.output(), exact), ms: run.time(durations[quick ? "quick" : "thorough"]) };
    };
    results.push({ group, layer: name, direct: await measure("small"), winograd: await measure("fast") });
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
