// Random layers beside onnxruntime-web, each loaded and run as a model of its own: where there is a cliff, and whether results agree.
import { quick as quickly, type Timing } from "../src/measure/interleave.ts";
import type { Build } from "../src/runtime/engine.ts";
import { minnowEngine } from "./minnow.ts";
import { benchGraph, type ModelResult, type Progress, ratioOf } from "./models.ts";
import { onnxruntime } from "./onnxruntime.ts";
import { drawLayers } from "./random-layers.ts";

const timing: Timing = { warmUp: 200, budget: 300, minRounds: 10, maxRounds: 200 };

export interface SweepOptions {
  readonly layers: number;
  readonly seed: number;
  readonly builds: readonly Build[];
  readonly quick: boolean;
}

/** @returns the layer first on which the first build is slowest beside onnxruntime-web; before all, those that one of both has wrong */
export async function benchSweep({ layers, seed, builds, quick }: SweepOptions, progress: Progress): Promise<ModelResult[]> {
  const engines = [...builds.map(minnowEngine), onnxruntime];
  const results: ModelResult[] = [];
  for (const [i, { group, name, graph }] of drawLayers(seed, layers).entries()) {
    const layer = `${group}: ${name}`;
    progress.step(layer, i, layers);
    results.push(await benchGraph(layer, graph, engines, quick ? quickly : timing, { step: () => {} }));
  }
  const ratio = (result: ModelResult) => ratioOf(result, engines[0].name, onnxruntime.name) ?? 0;
  return results.sort((a, b) => ratio(a) - ratio(b));
}
