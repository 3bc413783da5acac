// Single layers through the compiler and the engine: how near each comes to what the machine could do at best.
import { fullSpeed, readEngine } from "#host";
import type { Graph } from "../src/graph/graph.ts";
import { PeakMeter, type Peaks } from "../src/measure/peak.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import { compile, type StepInfo } from "../src/plan/index.ts";
import type { CompileOptions } from "../src/plan/lower.ts";
import type { Build } from "../src/runtime/engine.ts";
import { compileEngine as compileSource } from "../src/runtime/engine-source.ts";
import { startPlan } from "../src/runtime/start.ts";
import { elementCount } from "../src/tensor.ts";
import { layers } from "./layers.ts";
import type { Progress } from "./models.ts";
import { randomInput, withRandomWeights } from "./random.ts";

export interface KernelResult {
  readonly group: string;
  readonly layer: string;
  readonly build: Build;
  readonly kernel: string;
  readonly multiplyAdds: number;
  /** What the layer reads and writes, each once. */
  readonly bytes: number;
  readonly ms: Spread;
  /** 10⁹ multiplications and additions a second. An algorithm that saves some can exceed the peak. */
  readonly gflops: number;
  /** What part that is of the build's peak: the median over samples, each beside the peak measured right after it. */
  readonly ofPeak: number;
  /** 10⁹ bytes a second. */
  readonly bandwidth: number;
}

export interface KernelsResult {
  readonly peaks: Peaks;
  readonly kernels: readonly KernelResult[];
}

export interface KernelsOptions {
  readonly builds: readonly Build[];
  readonly quick: boolean;
  /** Only layers whose group or name contains this text. */
  readonly only?: string;
}

/** Milliseconds to warm up (the optimising compiler works beside it), of a sample (many ticks of a page's clock), and of all. */
export const durations = { thorough: { warmUp: 250, sample: 0.5, all: 100 }, quick: { warmUp: 0, sample: 0.1, all: 0.5 } };

export async function benchKernels({ builds, quick, only }: KernelsOptions, progress: Progress): Promise<KernelsResult> {
  const chosen = layers.filter(({ group, name }) => only === undefined || `${group} ${name}`.includes(only));
  if (chosen.length === 0) throw new RangeError(`no layer's name contains "${only}"`);
  const meter = new PeakMeter();
  const engines = await Promise.all(builds.map(async (build) => ({ build, module: await compileEngine(build) })));
  const kernels: KernelResult[] = [];
  for (const [i, { group, name, graph }] of chosen.entries()) {
    for (const { build, module } of engines) {
      progress.step(`${group} ${name}`, i, chosen.length);
      const { steps, time } = await startLayer(withRandomWeights(graph), build, module);
      const { times, peaks } = time(durations[quick ? "quick" : "thorough"], () => meter.sampleOf(build));
      const ms = spreadOf(times);
      const sum = (of: "multiplyAdds" | "bytes") => steps.reduce((total, step) => total + step[of], 0);
      const [multiplyAdds, bytes] = [sum("multiplyAdds"), sum("bytes")];
      const kernel = [...new Set(steps.map((step) => step.kernel))].join(", ");
      const perSecond = (count: number) => count / ms.median / 1e6;
      const ofPeak = spreadOf(times.map((t, n) => (2 * multiplyAdds) / t / 1e6 / peaks[n])).median;
      const rates = { gflops: perSecond(2 * multiplyAdds), ofPeak, bandwidth: perSecond(bytes) };
      kernels.push({ group, layer: name, build, kernel, multiplyAdds, bytes, ms, ...rates });
    }
  }
  return { peaks: meter.peaks, kernels };
}

/** Compiled once for all layers, so that the optimising compiler's work is not thrown away with each. */
export const compileEngine = (build: Build): Promise<WebAssembly.Module> => compileSource(readEngine(build));

/** A layer that has run once. */
export interface LayerRun {
  /** Its own steps, without the conversions of input and output, which other layers take the place of in a network. */
  readonly steps: readonly StepInfo[];
  /** What it computed, NCHW. */
  output(): Float32Array;
  /** Runs its own steps so many times. @returns milliseconds of one */
  repeat(calls: number): number;
  /** Times its own steps, again and again; after each time `samplePeak` says what the machine can do at the moment. */
  time(
    durations: { readonly warmUp: number; readonly sample: number; readonly all: number },
    samplePeak: () => number,
  ): { readonly times: readonly number[]; readonly peaks: readonly number[] };
}

/** Compiles a graph of one node whose parameters have data, and runs it once. */
export async function startLayer(
  graph: Graph,
  build: Build,
  module: WebAssembly.Module,
  options: CompileOptions = {},
): Promise<LayerRun> {
  const plan = compile(graph, options);
  const { engine, base } = await startPlan(plan, build, module);
  new Float32Array(engine.memory.buffer).set(randomInput(graph).data, (base + plan.inputs[0].address) / 4);
  engine.run(base, 0, plan.steps.length);

  const own = plan.steps.map((step, i) => ({ ...step, i })).filter((step) => step.operator === graph.nodes[0].op);
  const [from, to] = [own[0].i, own.at(-1)!.i + 1];
  const repeat = (calls: number): number => {
    // As before a model's run.
    fullSpeed();
    const start = performance.now();
    for (let n = 0; n < calls; ++n) engine.run(base, from, to);
    return (performance.now() - start) / calls;
  };
  const [port] = plan.outputs;
  return {
    steps: own,
    repeat,
    output: () => new Float32Array(engine.memory.buffer, base + port.address, elementCount(port.dims)),
    time({ warmUp, sample, all }, samplePeak) {
      let calls = 1;
      for (const end = performance.now() + warmUp; repeat(calls) * calls < sample || performance.now() < end; ) {
        if (repeat(calls) * calls < sample) calls *= 2;
      }
      const [times, peaks]: number[][] = [[], []];
      for (const end = performance.now() + all; times.length < 5 || performance.now() < end; ) {
        times.push(repeat(calls));
        peaks.push(samplePeak());
      }
      return { times, peaks };
    },
  };
}
