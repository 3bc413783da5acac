// Runs a whole graph in float64 with the reference operators, also in the fused forms that passes make:
//
//   y = activation(operator(inputs))                                          any operator with an `activation`
//   y = activation(conv(x, weight · scale) + bias + residual)                 Conv with inputs[3] and inputs[4]
//   y = conv(inputActivation(x · factors + addends), …)                       Conv with inputs[5] and inputs[6]
import type { Graph, Node } from "../../src/graph/graph.ts";
import type { Activation } from "../../src/graph/operators.ts";
import type { Tensor } from "../../src/tensor.ts";
import { activation } from "./activation.ts";
import { conv } from "./conv.ts";
import { add, div, mul, sub } from "./elementwise.ts";
import { gemm } from "./gemm.ts";
import { lrn } from "./lrn.ts";
import { batchNormalization } from "./normalisation.ts";
import { averagePool, globalAveragePool, maxPool } from "./pool.ts";
import { resize } from "./resize.ts";
import { channelShuffle, concat, flatten, pad, reshape, slice, transpose } from "./shape.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { toValue, type Value } from "./value.ts";

/** What a node computes, before its fused activation. */
function compute(node: Node, inputs: readonly (Value | undefined)[]): Value {
  const [a, b, c, d, e, f, g] = inputs as readonly Value[];
  switch (node.op) {
    case "Conv": {
      const { inputActivation } = node.attributes;
      let x = f === undefined ? a : mul(a, f);
      if (g !== undefined) x = add(x, { dims: [1, g.dims[0], 1, 1], data: g.data });
      if (inputActivation !== undefined) x = activation(x, inputActivation);
      const y = conv(x, b, c, d, node.attributes);
      return e === undefined ? y : add(y, e);
    }
    case "Gemm":
      return gemm(a, b, c, node.attributes);
    case "MaxPool":
      return maxPool(a, node.attributes);
    case "AveragePool":
      return averagePool(a, node.attributes);
    case "GlobalAveragePool":
      return globalAveragePool(a);
    case "BatchNormalization":
      return batchNormalization(a, b, c, d, e, node.attributes);
    case "LRN":
      return lrn(a, node.attributes);
    case "Softmax":
      return softmax(a, node.attributes);
    case "LogSoftmax":
      return logSoftmax(a, node.attributes);
    case "Add":
      return add(a, b);
    case "Sub":
      return sub(a, b);
    case "Mul":
      return mul(a, b);
    case "Div":
      return div(a, b);
    case "Concat":
      return concat(inputs as readonly Value[], node.attributes);
    case "Slice":
      return slice(a, node.attributes);
    case "Pad":
      return pad(a, node.attributes);
    case "Resize":
      return resize(a, node.attributes);
    case "Flatten":
      return flatten(a, node.attributes);
    case "Transpose":
      return transpose(a, node.attributes);
    case "ChannelShuffle":
      return channelShuffle(a, node.attributes);
    case "Reshape":
      return reshape(a, node.attributes);
    case "Identity":
      return a;
    case "Relu":
    case "Clip":
    case "LeakyRelu":
    case "Elu":
    case "Sigmoid":
    case "HardSigmoid":
    case "HardSwish":
    case "Swish":
      return activation(a, { op: node.op, ...node.attributes } as Activation);
  }
}

/**
 * @param inputs a tensor for each of the graph's inputs
 * @returns every value by name: inputs, parameters and what each node computes
 */
export function evaluate(graph: Graph, inputs: Readonly<Record<string, Tensor>>): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const { name } of graph.inputs) {
    if (inputs[name] === undefined) throw new Error(`no tensor for input "${name}"`);
    values.set(name, toValue(inputs[name]));
  }
  for (const [name, { data, dims }] of graph.parameters) {
    if (data === undefined) throw new Error(`parameter "${name}" has no data`);
    values.set(name, toValue({ data, dims }));
  }
  for (const node of graph.nodes) {
    const y = compute(
      node,
      node.inputs.map((name) => values.get(name)),
    );
    const fused = "activation" in node.attributes ? node.attributes.activation : undefined;
    values.set(node.output, activation(y, fused));
  }
  return values;
}
