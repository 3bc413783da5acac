// What tests of passes share: small graphs, their operators in order, and whether a rewritten graph still means the same.
import assert from "node:assert/strict";
import { transpose } from "../../src/formats/elements.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { checkGraph } from "../../src/graph/check.ts";
import type { Graph, GraphInput, Node, ValueInfo } from "../../src/graph/graph.ts";
import { Tensor } from "../../src/tensor.ts";
import { assertClose } from "../compare.ts";
import { withParameters } from "../kernels/check.ts";
import { randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";
import { describeGraph, randomGraph } from "./random-graph.ts";

/** Passes may round constants to float32 where the source has several operations. */
const TOLERANCE = 2e-6;

/** A graph with seeded parameters; outputs by name, or one that keeps its own. */
export function graphOf(define: (builder: GraphBuilder) => ValueInfo | Record<string, ValueInfo>): Graph {
  const builder = new GraphBuilder("test");
  const made = define(builder);
  return withParameters(
    builder.build((typeof made.name === "string" ? { [made.name as string]: made } : made) as Record<string, ValueInfo>),
  );
}

/** An input of 2 images, `channels` channels and 4×5 pixels. */
export const image = (builder: GraphBuilder, channels = 5, name = "x"): ValueInfo => builder.input(name, [2, channels, 4, 5]);

export const operators = (graph: Graph): string[] => graph.nodes.map(({ op }) => op);

/** The node that computes a value. */
export function maker(graph: Graph, output: string): Node {
  const node = graph.nodes.find((other) => other.output === output);
  assert.ok(node, `nothing computes "${output}"`);
  return node;
}

/** An input as callers have it. */
function asGiven({ layout, ...input }: GraphInput): GraphInput {
  const [n, c, h, w] = input.dims;
  return layout === "nhwc" ? { ...input, dims: [n, h, w, c] } : input;
}

/**
 * The graph after a pass, which must pass the checker, take the same inputs, if need be in an order of axes that it says, and give the
 * same outputs in float64.
 */
export function rewritten(pass: (graph: Graph) => Graph, graph: Graph): Graph {
  const after = pass(graph);
  checkGraph(after);
  assert.deepEqual(after.inputs.map(asGiven), graph.inputs);
  assert.deepEqual(after.outputs, graph.outputs);
  const [expected, actual] = [graph, after].map((one) =>
    evaluate(
      one,
      Object.fromEntries(
        graph.inputs.map(({ name, dims }, i) => {
          const given = randomTensor(dims, i + 1);
          const moves = one.inputs[i].layout === "nhwc";
          return [name, moves ? new Tensor("float32", transpose(given.data, dims, [0, 3, 1, 2]), one.inputs[i].dims) : given];
        }),
      ),
    ),
  );
  for (const { name } of graph.outputs) {
    const what = `output "${name}" of\n    ${describeGraph(graph)}\n  rewritten to\n    ${describeGraph(after)}`;
    assertClose(actual.get(name)!, expected.get(name)!, { relative: TOLERANCE, what });
  }
  return after;
}

/** Asserts that a pass leaves a graph's nodes as they are. */
export function assertUntouched(pass: (graph: Graph) => Graph, graph: Graph): void {
  assert.deepEqual(rewritten(pass, graph).nodes, graph.nodes);
}

/** Runs a pass on seeded random graphs, as they are built and as the passes before it leave them. */
export function assertKeepsMeaning(pass: (graph: Graph) => Graph, before: readonly ((graph: Graph) => Graph)[] = []): void {
  for (let seed = 1; seed <= 60; ++seed) {
    const graph = randomGraph(seed);
    try {
      rewritten(pass, graph);
      rewritten(
        pass,
        before.reduce((current, earlier) => earlier(current), graph),
      );
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}
