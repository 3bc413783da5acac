// fuseResidual: Conv → Add becomes one Conv that adds the other operand before its activation (ResNet's shortcuts).
import type { Graph, Node } from "../graph/graph.ts";
import { inferShapes } from "../graph/shapes.ts";
import { formatDims } from "../tensor.ts";
import { consumers, producers, replaceNodes } from "./rewrite.ts";

export function fuseResidual(graph: Graph): Graph {
  const values = inferShapes(graph);
  const uses = consumers(graph);
  const makers = producers(graph);
  const order = new Map(graph.nodes.map((node, i) => [node.output, i]));
  const fused = new Map<Node, Node | undefined>();
  for (const add of graph.nodes) {
    if (add.op !== "Add") continue;
    // Of two convolutions the later one takes in the earlier one's result: it can be computed in place of it.
    const operands = [...add.inputs].sort((a, b) => (order.get(b) ?? -1) - (order.get(a) ?? -1));
    for (const [made, other] of [operands, [operands[1], operands[0]]]) {
      const conv = makers.get(made);
      if (conv?.op !== "Conv" || fused.has(conv) || made === other || uses.get(made) !== 1) continue;
      if (conv.attributes.activation !== undefined || conv.inputs[4]) continue;
      if (formatDims(values.get(made)!.dims) !== formatDims(values.get(other)!.dims)) continue;
      const [x, weight, bias = "", scale = ""] = conv.inputs;
      fused.set(conv, undefined);
      // In the Add's stead: there, both the convolution's inputs and the other operand exist.
      fused.set(add, {
        ...conv,
        inputs: [x, weight, bias, scale, other],
        output: add.output,
        attributes: { ...conv.attributes, activation: add.attributes.activation },
      });
      break;
    }
  }
  return replaceNodes(graph, fused);
}
