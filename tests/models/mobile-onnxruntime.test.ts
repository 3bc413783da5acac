// The mobile families at their published size and in odd forms: what the engine makes of their graphs is what onnxruntime-web
// computes.
import { test } from "node:test";
import { efficientnet, mnasnet, mobilenetV3, presets, shufflenetV1, shufflenetV2, squeezenext } from "../../models/index.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { agreesWithOnnxruntime } from "./agreement.ts";

const classes = 17;

const odd: Readonly<Record<string, Graph>> = {
  "mobilenet_v3 large, narrow": mobilenetV3({ alpha: 0.35, resolution: 75, classes }),
  "mobilenet_v3 small, wide": mobilenetV3({ variant: "small", alpha: 1.25, resolution: 97, classes }),
  "mnasnet B1, narrow": mnasnet({ alpha: 0.35, resolution: 75, classes }),
  "mnasnet A1, narrow": mnasnet({ variant: "A1", alpha: 0.5, resolution: 97, classes }),
  "shufflenet_v1, odd channels in each group": shufflenetV1({ groups: 3, scale: 0.25, resolution: 75, classes }),
  "shufflenet_v1, two groups": shufflenetV1({ groups: 2, scale: 0.6, resolution: 97, classes }),
  "shufflenet_v2, odd halves": shufflenetV2({ stageChannels: [30, 58, 102], lastChannels: 75, resolution: 75, classes }),
  "squeezenext, odd widths": squeezenext({ width: 0.7, resolution: 97, classes }),
  "squeezenext, deeper": squeezenext({ blocks: [2, 3, 20, 2], width: 0.5, resolution: 65, classes }),
  "efficientnet lite, φ = 1.5": efficientnet({ phi: 1.5, lite: true, width: 0.5, resolution: 61, classes }),
};

/** How many of an input's 224 or more rows are the measure. */
const ROWS = 14;

/**
 * With random weights, Lite4's thirty blocks magnify float32's rounding to 2e-4 of the largest output, in onnxruntime
 * as here (at 128², from float64: 2.2e-4 and 1.7e-4). Half as deep it tells rounding from a mistake.
 */
const shallow = efficientnet({ variant: "lite4", depth: 0.9 });

const published = Object.keys(presets).filter((name) =>
  /^(mobilenet_v3|mnasnet|shufflenet|squeezenext|efficientnet_lite[0123])/.test(name),
);

for (const [name, graph] of Object.entries(odd)) {
  test(`${name} as onnxruntime computes it`, (t) => agreesWithOnnxruntime(t, graph));
}

for (const name of published) {
  test(`${name} at full size as onnxruntime computes it`, (t) => agreesWithOnnxruntime(t, presets[name](), ROWS));
}

test("efficientnet_lite4, half as deep, as onnxruntime computes it", (t) => agreesWithOnnxruntime(t, shallow, ROWS));
