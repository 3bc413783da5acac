// Seeded weights under which deep networks still tell inputs apart.
//
// With biases as large as weights, a network of fifty layers gives the same output whatever its input: each layer shrinks
// what came through the ones before it and adds its own constant. A comparison would then pass with half of the network wrong.
import type { Graph } from "../../src/graph/graph.ts";
import { seedWeights } from "../../src/graph/seed.ts";
import { withParameters } from "../kernels/check.ts";
import { randomTensor } from "../random.ts";

/** The graph with He's weights, small biases, means and shifts, and normalisations that about keep magnitudes. */
export function withLivelyParameters(graph: Graph, seed = 7): Graph {
  const filled = withParameters(graph, seed);
  const ranges = new Map<string, readonly [low: number, high: number]>();
  for (const { op, inputs } of graph.nodes) {
    if ((op === "Conv" || op === "Gemm") && inputs[2]) ranges.set(inputs[2], [-0.1, 0.1]);
    if (op !== "BatchNormalization") continue;
    const [, scale, shift, mean, variance] = inputs;
    ranges.set(scale, [0.7, 1.4]).set(shift, [-0.1, 0.1]).set(mean, [-0.1, 0.1]).set(variance, [0.5, 1.5]);
  }
  const parameters = [...filled.parameters].map(([name, parameter], i) => {
    const range = ranges.get(name);
    return [name, range ? { ...parameter, data: randomTensor(parameter.dims, seed + i, ...range).data } : parameter] as const;
  });
  return { ...filled, parameters: new Map(parameters) };
}

/**
 * The graph with weights a tenth as large in convolutions to which a shortcut (the second operand) is added at once. With
 * He's weights such sums grow with every unit, until the sigmoids of an attention mask are steps, at which two roundings of a
 * number give 0 and 1.
 */
export function withSmallSums(graph: Graph): Graph {
  const added = new Set(graph.nodes.flatMap(({ op, inputs }) => (op === "Add" ? inputs[0] : [])));
  const small = new Set(graph.nodes.flatMap(({ op, inputs, output }) => (op === "Conv" && added.has(output) ? inputs[1] : [])));
  const weights = seedWeights(graph);
  const parameters = [...graph.parameters].map(([name, parameter]) => {
    if (!small.has(name)) return [name, parameter] as const;
    return [name, { ...parameter, data: (weights.get(name)!.data as Float32Array).map((v) => v / 10) }] as const;
  });
  return { ...graph, parameters: new Map(parameters) };
}
