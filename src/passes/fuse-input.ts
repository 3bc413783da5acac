// fuseInput: what is done to each channel of a 1×1 convolution's input alone happens while the convolution reads it.
//
//   a · s → Conv                              s [N,C,1,1]: squeeze-and-excite's scale
//   Relu(BatchNormalization(a)) → Conv        pre-activation, as in DenseNet
//
// So the image between the two is never written.
import type { Graph, Node, NodeOf, ValueType } from "../graph/graph.ts";
import { inferShapes } from "../graph/shapes.ts";
import { formatDims } from "../tensor.ts";
import { affineOf, vectorsOf } from "./fold-batch-norm.ts";
import { addParameter, consumers, producers, replaceNodes } from "./rewrite.ts";

/** A convolution whose input each result reads once: others would do the same work again for each of a window's taps. */
function readsOnce({ inputs, attributes }: NodeOf<"Conv">): boolean {
  return attributes.group === 1 && attributes.kernelShape.every((n) => n === 1) && !inputs[5];
}

/** An image and a factor for each of its channels, if a product is of those. */
function scaled(mul: NodeOf<"Mul">, values: ReadonlyMap<string, ValueType>): [image: string, factors: string] | undefined {
  if (mul.attributes.activation !== undefined) return undefined;
  const result = values.get(mul.output)!.dims;
  const dimsOf = (name: string) => formatDims(values.get(name)!.dims);
  const orders: [string, string][] = [
    [mul.inputs[0], mul.inputs[1]],
    [mul.inputs[1], mul.inputs[0]],
  ];
  const each = result.length === 4 ? formatDims([result[0], result[1], 1, 1]) : "";
  return orders.find(([image, factors]) => dimsOf(image) === formatDims(result) && dimsOf(factors) === each);
}

export function fuseInput(graph: Graph): Graph {
  const values = inferShapes(graph);
  const uses = consumers(graph);
  const makers = producers(graph);
  const parameters = new Map(graph.parameters);
  const fused = new Map<Node, Node | undefined>();
  for (const conv of graph.nodes) {
    if (conv.op !== "Conv" || !readsOnce(conv)) continue;
    const maker = makers.get(conv.inputs[0]);
    if (maker === undefined || uses.get(maker.output) !== 1) continue;
    const [, weight, bias = "", scale = "", residual = ""] = conv.inputs;
    if (maker.op === "Mul") {
      const found = scaled(maker, values);
      if (found === undefined) continue;
      const [image, factors] = found;
      fused.set(maker, undefined);
      fused.set(conv, { ...conv, inputs: [image, weight, bias, scale, residual, factors] });
    } else if (maker.op === "BatchNormalization") {
      const { activation: inputActivation } = maker.attributes;
      const vectors = vectorsOf(graph, maker);
      if (inputActivation?.op !== "Relu" || vectors === undefined) continue;
      const { scale: factors, shift } = affineOf(vectors, maker.attributes.epsilon);
      const inputs = [
        ...[maker.inputs[0], weight, bias, scale, residual],
        addParameter(parameters, `${maker.name}/factors`, factors, [1, factors.length, 1, 1]),
        addParameter(parameters, `${maker.name}/addends`, shift),
      ];
      fused.set(maker, undefined);
      fused.set(conv, { ...conv, inputs, attributes: { ...conv.attributes, inputActivation } });
    }
  }
  return replaceNodes({ ...graph, parameters }, fused);
}
