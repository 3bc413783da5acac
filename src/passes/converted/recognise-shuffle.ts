// recogniseShuffle: Reshape [N,g,C/g,…], Transpose of axes 1 and 2, Reshape back becomes ChannelShuffle, the kernels' own form of
// it: values of five dims have no place in the engine.
import type { Graph, Node, ValueType } from "../../graph/graph.ts";
import { inferShapes } from "../../graph/shapes.ts";
import { elementCount, formatDims } from "../../tensor.ts";
import { consumers, producers, replaceNodes } from "../rewrite.ts";

/** The shuffle that a Reshape, which ends it, and the nodes before it are. */
function shuffleThrough(
  last: Node,
  uses: ReadonlyMap<string, number>,
  makers: ReadonlyMap<string, Node>,
  values: ReadonlyMap<string, ValueType>,
): Node | undefined {
  if (last.op !== "Reshape") return undefined;
  const transpose = makers.get(last.inputs[0]);
  if (transpose?.op !== "Transpose" || uses.get(transpose.output) !== 1) return undefined;
  const first = makers.get(transpose.inputs[0]);
  if (first?.op !== "Reshape" || uses.get(first.output) !== 1) return undefined;
  const { dims } = values.get(first.inputs[0])!;
  const [batch, group, channels, ...rest] = first.attributes.dims;
  const swapsTwo = transpose.attributes.perm.every((axis, i) => axis === ([0, 2, 1][i] ?? i));
  const splits = dims.length === 4 && batch === dims[0] && group * channels === dims[1];
  // The pixels may be one axis; their number follows from that of all elements.
  if (!swapsTwo || !splits || elementCount(rest) !== elementCount(dims.slice(2))) return undefined;
  if (formatDims(last.attributes.dims) !== formatDims(dims)) return undefined;
  return { op: "ChannelShuffle", name: last.name, inputs: [first.inputs[0]], output: last.output, attributes: { group } };
}

export function recogniseShuffle(graph: Graph): Graph {
  const [uses, makers, values] = [consumers(graph), producers(graph), inferShapes(graph)];
  const replaced = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    const shuffle = shuffleThrough(node, uses, makers, values);
    if (shuffle === undefined) continue;
    const transpose = makers.get(node.inputs[0])!;
    replaced.set(makers.get(transpose.inputs[0])!, undefined).set(transpose, undefined).set(node, shuffle);
  }
  return replaceNodes(graph, replaced);
}
