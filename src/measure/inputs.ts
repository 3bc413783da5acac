// Inputs for timing: every element set, none of them special.
import type { Model } from "../runtime/model.ts";
import { elementCount, Tensor } from "../tensor.ts";

/** A tensor for each of the model's inputs. */
export function sampleInputs({ inputs }: Model): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, type, dims }) => {
      const data = Array.from({ length: elementCount(dims) }, (_, i) => (type === "float32" ? Math.sin(i) : 0));
      return [name, new Tensor(type, data, dims)];
    }),
  );
}
