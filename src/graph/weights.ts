// Weights into a graph, by name.
import { WeightsError } from "../errors.ts";
import { formatDims } from "../tensor.ts";
import type { Graph, Parameter, Weights } from "./graph.ts";

/** Names of tensors that training frameworks save beside the weights and inference has no use for. */
const bookkeeping = /\.num_batches_tracked$/;

/**
 * The graph with data in its parameters.
 * @param weights a tensor for every parameter that has no data yet, by name
 * @throws WeightsError listing every missing, unexpected and mis-shaped tensor
 */
export function bindWeights(graph: Graph, weights: Weights): Graph {
  const missing: string[] = [];
  const misshapen: string[] = [];
  const parameters = new Map<string, Parameter>();
  for (const [name, parameter] of graph.parameters) {
    const tensor = weights.get(name);
    if (tensor === undefined) {
      if (parameter.data === undefined) missing.push(name);
      parameters.set(name, parameter);
    } else if (tensor.type !== parameter.type || formatDims(tensor.dims) !== formatDims(parameter.dims)) {
      misshapen.push(`${name} (${tensor.type} ${formatDims(tensor.dims)}, not ${parameter.type} ${formatDims(parameter.dims)})`);
    } else {
      parameters.set(name, { ...parameter, data: tensor.data });
    }
  }
  const unexpected = [...weights.keys()].filter((name) => !graph.parameters.has(name) && !bookkeeping.test(name));
  if (missing.length + misshapen.length + unexpected.length > 0) {
    throw new WeightsError(`the weights do not fit "${graph.name}"`, missing, unexpected, misshapen);
  }
  return { ...graph, parameters };
}
