// What the translations for engines whose images are [N,H,W,C] share.
import type { Graph } from "../src/graph/graph.ts";
import type { Activation } from "../src/graph/operators.ts";
import { dropNoOps } from "../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../src/passes/fold-batch-norm.ts";
import { fuseActivation } from "../src/passes/fuse-activation.ts";

/** A list with an element for each axis, in the order of NHWC. */
export const byAxis = <T>(list: readonly T[]): T[] => (list.length === 4 ? [list[0], list[2], list[3], list[1]] : [...list]);

/** The graph with BatchNormalization folded and activations fused, as those engines' own converters do. */
export const converted = (graph: Graph): Graph =>
  [dropNoOps, foldBatchNorm, fuseActivation].reduce((current, pass) => pass(current), graph);

/** Whether an activation is the one of MobileNets, which those engines compute within convolutions. */
export const isRelu6 = (activation: Activation | undefined): boolean =>
  activation?.op === "Clip" && activation.min === 0 && activation.max === 6;
