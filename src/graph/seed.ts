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
 * How much of He's range, or of a normalisation's scale of 1, the last layer of a residual branch gets. Without real statistics
 * nothing normalises, and sums of equal parts would double the variance with every block: after thirty blocks Swish and Sigmoid
 * give denormal numbers, on which arithmetic is ten times slower, so that times would say nothing. (Goyal et al.,
 * arXiv:1706.02677, begin training with 0 here; ours must still count in the result.)
 */
const BRANCH = 0.25;

/** Names of the weights, or of the normalisations' scales, that end a residual branch: what only an Add reads. */
function branchEnds({ nodes }: Graph): Set<string> {
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) for (const input of inputs) readers.set(input, (readers.get(input) ?? 0) + 1);
  const ends = new Map(
    nodes
      .filter(({ op, output }) => (op === "Conv" || op === "BatchNormalization") && readers.get(output) === 1)
      .map(({ inputs, output }) => [output, inputs[1]]),
  );
  // Of a sum of two branches one is the shortcut.
  return new Set(
    nodes.flatMap(({ op, inputs }) => (op === "Add" ? inputs.flatMap((input) => ends.get(input) ?? []).slice(0, 1) : [])),
  );
}

/**
 * Weights for the parameters of an architecture that have none, so that it can be timed and looked at: He's uniform initialisation
 * (arXiv:1502.01852) for weights, 1 for normalisations' scale and variance, 0 for the rest; the ends of residual branches are
 * smaller, so that deep networks stay within range. The same seed gives the same bytes on every host.
 */
export function seedWeights(graph: Graph, seed = 1): Weights {
  const roles = new Map<string, "weight" | "one">();
  for (const node of graph.nodes) {
    if (node.op === "Conv" || node.op === "Gemm") roles.set(node.inputs[1], "weight");
    if (node.op === "BatchNormalization") roles.set(node.inputs[1], "one").set(node.inputs[4], "one");
  }
  const ends = branchEnds(graph);
  const weights = new Map<string, Tensor>();
  for (const [name, { dims, data: given }] of graph.parameters) {
    if (given !== undefined) continue;
    const data = new Float32Array(elementCount(dims));
    const role = roles.get(name);
    const gain = ends.has(name) ? BRANCH : 1;
    if (role === "one") data.fill(gain);
    if (role === "weight") {
      const limit = Math.sqrt(6 / elementCount(dims.slice(1))) * gain;
      const next = generator(hash(name, seed));
      for (let i = 0; i < data.length; ++i) data[i] = (2 * next() - 1) * limit;
    }
    weights.set(name, new Tensor("float32", data, dims));
  }
  return weights;
}
