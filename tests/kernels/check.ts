// Grids of small graphs: each is built, run in the engine, and every output compared with the float64 reference.
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import type { MemoryChoice } from "../../src/plan/cost.ts";
import type { LoadOptions } from "../../src/runtime/load.ts";
import { elementCount, type Tensor } from "../../src/tensor.ts";
import { assertClose, difference } from "../compare.ts";
import { randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";
import { cannotRun, type Engine, engineOf } from "./engines.ts";
import { runPoisoned } from "./poison.ts";

/**
 * Of the largest output. float32 rounds to 6e-8, and the sums here have up to about a thousand terms, whose rounding errors
 * mostly cancel: the largest error of all cases is about 1e-6, as each test reports. A tap, lane or pixel too many or too
 * few is off by more than 1e-3.
 */
export const TOLERANCE = 1e-5;

/** How many failures of a grid are told in full. */
const TOLD = 5;

export interface GridOptions<Case> {
  /** Range of the inputs' values; [-1, 1) unless given. */
  readonly range?: (one: Case, input: string) => readonly [low: number, high: number];
  readonly memory?: MemoryChoice;
}

/**
 * The graph with seeded data in the parameters that have none. Weights shrink with the number of products in a sum (He's rule), so that
 * results stay near 1, where activations bend; variances are positive.
 */
export function withParameters(graph: Graph, seed = 100): Graph {
  const ranges = new Map<string, readonly [low: number, high: number]>();
  for (const { op, inputs } of graph.nodes) {
    if (op === "BatchNormalization") ranges.set(inputs[4], [0.5, 2]);
    if (op === "Conv" || op === "Gemm") {
      const limit = Math.sqrt(6 / elementCount(graph.parameters.get(inputs[1])!.dims.slice(1)));
      ranges.set(inputs[1], [-limit, limit]);
    }
  }
  const parameters = [...graph.parameters].map(([name, parameter], i) => {
    const { data } = parameter.data ? parameter : randomTensor(parameter.dims, seed + i, ...(ranges.get(name) ?? [-1, 1]));
    return [name, { ...parameter, data }] as const;
  });
  return { ...graph, parameters: new Map(parameters) };
}

/** Runs a graph whose parameters have data and compares its outputs; gives the largest relative error. */
export async function checkGraph(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  engine: Engine,
  options: LoadOptions = {},
): Promise<number> {
  const expected = evaluate(graph, inputs);
  const outputs = await runPoisoned(graph, inputs, engine, options);
  let worst = 0;
  for (const [name, actual] of Object.entries(outputs)) {
    const value = expected.get(name)!;
    assertClose(actual, value, { relative: TOLERANCE, what: `output "${name}"` });
    worst = Math.max(worst, difference(actual.data, value.data).relative);
  }
  return worst;
}

/**
 * One test a build: `run` on every case, which gives the case's error. A failure does not stop the others; the first few
 * are told with all that is needed to repeat them.
 */
export function cases<Case extends object>(
  name: string,
  list: readonly Case[],
  run: (one: Case, engine: Engine) => Promise<number>,
): void {
  for (const build of ["strict", "relaxed"] as const) {
    test(`${name}, ${build} build`, { skip: cannotRun(build) }, async (t) => {
      const engine = engineOf(build);
      const failures: string[] = [];
      let worst = 0;
      for (const one of list) {
        try {
          worst = Math.max(worst, await run(one, engine));
        } catch (error) {
          const tuple = inspect(one, { depth: null, breakLength: Number.POSITIVE_INFINITY });
          failures.push(`${tuple}\n    ${error instanceof Error ? error.message : error}`);
        }
      }
      t.diagnostic(`${list.length} cases, largest error ${worst.toExponential(1)} of the largest output`);
      assert.ok(list.length > 0, "the grid is empty");
      if (failures.length > 0) {
        assert.fail(`${failures.length} of ${list.length} cases failed:\n  ${failures.slice(0, TOLD).join("\n  ")}`);
      }
    });
  }
}

/** {@link cases} whose graph `define` builds; inputs and parameters get seeded values. */
export function grid<Case extends object>(
  name: string,
  list: readonly Case[],
  define: (builder: GraphBuilder, one: Case) => ValueInfo | Record<string, ValueInfo>,
  { range = () => [-1, 1], memory }: GridOptions<Case> = {},
): void {
  cases(name, list, async (one, engine) => {
    const builder = new GraphBuilder(name);
    const made = define(builder, one);
    const outputs = (typeof made.name === "string" ? { output: made } : made) as Record<string, ValueInfo>;
    const graph = withParameters(builder.build(outputs));
    const inputs = Object.fromEntries(
      graph.inputs.map((input, i) => [input.name, randomTensor(input.dims, i + 1, ...range(one, input.name))]),
    );
    return checkGraph(graph, inputs, engine, { memory });
  });
}
