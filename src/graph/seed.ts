// Weights from a seed, for architectures without trained ones.
import { elementCount, Tensor } from "../tensor.ts";
import type { Graph, Weights } from "./graph.ts";

/** FNV-1a, 32 bits. */
function hash(text: string, seed: number): number {
  let h = (2166136261 ^ seed) >>> 0;
  for (let i = 0; i < text.length; ++i) h = Math.imul(h ^ text.charCodeAt(i), 16777619) >>> 0;
  return h;
}

/** Mulberry32: numbers in [0, 1) from integer arithmetic alone, the same on every host. */
function generator(state: number): () => number {
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t = (t + Math.imul(t ^ (t >>> 7), t | 61)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Weights for the parameters of an architecture that have none, so that it can be timed and looked at: He's uniform initialisation
 * (arXiv:1502.01852) for weights, 1 for normalisations' scale and variance, 0 for the rest. The same seed gives the
 * same bytes on every host.
 */
export function seedWeights(graph: Graph, seed = 1): Weights {
  const roles = new Map<string, "weight" | "one">();
  for (const node of graph.nodes) {
    if (node.op === "Conv" || node.op === "Gemm") roles.set(node.inputs[1], "weight");
    if (node.op === "BatchNormalization") roles.set(node.inputs[1], "one").set(node.inputs[4], "one");
  }
  const weights = new Map<string, Tensor>();
  for (const [name, { dims, data: given }] of graph.parameters) {
    if (given !== undefined) continue;
    const data = new Float32Array(elementCount(dims));
    const role = roles.get(name);
    if (role === "one") data.fill(1);
    if (role === "weight") {
      const limit = Math.sqrt(6 / elementCount(dims.slice(1)));
      const next = generator(hash(name, seed));
      for (let i = 0; i < data.length; ++i) data[i] = (2 * next() - 1) * limit;
    }
    weights.set(name, new Tensor("float32", data, dims));
  }
  return weights;
}
