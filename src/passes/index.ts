// The passes, in the order in which they run. Each is a function (graph) => graph; the checker runs after every one.
import { MinnowError } from "../errors.ts";
import { checkGraph } from "../graph/check.ts";
import type { Graph } from "../graph/graph.ts";
import { dropNoOps } from "./drop-no-ops.ts";
import { foldBatchNorm } from "./fold-batch-norm.ts";
import { fuseActivation } from "./fuse-activation.ts";
import { fuseInput } from "./fuse-input.ts";
import { fuseResidual } from "./fuse-residual.ts";
import { fuseShuffle } from "./fuse-shuffle.ts";
import { fuseSwish } from "./fuse-swish.ts";
import { nestConcats } from "./nest-concats.ts";

type Pass = (graph: Graph) => Graph;

const passes: readonly Pass[] = [
  dropNoOps,
  fuseShuffle,
  foldBatchNorm,
  fuseSwish,
  // Before residuals: the activation of a sum then moves into the convolution together with the sum.
  fuseActivation,
  fuseResidual,
  // After residuals, which the same convolution may have.
  fuseInput,
  nestConcats,
];

const sameNodes = (a: Graph, b: Graph): boolean =>
  a.nodes.length === b.nodes.length && a.nodes.every((node, i) => node === b.nodes[i]);

/** Runs passes one after the other, and checks what each has made. */
export function runPasses(list: readonly Pass[], graph: Graph): Graph {
  return list.reduce((current, pass) => {
    const next = pass(current);
    // Of this one all shapes are known.
    if (sameNodes(current, next)) return current;
    try {
      checkGraph(next);
    } catch (error) {
      throw new MinnowError(`pass ${pass.name} broke the graph: ${(error as Error).message}`, undefined, { cause: error });
    }
    return next;
  }, graph);
}

/** Runs every pass. */
export const optimise = (graph: Graph): Graph => runPasses(passes, graph);
