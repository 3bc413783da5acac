// Graphs as converters from other frameworks write them, or exporters in small pieces, brought into the form that the passes beside
// this folder fuse. Loaded when such a graph is: most pages never see one.
import type { Graph } from "../../graph/graph.ts";
import { dropNoOps } from "../drop-no-ops.ts";
import { runPasses } from "../index.ts";
import { channelArithmetic } from "./channel-arithmetic.ts";
import { channelsFirst } from "./channels-first.ts";
import { fusePad } from "./fuse-pad.ts";
import { hardSigmoid } from "./hard-sigmoid.ts";
import { recogniseShuffle } from "./recognise-shuffle.ts";

/** The same network; its inputs may have their axes in another order, and say so. */
export function rewriteConverted(graph: Graph): Graph {
  // Without no-ops, pairs that belong together are next to each other.
  return runPasses([dropNoOps, recogniseShuffle, channelsFirst, dropNoOps, fusePad, hardSigmoid, channelArithmetic], graph);
}
