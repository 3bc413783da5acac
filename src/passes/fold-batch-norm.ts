// foldBatchNorm: Conv → BatchNormalization becomes one Conv.
//
//   γ·(W∗x + b − μ)/√(σ² + ε) + β  =  (s·W)∗x + (β + (b − μ)·s),   s = γ/√(σ² + ε)
//
// The weight stays as stored; s becomes the Conv's `scale` input, applied when weights are packed.
import type { Graph, Node, NodeOf } from "../graph/graph.ts";
import type { TensorData } from "../tensor.ts";
import { addParameter, consumers, producers, replaceNodes } from "./rewrite.ts";

/**
 * BatchNormalization of x + bias as scale·x + shift, computed in float64 and rounded once.
 * @param parameters scale γ, bias β, mean μ and variance σ², each [C]
 */
export function affineOf([gamma, beta, mean, variance]: readonly Float32Array[], epsilon: number, bias?: TensorData) {
  const factors = new Float64Array(gamma).map((g, i) => g / Math.sqrt(variance[i] + epsilon));
  const shift = factors.map((factor, i) => beta[i] + (Number(bias?.[i] ?? 0) - mean[i]) * factor);
  return { scale: new Float32Array(factors), shift: new Float32Array(shift) };
}

/** A BatchNormalization's scale γ, bias β, mean μ and variance σ², where all of them are constant. */
export function vectorsOf(graph: Graph, norm: NodeOf<"BatchNormalization">): readonly Float32Array[] | undefined {
  const vectors = norm.inputs.slice(1).map((name) => graph.parameters.get(name)?.data);
  return vectors.includes(undefined) ? undefined : (vectors as Float32Array[]);
}

export function foldBatchNorm(graph: Graph): Graph {
  const uses = consumers(graph);
  const makers = producers(graph);
  const parameters = new Map(graph.parameters);
  const folded = new Map<Node, Node | undefined>();
  for (const norm of graph.nodes) {
    if (norm.op !== "BatchNormalization") continue;
    const conv = makers.get(norm.inputs[0]);
    if (conv?.op !== "Conv" || uses.get(conv.output) !== 1) continue;
    // What already has a scale, a residual or an activation is no longer linear in its weight alone.
    if (conv.inputs[3] || conv.inputs[4] || conv.attributes.activation) continue;
    const vectors = vectorsOf(graph, norm);
    const biasName = conv.inputs[2];
    const bias = biasName ? graph.parameters.get(biasName)?.data : undefined;
    if (vectors === undefined || (biasName && bias === undefined)) continue;
    const { scale, shift } = affineOf(vectors, norm.attributes.epsilon, bias);
    const vector = (part: string, data: Float32Array) => addParameter(parameters, `${norm.name}/${part}`, data);
    const inputs = [conv.inputs[0], conv.inputs[1], vector("shift", shift), vector("scale", scale)];
    folded.set(conv, undefined);
    const attributes = { ...conv.attributes, activation: norm.attributes.activation };
    folded.set(norm, { ...conv, inputs, output: norm.output, attributes });
  }
  return replaceNodes({ ...graph, parameters }, folded);
}
