// fusePad: a Pad with zeros that only a Conv reads becomes the Conv's own pads. Converters write one for TensorFlow's "same" padding
// with strides, PyTorch users for the same reason.
import type { Graph, Node } from "../../graph/graph.ts";
import type { Pads } from "../../graph/operators.ts";
import { consumers, producers, replaceNodes } from "../rewrite.ts";

export function fusePad(graph: Graph): Graph {
  const uses = consumers(graph);
  const makers = producers(graph);
  const fused = new Map<Node, Node | undefined>();
  for (const conv of graph.nodes) {
    const pad = conv.op === "Conv" ? makers.get(conv.inputs[0]) : undefined;
    if (conv.op !== "Conv" || pad?.op !== "Pad" || uses.get(pad.output) !== 1) continue;
    const { before, after, value } = pad.attributes;
    const [, , top, left] = before;
    const [, , bottom, right] = after;
    const inPlane = [...before.slice(0, 2), ...after.slice(0, 2)].every((n) => n === 0);
    if (value !== 0 || !inPlane || Math.min(top, left, bottom, right) < 0) continue;
    const more = [top, left, bottom, right];
    const pads = conv.attributes.pads.map((n, side) => n + more[side]) as unknown as Pads;
    fused.set(pad, undefined);
    fused.set(conv, { ...conv, inputs: [pad.inputs[0], ...conv.inputs.slice(1)], attributes: { ...conv.attributes, pads } });
  }
  return replaceNodes(graph, fused);
}
