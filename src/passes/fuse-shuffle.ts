// fuseShuffle: a ChannelShuffle of which only slices are read (ShuffleNet v2) goes into these, so that each takes its channels from the
// source.
import type { Graph, Node, NodeOf } from "../graph/graph.ts";
import { inferShapes } from "../graph/shapes.ts";
import { consumers, replaceNodes } from "./rewrite.ts";

/** Whether a slice takes neighbouring channels, and of everything else all. */
function isChannelRange({ attributes: { starts, ends, steps } }: NodeOf<"Slice">, dims: readonly number[]): boolean {
  return dims.every((dim, axis) => steps[axis] === 1 && (axis === 1 || (starts[axis] === 0 && ends[axis] === dim)));
}

export function fuseShuffle(graph: Graph): Graph {
  const [uses, values] = [consumers(graph), inferShapes(graph)];
  const replaced = new Map<Node, Node | undefined>();
  for (const shuffle of graph.nodes) {
    if (shuffle.op !== "ChannelShuffle" || shuffle.attributes.range !== undefined) continue;
    const { dims } = values.get(shuffle.output)!;
    const slices = graph.nodes.filter(
      (node): node is NodeOf<"Slice"> => node.op === "Slice" && node.inputs[0] === shuffle.output && isChannelRange(node, dims),
    );
    if (slices.length === 0 || slices.length !== uses.get(shuffle.output)) continue;
    replaced.set(shuffle, undefined);
    for (const node of slices) {
      const { starts, ends } = node.attributes;
      const attributes = { ...shuffle.attributes, range: [starts[1], ends[1]] as const };
      replaced.set(node, { ...shuffle, name: node.name, output: node.output, attributes });
    }
  }
  return replaceNodes(graph, replaced);
}
