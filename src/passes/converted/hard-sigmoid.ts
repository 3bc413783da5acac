// hardSigmoid: Clip(x + 3, 0, 6) · 1/6, or ÷ 6, becomes HardSigmoid with slope 1/6 and offset 1/2: MobileNet v3's gate, as frameworks
// without the operator write it.
import type { Graph, Node } from "../../graph/graph.ts";
import { consumers, producers, replaceNodes } from "../rewrite.ts";

export function hardSigmoid(graph: Graph): Graph {
  const uses = consumers(graph);
  const makers = producers(graph);
  const fused = new Map<Node, Node | undefined>();
  /** The other input of a node one of whose inputs is this number, or undefined. */
  const besides = ({ inputs: [a, b] }: Node, number: number): string | undefined => {
    const is = (name: string) => {
      const data = graph.parameters.get(name)?.data;
      return data?.length === 1 && data[0] === Math.fround(number);
    };
    return is(b) ? a : is(a) ? b : undefined;
  };
  for (const node of graph.nodes) {
    const divides = node.op === "Div" && besides(node, 6) === node.inputs[0];
    if (!divides && node.op !== "Mul") continue;
    const limited = divides ? node.inputs[0] : besides(node, 1 / 6);
    const clip = limited === undefined ? undefined : makers.get(limited);
    if (clip?.op !== "Clip" || clip.attributes.min !== 0 || clip.attributes.max !== 6 || uses.get(clip.output) !== 1) continue;
    const sum = makers.get(clip.inputs[0]);
    const x = sum?.op === "Add" && uses.get(sum.output) === 1 ? besides(sum, 3) : undefined;
    if (sum === undefined || x === undefined) continue;
    fused.set(sum, undefined).set(clip, undefined);
    const { name, output } = node;
    fused.set(node, { op: "HardSigmoid", name, inputs: [x], output, attributes: { alpha: 1 / 6, beta: 0.5 } });
  }
  return replaceNodes(graph, fused);
}
