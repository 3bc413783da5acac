// dropNoOps: removes nodes that change nothing: Identity, reshapes to the same dims, slices of everything, pads by
// nothing, pools of every single pixel (an adaptive pool to the size that the image has), a Concat of one, a shuffle in
// one group. Also removes nodes whose results nobody reads.
import type { Graph, Node, ValueType } from "../graph/graph.ts";
import { inferShapes } from "../graph/shapes.ts";
import { formatDims } from "../tensor.ts";

function isNoOp(node: Node, values: ReadonlyMap<string, ValueType>): boolean {
  const keepsDims = () => formatDims(values.get(node.inputs[0])!.dims) === formatDims(values.get(node.output)!.dims);
  switch (node.op) {
    case "Identity":
      return true;
    case "Concat":
      return node.inputs.length === 1;
    case "ChannelShuffle":
      return node.attributes.group === 1 && node.attributes.range === undefined;
    case "MaxPool":
    case "AveragePool":
      return node.attributes.kernelShape.every((size) => size === 1) && keepsDims();
    case "Pad":
      // One that both adds and removes may keep the dims and still move values.
      return [...node.attributes.before, ...node.attributes.after].every((n) => n === 0);
    case "Reshape":
    case "Flatten":
    case "Slice":
      return keepsDims();
    default:
      return false;
  }
}

export function dropNoOps(graph: Graph): Graph {
  const values = inferShapes(graph);
  const outputs = new Set(graph.outputs.map((output) => output.name));
  const fixed = new Set([...graph.inputs.map((input) => input.name), ...graph.parameters.keys(), ...outputs]);
  // What each dropped value is another name of. A result's name must survive: then the node that computes it is
  // renamed instead, or the no-op stays where that one's name must survive too.
  const renamed = new Map<string, string>();
  const nameOf = (name: string): string => (renamed.has(name) ? nameOf(renamed.get(name)!) : name);
  const kept = graph.nodes.filter((node) => {
    if (!isNoOp(node, values)) return true;
    const input = nameOf(node.inputs[0]);
    if (!outputs.has(node.output)) {
      renamed.set(node.output, input);
      return false;
    }
    if (fixed.has(input)) return true;
    renamed.set(input, node.output);
    return false;
  });
  const rename = (node: Node) => ({ ...node, inputs: node.inputs.map(nameOf), output: nameOf(node.output) }) as Node;
  const nodes = renamed.size === 0 ? kept : kept.map(rename);

  const needed = new Set(outputs);
  const live = nodes.reverse().filter((node) => {
    if (!needed.has(node.output)) return false;
    for (const name of node.inputs) needed.add(name);
    return true;
  });
  return { ...graph, nodes: live.reverse() };
}
