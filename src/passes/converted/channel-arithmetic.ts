// channelArithmetic: constants for each channel of an image, [1,C,1,1], or one for all, become what other passes know how to fuse.
//
//   x · a + b      →  BatchNormalization(x) with scale a, bias b, mean 0 and variance 1: as which it was trained
//   Conv(x) + b    →  Conv(x) with bias b, added to the one that it may have
//
// A difference is a sum with −b.
import type { Graph, Node } from "../../graph/graph.ts";
import { dimsOfRank, inferShapes } from "../../graph/shapes.ts";
import { addParameter, consumers, producers, replaceNodes } from "../rewrite.ts";

/** An image, and a constant for each of its channels that an operator puts to it. */
interface Put {
  readonly image: string;
  readonly constants: Float32Array;
}

export function channelArithmetic(graph: Graph): Graph {
  const values = inferShapes(graph);
  const uses = consumers(graph);
  const makers = producers(graph);
  const parameters = new Map(graph.parameters);
  const fused = new Map<Node, Node | undefined>();
  const put = ({ inputs: [a, b], output, attributes }: Node, either: boolean): Put | undefined => {
    const { dims } = values.get(output)!;
    const perChannel = (name: string, image: string): Put | undefined => {
      const { dims: own = [], data } = graph.parameters.get(name) ?? {};
      if (data === undefined || dims.length !== 4 || values.get(image)!.dims.join() !== dims.join()) return undefined;
      if (data.length === 1) return { image, constants: new Float32Array(dims[1]).fill(Number(data[0])) };
      return dimsOfRank(4, own).join() === [1, dims[1], 1, 1].join() ? { image, constants: data as Float32Array } : undefined;
    };
    if ("activation" in attributes && attributes.activation) return undefined;
    return perChannel(b, a) ?? (either ? perChannel(a, b) : undefined);
  };
  for (const node of graph.nodes) {
    const sum = node.op === "Add" || node.op === "Sub" ? put(node, node.op === "Add") : undefined;
    if (sum === undefined) continue;
    const maker = makers.get(sum.image);
    if (maker === undefined || uses.get(maker.output) !== 1) continue;
    const { name, output } = node;
    const addends = node.op === "Sub" ? sum.constants.map((n) => -n) : sum.constants;
    const vector = (part: string, data: Float32Array) => addParameter(parameters, `${name}/${part}`, data);
    const product = maker.op === "Mul" ? put(maker, true) : undefined;
    if (product !== undefined) {
      const inputs = [
        product.image,
        vector("scale", product.constants),
        vector("bias", addends),
        vector("mean", new Float32Array(addends.length)),
        vector("variance", new Float32Array(addends.length).fill(1)),
      ];
      fused.set(maker, undefined);
      fused.set(node, { op: "BatchNormalization", name, inputs, output, attributes: { epsilon: 0 } });
    } else if (maker.op === "Conv" && !maker.inputs.slice(3).some(Boolean) && maker.attributes.activation === undefined) {
      const [x, weight, bias = ""] = maker.inputs;
      const known = graph.parameters.get(bias)?.data as Float32Array | undefined;
      if (bias !== "" && known === undefined) continue;
      const both = known === undefined ? addends : addends.map((n, i) => n + known[i]);
      fused.set(maker, undefined);
      fused.set(node, { ...maker, inputs: [x, weight, vector("bias", both)], output });
    }
  }
  return replaceNodes({ ...graph, parameters }, fused);
}
