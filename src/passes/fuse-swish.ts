// fuseSwish: x · Sigmoid(x) becomes Swish, x · HardSigmoid(x) with slope 1/6 and offset 1/2 becomes HardSwish: exporters
// write them as two operators.
import type { Graph, Node } from "../graph/graph.ts";
import { consumers, producers, replaceNodes } from "./rewrite.ts";

function gatedForm(gate: Node): "Swish" | "HardSwish" | undefined {
  if (gate.op === "Sigmoid") return "Swish";
  if (gate.op !== "HardSigmoid") return undefined;
  const { alpha, beta } = gate.attributes;
  return Math.fround(alpha) === Math.fround(1 / 6) && beta === 0.5 ? "HardSwish" : undefined;
}

export function fuseSwish(graph: Graph): Graph {
  const uses = consumers(graph);
  const makers = producers(graph);
  const fused = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    if (node.op !== "Mul" || node.attributes.activation) continue;
    for (const [x, gated] of [node.inputs, [...node.inputs].reverse()]) {
      const gate = makers.get(gated);
      const op = gate && gatedForm(gate);
      if (gate === undefined || op === undefined || gate.inputs[0] !== x || uses.get(gated) !== 1) continue;
      fused.set(gate, undefined);
      fused.set(node, { op, name: node.name, inputs: [x], output: node.output, attributes: {} });
      break;
    }
  }
  return replaceNodes(graph, fused);
}
