// How far each model is from what its arithmetic alone would take, step by step: a step's floor is the multiply-adds of the algorithm
// that its plan chose (Winograd's products and Strassen's, without their transforms and sums) at the peak measured beside it; of a fully
// connected layer the reading of its weights from memory, where that takes longer. Whatever else a network does counts as over it.
import { Opcode } from "../assembly/plan.ts";
import { presets } from "../models/index.ts";
import type { Graph } from "../src/graph/graph.ts";
import { interleave, type Timing } from "../src/measure/interleave.ts";
import { PeakMeter, type Peaks } from "../src/measure/peak.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import { decodeProgram } from "../src/plan/encode.ts";
import { compile, type StepInfo } from "../src/plan/index.ts";
import { type Fields, kernels } from "../src/plan/kernels.ts";
import { winogradProducts, winogradTiles } from "../src/plan/winograd.ts";
import type { Build } from "../src/runtime/engine.ts";
import { loadModel } from "../src/runtime/load.ts";
import { checkModels } from "./engine.ts";
import type { ModelsOptions, Progress } from "./models.ts";
import { randomInput, withRandomWeights } from "./random.ts";

export interface StepFloor {
  readonly name: string;
  readonly kernel: string;
  readonly ms: number;
  readonly floorMs: number;
}

export interface FloorResult {
  readonly model: string;
  readonly build: Build;
  readonly ms: Spread;
  /** The sum of its steps'. */
  readonly floorMs: number;
  readonly steps: readonly StepFloor[];
}

export interface FloorsResult {
  readonly peaks: Peaks;
  readonly models: readonly FloorResult[];
}

/** A step's time, and what it cannot do without: multiply-adds, and bytes that come from memory. */
interface Work {
  readonly name: string;
  readonly kernel: string;
  readonly ms: number;
  readonly multiplyAdds: number;
  readonly memoryBytes: number;
}

/** Times that each step is run by itself. */
const PROFILES = 20;

/** @throws RangeError for a model that is no preset */
export async function benchFloors({ models, builds, timing }: ModelsOptions, progress: Progress): Promise<FloorsResult> {
  checkModels(models);
  const meter = new PeakMeter();
  const measured: { model: string; build: Build; ms: Spread; works: Work[] }[] = [];
  for (const model of models) {
    const graph = withRandomWeights(presets[model]());
    for (const build of builds) {
      const onRound = (done: number, of: number) => {
        meter.sample();
        progress.step(`${model}, ${build}`, done, of);
      };
      measured.push({ model, build, ...(await measure(graph, build, timing, onRound)) });
    }
  }
  const { peaks } = meter;
  const results = measured.map(({ model, build, ms, works }) => {
    const peak = build === "relaxed" ? peaks.relaxed! : peaks.strict;
    const steps = works.map(({ name, kernel, ms, multiplyAdds, memoryBytes }) => ({
      name,
      kernel,
      ms,
      floorMs: Math.max((2 * multiplyAdds) / peak, memoryBytes / peaks.read) / 1e6,
    }));
    return { model, build, ms, floorMs: steps.reduce((sum, { floorMs }) => sum + floorMs, 0), steps };
  });
  return { peaks, models: results };
}

async function measure(
  graph: Graph,
  build: Build,
  timing: Timing,
  onRound: (done: number, of: number) => void,
): Promise<{ ms: Spread; works: Work[] }> {
  const model = await loadModel(graph, { build });
  const inputs = { [model.inputs[0].name]: randomInput(graph) };
  const [times] = await interleave([() => model.run(inputs)], timing, onRound);
  const profile = model.profile(PROFILES);
  model.dispose();
  const { program, steps } = compile(graph);
  const works = decodeProgram(program).run.map(({ name, fields }, i) => ({
    name,
    kernel: profile[i].kernel,
    ms: profile[i].ms,
    multiplyAdds: computedMultiplyAdds(steps[i], fields),
    memoryBytes: fields.opcode === Opcode.dense ? weightBytes(fields) : 0,
  }));
  return { ms: spreadOf(times), works };
}

/** Those of the algorithm, where the step's own count is the operator's. */
function computedMultiplyAdds({ multiplyAdds }: StepInfo, fields: Fields): number {
  const { opcode, batch, channels, group, dstChannels, dstHeight, dstWidth } = fields;
  if (opcode === Opcode.strassen) return (multiplyAdds * 7) / 8;
  if (opcode !== Opcode.winograd) return multiplyAdds;
  return batch * winogradTiles(fields, dstHeight, dstWidth) * winogradProducts(fields) * (channels / group) * dstChannels;
}

const weightBytes = (fields: Fields): number =>
  kernels[fields.opcode as Opcode]!.spans(fields).find(({ field }) => field === "weights")!.bytes;
