// Whether the engine computes an architecture as onnxruntime-web does.
//
// Both compute in float32 and round in other orders, and Winograd's convolution rounds more than a direct one. How much of
// that arrives depends on the network: usually 1e-6 of the largest output, 4e-5 where fifty layers of random weights magnify
// every change. What the engine could get wrong is a row of pixels, a pad or a lane. So the last row of the input serves as a
// measure: results must agree to a hundredth of what its loss changes, and to 1e-4 in any case. Of a large image one row says
// too little where a network's outputs have much in common: then a few of them are the measure, still less than a row of the
// last layers.
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { writeOnnx } from "../../src/formats/onnx/write.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { Tensor } from "../../src/tensor.ts";
import { difference } from "../compare.ts";
import { randomTensor } from "../random.ts";
import { withLivelyParameters } from "./lively.ts";
import { compareWithOnnxruntime } from "./onnxruntime.ts";

/** Of the largest output, unless a test says otherwise. */
const TOLERANCE = 1e-4;

/** Of what the loss of the last rows changes. */
const PART = 1e-2;

/** How much the output changes, as a part of its largest value, when the last rows of a random input become 0. */
async function effectOfLastRows(graph: Graph, rows: number): Promise<number> {
  const model = await loadModel(graph);
  const [{ name, dims }] = model.inputs;
  const input = randomTensor(dims, 1);
  const { output: whole } = await model.run({ [name]: input });
  const [, , height, width] = dims;
  const data = input.data.map((v, i) => (Math.floor(i / width) % height >= height - rows ? 0 : v));
  const { output: without } = await model.run({ [name]: new Tensor("float32", data, dims) });
  model.dispose();
  return difference(without.data, whole.data).relative;
}

/** Asserts that both give the same with seeded weights, and that the measure says something. */
export async function agreesWithOnnxruntime(t: TestContext, architecture: Graph, rows = 1, tolerance = TOLERANCE): Promise<void> {
  const graph = withLivelyParameters(architecture);
  const effect = await effectOfLastRows(graph, rows);
  const agreement = await compareWithOnnxruntime(writeOnnx(graph), 1, Math.min(tolerance, PART * effect));
  t.diagnostic(`${agreement}; loss of the last ${rows} row(s) changes ${effect.toExponential(1)}`);
  assert.ok(effect > 1e-3, `loss of the last ${rows} row(s) changes only ${effect}`);
}
