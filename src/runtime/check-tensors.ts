// Whether tensors fit the inputs or outputs that they are given for.
import { InputError } from "../errors.ts";
import type { ValueInfo } from "../graph/graph.ts";
import { arrayOf, elementCount, formatDims, Tensor } from "../tensor.ts";

/**
 * @param all whether none may be missing
 * @throws InputError where one is missing, unknown, or of another type, dims or length
 */
export function checkTensors(
  kind: "input" | "output",
  ports: readonly ValueInfo[],
  given: Readonly<Record<string, Tensor>>,
  all: boolean,
): void {
  const known = ports.map(({ name }) => `"${name}"`).join(", ");
  if (typeof given !== "object" || given === null || given instanceof Tensor)
    throw new InputError(`${kind}s must be an object of tensors by name`, `the model's ${kind}s: ${known}`);
  for (const name of Object.keys(given)) {
    if (!ports.some((port) => port.name === name))
      throw new InputError(`the model has no ${kind} "${name}"`, `its ${kind}s: ${known}`);
  }
  for (const { name, type, dims } of ports) {
    const tensor = given[name];
    if (tensor === undefined) {
      if (all) throw new InputError(`${kind} "${name}" is missing`, `the model takes ${known}`);
      continue;
    }
    if (!(tensor?.data instanceof arrayOf(type)) || tensor.type !== type) {
      throw new InputError(
        `${kind} "${name}" must be a ${type} tensor, got ${tensor?.type ?? typeof tensor}`,
        `new Tensor("${type}", …)`,
      );
    }
    if (!Array.isArray(tensor.dims) || formatDims(tensor.dims) !== formatDims(dims)) {
      const got = Array.isArray(tensor.dims) ? formatDims(tensor.dims) : String(tensor.dims);
      throw new InputError(`${kind} "${name}" must have dims ${formatDims(dims)}, got ${got}`);
    }
    if (tensor.data.length !== elementCount(dims)) {
      throw new InputError(
        `${kind} "${name}" has ${tensor.data.length} elements, its dims ${formatDims(dims)} hold ${elementCount(dims)}`,
        "was its buffer transferred to another thread?",
      );
    }
  }
}
