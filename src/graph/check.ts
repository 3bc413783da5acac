// The checker: what must hold of every graph, at whatever stage. Runs after a reader or a model has built one and
// after every pass, so that a mistake is reported where it was made.
import { GraphError } from "../errors.ts";
import { elementCount, formatDims } from "../tensor.ts";
import type { Graph, ValueType } from "./graph.ts";
import { inferShapes } from "./shapes.ts";

/**
 * @returns types and dims of every value, since checking computes them
 * @throws GraphError where names clash, a value is used before it exists, or dims contradict each other
 */
export function checkGraph(graph: Graph): ReadonlyMap<string, ValueType> {
  const fail = (why: string) => new GraphError(`graph "${graph.name}": ${why}`);
  const unique = (what: string, names: string[]) => {
    const seen = new Set<string>();
    for (const name of names) {
      if (name === "") throw fail(`a ${what} has no name`);
      if (seen.has(name)) throw fail(`two ${what}s are called "${name}"`);
      seen.add(name);
    }
  };
  unique("value", [
    ...graph.inputs.map((input) => input.name),
    ...graph.parameters.keys(),
    ...graph.nodes.map((node) => node.output),
  ]);
  unique(
    "node",
    graph.nodes.map((node) => node.name),
  );
  unique(
    "output",
    graph.outputs.map((output) => output.name),
  );
  if (graph.inputs.length === 0) throw fail("it has no inputs");
  if (graph.outputs.length === 0) throw fail("it has no outputs");
  for (const { name, dims } of graph.inputs) {
    if (dims.some((dim) => !Number.isSafeInteger(dim) || dim < 1)) {
      throw fail(`input "${name}" has dims ${formatDims(dims)}; every one must be a whole number ≥ 1`);
    }
  }
  for (const [name, { data, dims }] of graph.parameters) {
    if (data !== undefined && data.length !== elementCount(dims)) {
      throw fail(`parameter "${name}" has dims ${formatDims(dims)} but ${data.length} elements`);
    }
  }
  const values = inferShapes(graph);
  for (const { name, dims } of graph.outputs) {
    const value = values.get(name);
    if (value === undefined) throw fail(`nothing computes its output "${name}"`);
    if (formatDims(value.dims) !== formatDims(dims)) {
      throw fail(`output "${name}" is declared as ${formatDims(dims)} but computed as ${formatDims(value.dims)}`);
    }
  }
  return values;
}
