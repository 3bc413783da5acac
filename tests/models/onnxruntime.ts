// The same model and input in Minnow and in onnxruntime-web. Both compute in float32, and sum in other orders.
import { loadModel } from "../../src/runtime/load.ts";
import { assertClose, difference } from "../compare.ts";
import { runOnnx } from "../formats/onnx-models.ts";
import { randomTensor } from "../random.ts";

/**
 * Runs a model's bytes in both on random inputs; says how much they differ.
 * @param relative the largest difference allowed, as a part of the largest output
 */
export async function compareWithOnnxruntime(bytes: Uint8Array, seed: number, relative = 1e-5): Promise<string> {
  const model = await loadModel(bytes);
  const inputs = Object.fromEntries(model.inputs.map(({ name, dims }, i) => [name, randomTensor(dims, seed + i)]));
  const [actual, expected] = await Promise.all([model.run(inputs), runOnnx(bytes, inputs)]);
  model.dispose();
  return Object.entries(expected)
    .map(([name, tensor]) => {
      assertClose(actual[name], tensor, { relative, what: name });
      return `${name} differs by ${difference(actual[name].data, tensor.data).relative.toExponential(1)} of its largest value`;
    })
    .join(", ");
}
