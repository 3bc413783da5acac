// fuseActivation: an activation that alone reads a result is applied where the result is made.
import type { Graph, Node } from "../graph/graph.ts";
import { type Activation, activationOperators, type Fusable } from "../graph/operators.ts";
import { consumers, producers, replaceNodes } from "./rewrite.ts";

const hosts: ReadonlySet<string> = new Set(["Conv", "Gemm", "BatchNormalization", "Add", "Sub", "Mul", "Div"]);

export function fuseActivation(graph: Graph): Graph {
  const uses = consumers(graph);
  const makers = producers(graph);
  const fused = new Map<Node, Node | undefined>();
  for (const node of graph.nodes) {
    if (!activationOperators.has(node.op)) continue;
    const host = makers.get(node.inputs[0]);
    if (host === undefined || !hosts.has(host.op) || uses.get(host.output) !== 1) continue;
    if ((host.attributes as Fusable).activation !== undefined) continue;
    const activation = { op: node.op, ...node.attributes } as Activation;
    fused.set(host, { ...host, output: node.output, attributes: { ...host.attributes, activation } } as Node);
    fused.set(node, undefined);
  }
  return replaceNodes(graph, fused);
}
