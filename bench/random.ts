// Weights and inputs that make a comparison of outputs mean something: nothing is 0 or 1 that would hide a mistake.

import type { Graph, Parameter } from "../src/graph/graph.ts";
import { seedWeights } from "../src/graph/seed.ts";
import type { Tensor } from "../src/tensor.ts";
import { randomTensor } from "../tests/random.ts";

/** By the place of a BatchNormalization's input: scale, bias, mean, variance. */
const normalisationRanges = [
  [0.8, 1.2],
  [-0.1, 0.1],
  [-0.1, 0.1],
  [0.8, 1.2],
] as const;
const otherRange = [-0.1, 0.1] as const;

/** The graph with He's initialisation in its weights, and small random numbers in biases and statistics. */
export function withRandomWeights(graph: Graph): Graph {
  const ranges = new Map<string, readonly [low: number, high: number]>();
  const weights = new Set<string>();
  for (const { op, inputs } of graph.nodes) {
    if (op === "Conv" || op === "Gemm") weights.add(inputs[1]);
    if (op !== "BatchNormalization") continue;
    for (const [i, range] of normalisationRanges.entries()) ranges.set(inputs[i + 1], range);
  }
  const seeded = seedWeights(graph);
  const parameters = new Map<string, Parameter>();
  for (const [name, parameter] of graph.parameters) {
    const random = () => randomTensor(parameter.dims, parameters.size + 1, ...(ranges.get(name) ?? otherRange));
    parameters.set(name, { ...parameter, data: weights.has(name) ? seeded.get(name)!.data : random().data });
  }
  return { ...graph, parameters };
}

/** Values in [-1, 1) for the graph's one input. */
export function randomInput({ inputs: [{ dims }] }: Graph): Tensor<"float32"> {
  return randomTensor(dims, 1);
}
