// Random networks through passes, planner and engine against the reference on the graph as it was built.

import { cases, checkGraph } from "../kernels/check.ts";
import { randomTensor } from "../random.ts";
import { describeGraph, randomGraph } from "./random-graph.ts";

cases(
  "random graphs in the engine",
  Array.from({ length: 600 }, (_, i) => ({ seed: i + 1 })),
  async ({ seed }, engine) => {
    const graph = randomGraph(seed);
    const inputs = Object.fromEntries(graph.inputs.map(({ name, dims }, i) => [name, randomTensor(dims, seed + i)]));
    try {
      return await checkGraph(graph, inputs, engine);
    } catch (error) {
      throw new Error(`${(error as Error).message}\n    ${describeGraph(graph)}`, { cause: error });
    }
  },
);
