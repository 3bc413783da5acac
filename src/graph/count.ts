// What a network costs, counted as publications do.
import { elementCount } from "../tensor.ts";
import type { Graph } from "./graph.ts";
import { inferShapes } from "./shapes.ts";

/** Elements of all parameters but running statistics, which are measured, and scalars, which are constants: neither is trained. */
export function countParameters({ nodes, parameters }: Graph): number {
  const measured = new Set(nodes.flatMap((node) => (node.op === "BatchNormalization" ? node.inputs.slice(3, 5) : [])));
  let count = 0;
  for (const [name, { dims }] of parameters) {
    if (!measured.has(name) && dims.length > 0) count += elementCount(dims);
  }
  return count;
}

/** Multiply-adds of convolutions and fully connected layers, for one run. */
export function countMultiplyAdds(graph: Graph): number {
  const values = inferShapes(graph);
  return graph.nodes.reduce((sum, { op, inputs, output }) => {
    if (op !== "Conv" && op !== "Gemm") return sum;
    return sum + elementCount(values.get(output)!.dims) * elementCount(values.get(inputs[1])!.dims.slice(1));
  }, 0);
}
