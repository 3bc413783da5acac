// Models small enough to load in a test each, and inputs for them.
import { readFileSync } from "node:fs";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { Tensor } from "../../src/tensor.ts";
import { randomTensor } from "../random.ts";

export const engineBytes = (build = "strict"): Uint8Array => readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url));

/** A graph whose parameters have random data. */
export function filled(graph: Graph, seed = 1): Graph {
  const parameters = [...graph.parameters].map(
    ([name, parameter], i) =>
      [name, { ...parameter, data: randomTensor(parameter.dims, seed * 100 + i, -0.5, 0.5).data }] as const,
  );
  return { ...graph, parameters: new Map(parameters) };
}

/** The classifier below, without weights. */
export function architecture(outChannels = 8): Graph {
  const builder = new GraphBuilder("tiny");
  const x = builder.input("image", [1, 3, 12, 10]);
  const features = builder.relu("relu", builder.conv("conv", x, { outChannels, kernel: 3, pad: 1 }));
  const pooled = builder.globalAveragePool("pool", builder.maxPool("max", features, { kernel: 2, stride: 2 }));
  return builder.build({ features, scores: builder.linear("fc", builder.flatten("flat", pooled), 5) });
}

/** image [1,3,12,10] → features [1,8,12,10], scores [1,5]. */
export const classifier = (seed = 1): Graph => filled(architecture(), seed);

/** a [1,2,3,4] and b [1,2,3,4] → sum; and a on its own as `same`. */
export function adder(): Graph {
  const builder = new GraphBuilder("adder");
  const [a, b]: ValueInfo[] = ["a", "b"].map((name) => builder.input(name, [1, 2, 3, 4]));
  return builder.build({ sum: builder.add("sum", a, b), same: a });
}

export const image = (seed = 1): Tensor<"float32"> => randomTensor([1, 3, 12, 10], seed);
export const ones = (dims: readonly number[], value = 1): Tensor<"float32"> =>
  new Tensor("float32", new Float32Array(dims.reduce((a, b) => a * b, 1)).fill(value), dims);
