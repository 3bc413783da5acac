// What passes share: who uses a value, who makes it, and a graph with some nodes replaced.
import type { Graph, Node, Parameter } from "../graph/graph.ts";

/** How often each value is read by nodes and as an output of the graph. */
export function consumers(graph: Graph): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (name: string) => counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const node of graph.nodes) for (const name of node.inputs) count(name);
  for (const output of graph.outputs) count(output.name);
  return counts;
}

/** The node that computes each value. */
export function producers(graph: Graph): Map<string, Node> {
  return new Map(graph.nodes.map((node) => [node.output, node]));
}

/** The graph with each node of `replaced` exchanged for its value, or dropped where that is undefined. */
export function replaceNodes(graph: Graph, replaced: ReadonlyMap<Node, Node | undefined>): Graph {
  const nodes = graph.nodes.flatMap((node) => {
    if (!replaced.has(node)) return [node];
    const other = replaced.get(node);
    return other === undefined ? [] : [other];
  });
  return { ...graph, nodes };
}

/**
 * Adds a vector that a pass has computed to the parameters; of other `dims` where it is to broadcast.
 * @returns its name, which is none of the file's
 */
export function addParameter(
  parameters: Map<string, Parameter>,
  name: string,
  data: Float32Array,
  dims: readonly number[] = [data.length],
): string {
  let free = name;
  while (parameters.has(free)) free += "*";
  parameters.set(free, { type: "float32", dims, data });
  return free;
}
