// nestConcats: Concat(a, b, c) becomes Concat(Concat(a, b), c) where Concat(a, b) is computed anyway.
//
// PyTorch writes a dense block as one longer Concat a layer, so that a value is part of many. The planner can place it
// in only one of them without copying; nested, each is the beginning of the next, and none is copied.
import type { Graph, Node } from "../graph/graph.ts";

export function nestConcats(graph: Graph): Graph {
  const known: { node: Node; leaves: readonly string[] }[] = [];
  const leavesOf = new Map<string, readonly string[]>();
  const nodes = graph.nodes.map((node): Node => {
    if (node.op !== "Concat" || node.attributes.axis !== 1) return node;
    const leaves = node.inputs.flatMap((name) => leavesOf.get(name) ?? [name]);
    const isPrefix = (other: readonly string[]) => other.length < leaves.length && other.every((name, i) => name === leaves[i]);
    const prefix = known.filter((other) => isPrefix(other.leaves)).sort((a, b) => b.leaves.length - a.leaves.length)[0];
    known.push({ node, leaves });
    leavesOf.set(node.output, leaves);
    if (prefix === undefined) return node;
    return { ...node, inputs: [prefix.node.output, ...leaves.slice(prefix.leaves.length)] };
  });
  return { ...graph, nodes };
}
