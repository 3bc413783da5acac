// What the bench asks of an engine: load a network once, and run it again and again on the same input.
import { presets } from "../models/index.ts";
import { writeOnnx } from "../src/formats/onnx/write.ts";
import type { Graph } from "../src/graph/graph.ts";
import type { Tensor } from "../src/tensor.ts";
import { randomInput, withRandomWeights } from "./random.ts";

/** A network for all engines: the same weights and the same input. */
export interface Workload {
  readonly graph: Graph;
  /** The graph as an ONNX file. */
  readonly onnx: Uint8Array;
  readonly input: Tensor<"float32">;
}

export interface Runner {
  /** Of convolutions and fully connected layers, where the engine counts them. */
  readonly multiplyAdds?: number;
  /** One inference, from an input in JavaScript's memory to the output there. */
  run(): Promise<Float32Array> | Float32Array;
  dispose(): unknown;
}

export interface Engine {
  readonly name: string;
  /** @throws CannotRun */
  load(workload: Workload): Promise<Runner>;
}

/** An engine lacks what a network needs. */
export class CannotRun extends Error {}

/** @throws RangeError for models that are no presets */
export function checkModels(models: readonly string[]): void {
  const unknown = models.filter((name) => !Object.hasOwn(presets, name));
  if (unknown.length > 0)
    throw new RangeError(`no such model: ${unknown.join(", ")}; there are ${Object.keys(presets).join(", ")}`);
}

/** The workload of an architecture: seeded weights and input. */
export function workloadOf(architecture: Graph): Workload {
  const graph = withRandomWeights(architecture);
  return { graph, onnx: writeOnnx(graph), input: randomInput(graph) };
}
