// From the graph that was read to the one that is compiled.
import type { Graph } from "../graph/graph.ts";
import { wanted } from "./wanted.ts";

/** Whether a graph has what converters from other frameworks write, and exporters mostly do not. */
const isConverted = ({ nodes, parameters }: Graph): boolean =>
  nodes.some(
    ({ op, inputs, attributes }) =>
      op === "Pad" ||
      (op === "Transpose" && attributes.perm.length > 3) ||
      ((op === "Add" || op === "Sub") && inputs.some((name) => parameters.has(name))),
  );

/**
 * The same network, of which those that were converted are rewritten, by code that others do without.
 * @throws HostError where that code does not come
 */
export async function compilable(graph: Graph): Promise<Graph> {
  return isConverted(graph) ? (await wanted(import("../passes/converted/index.ts"))).rewriteConverted(graph) : graph;
}
