// Published models and their input/output vectors in the test data.
import { readdirSync, readFileSync } from "node:fs";
import { readNpy } from "../../src/formats/npy.ts";
import { readOnnx } from "../../src/formats/onnx/read.ts";
import type { Graph } from "../../src/graph/graph.ts";
import type { Tensor } from "../../src/tensor.ts";
import { dataPath } from "../data.ts";

/** The published networks that the engine runs in float32. */
export const publishedModels = [
  "squeezenet1_1",
  "squeezenet1_0",
  "mobilenet_v1_0.25_224",
  "densenet_bc_40_12_cifar10",
  "resnet20_cifar10",
] as const;

export interface Vector {
  readonly name: string;
  readonly input: Tensor;
  readonly output: Tensor;
}

/** A model's vectors; there must be some. */
export function vectorsOf(model: string): Vector[] {
  const names = readdirSync(dataPath("vectors", model));
  if (names.length === 0) throw new Error(`no vectors for ${model}`);
  return names.map((name) => {
    const read = (what: string) => readNpy(readFileSync(dataPath("vectors", model, name, `${what}.npy`)));
    return { name, input: read("input"), output: read("output") };
  });
}

export const bytesOf = (model: string): Uint8Array => readFileSync(dataPath("models", `${model}.onnx`));

export const graphOf = (model: string): Graph => readOnnx(bytesOf(model));
