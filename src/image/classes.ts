// Which of a model's outputs names classes.
import { InputError } from "../errors.ts";
import type { ValueInfo } from "../graph/graph.ts";
import { formatDims } from "../tensor.ts";

interface Described {
  readonly name: string;
  readonly outputs: readonly ValueInfo[];
}

/** A classifier's one output. */
export interface ClassOutput {
  readonly output: string;
  readonly classes: number;
}

/** The output of a classifier, and how many classes it knows; undefined where the model does not give one number a class. */
export function findClassOutput({ outputs }: Described): ClassOutput | undefined {
  const [output] = outputs;
  const isList = output?.type === "float32" && output.dims.filter((dim) => dim !== 1).length <= 1;
  return outputs.length === 1 && isList ? { output: output.name, classes: Math.max(...output.dims) } : undefined;
}

/**
 * As findClassOutput.
 *
 * @throws InputError where the model is no classifier
 */
export function classOutput(model: Described): ClassOutput {
  const found = findClassOutput(model);
  if (found !== undefined) return found;
  throw new InputError(
    `${model.name} is no classifier: ${describeValues(model.outputs)}`,
    "a classifier has one float32 output with one number for each class, such as [1,1000] or [1,1000,1,1]",
  );
}

/** Names, types and dims, for messages. */
export function describeValues(values: readonly ValueInfo[]): string {
  return values.map(({ name, type, dims }) => `${name} ${type} ${formatDims(dims)}`).join(", ");
}
