// Weights into a graph, by name: all of them, or those that fit.
import { WeightsError } from "../errors.ts";
import { formatDims } from "../tensor.ts";
import type { Graph, Parameter, ValueType, Weights } from "./graph.ts";
import { seedWeights } from "./seed.ts";

/** A tensor that has a parameter's name, but another type or other dims. */
export interface Misshapen {
  readonly name: string;
  /** What the weights hold. */
  readonly found: ValueType;
  /** What the graph wants. */
  readonly wanted: ValueType;
}

/** How weights went with a graph. */
export interface WeightsReport {
  /** Parameters that took a tensor of the weights. */
  readonly loaded: readonly string[];
  /** Parameters that no tensor of the weights is called after, and that had no data of their own. */
  readonly missing: readonly string[];
  /** Tensors that no parameter is called after. */
  readonly unexpected: readonly string[];
  readonly misshapen: readonly Misshapen[];
}

/** Names of tensors that training frameworks save beside the weights and inference has no use for. */
const bookkeeping = /\.num_batches_tracked$/;

const typeOf = ({ type, dims }: ValueType): ValueType => ({ type, dims });
const formatType = ({ type, dims }: ValueType): string => `${type} ${formatDims(dims)}`;

/** One line about a tensor of another shape: `fc.weight (float32 [1000,64], not float32 [10,64])`. */
export function formatMisshapen({ name, found, wanted }: Misshapen): string {
  return `${name} (${formatType(found)}, not ${formatType(wanted)})`;
}

/** The graph with data in those parameters that a tensor fits. */
function match(graph: Graph, weights: Weights): { graph: Graph; report: WeightsReport } {
  const loaded: string[] = [];
  const missing: string[] = [];
  const misshapen: Misshapen[] = [];
  const parameters = new Map<string, Parameter>(graph.parameters);
  for (const [name, parameter] of graph.parameters) {
    const tensor = weights.get(name);
    if (tensor === undefined) {
      if (parameter.data === undefined) missing.push(name);
    } else if (formatType(tensor) !== formatType(parameter)) {
      misshapen.push({ name, found: typeOf(tensor), wanted: typeOf(parameter) });
    } else {
      parameters.set(name, { ...parameter, data: tensor.data });
      loaded.push(name);
    }
  }
  const unexpected = [...weights.keys()].filter((name) => !graph.parameters.has(name) && !bookkeeping.test(name));
  return { graph: { ...graph, parameters }, report: { loaded, missing, unexpected, misshapen } };
}

function misfit(what: string, { missing, unexpected, misshapen }: WeightsReport): WeightsError {
  return new WeightsError(what, missing, unexpected, misshapen.map(formatMisshapen));
}

/**
 * The graph with data in its parameters.
 * @param weights a tensor for every parameter that has no data yet, by name
 * @throws WeightsError listing every missing, unexpected and mis-shaped tensor
 */
export function bindWeights(graph: Graph, weights: Weights): Graph {
  const { graph: bound, report } = match(graph, weights);
  if (report.missing.length + report.misshapen.length + report.unexpected.length > 0) {
    throw misfit(`the weights do not fit "${graph.name}"`, report);
  }
  return bound;
}

/**
 * The graph with those weights in its parameters that fit, as when a trained network begins another with other classes.
 * Parameters that get none keep the data they have, or begin as {@link seedWeights} has them.
 * @param weights tensors by name
 * @param seed of the numbers in parameters that get no tensor
 * @returns the graph, and what was loaded, is missing, has no place, or has another shape
 * @throws WeightsError where not one tensor fits
 */
export function fitWeights(graph: Graph, weights: Weights, seed = 1): { graph: Graph; report: WeightsReport } {
  const { graph: matched, report } = match(graph, weights);
  if (report.loaded.length === 0 && weights.size > 0) throw misfit(`none of the weights fits "${graph.name}"`, report);
  const empty = new Map([...matched.parameters].filter(([, { data }]) => data === undefined));
  const seeded = seedWeights({ ...matched, parameters: empty }, seed);
  const parameters = new Map(matched.parameters);
  for (const [name, { data }] of seeded) parameters.set(name, { ...matched.parameters.get(name)!, data });
  return { graph: { ...matched, parameters }, report };
}
