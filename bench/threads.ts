// One thread against several: the same model both ways, timed in turn. Each round gives a ratio, so that what else the machine does
// hits both; and where others took a core away meanwhile, it is told from the processor time that the threads got.
import { availableParallelism } from "node:os";
import { presets } from "../models/index.ts";
import { type Build, loadModel } from "../src/index.ts";
import { roundsOf, type Timing } from "../src/measure/interleave.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import { workloadOf } from "./engine.ts";
import type { Progress } from "./models.ts";

export interface ThreadsResult {
  readonly model: string;
  readonly threads: number;
  readonly one: Spread;
  readonly several: Spread;
  /** How many times as fast several threads are, round by round. */
  readonly ratio: Spread;
  /** The same of the rounds in which the threads got all their cores, and how many those are. */
  readonly undisturbed: { readonly rounds: number; readonly ratio?: Spread };
  readonly rounds: number;
  readonly sameBits: boolean;
}

export interface ThreadsOptions {
  readonly models: readonly string[];
  readonly build: Build;
  readonly timing: Timing;
}

/** Threads wait for each other without sleeping for less than they compute: those that had their cores used this part of them. */
const UNDISTURBED = 0.93;

/** @throws RangeError for a model that is no preset */
export async function benchThreads({ models, build, timing }: ThreadsOptions, progress: Progress): Promise<ThreadsResult[]> {
  const results: ThreadsResult[] = [];
  for (const name of models) {
    if (!Object.hasOwn(presets, name))
      throw new RangeError(`no such model: ${name}; there are ${Object.keys(presets).join(", ")}`);
    results.push(await benchModel(name, build, timing, progress));
  }
  return results;
}

async function benchModel(model: string, build: Build, timing: Timing, progress: Progress): Promise<ThreadsResult> {
  const { onnx, input } = workloadOf(presets[model]());
  const one = await loadModel(onnx, { build });
  const several = await loadModel(onnx, { build, threads: Math.min(2, availableParallelism()) });
  const inputs = { [one.inputs[0].name]: input };
  const bytes = (outputs: Awaited<ReturnType<typeof one.run>>) => Buffer.from(outputs[one.outputs[0].name].data.buffer);
  const sameBits = bytes(await one.run(inputs)).equals(bytes(await several.run(inputs)));
  let round = 0;
  for (const end = performance.now() + timing.warmUp; performance.now() < end; ) {
    const start = performance.now();
    await one.run(inputs);
    await several.run(inputs);
    round = performance.now() - start;
  }
  const rounds = roundsOf(round, timing);
  const times: { one: number; several: number; used: number }[] = [];
  for (let n = 1; n <= rounds; ++n) {
    const start = performance.now();
    await one.run(inputs);
    const middle = performance.now();
    const before = process.cpuUsage();
    await several.run(inputs);
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - middle;
    times.push({ one: middle - start, several: ms, used: (user + system) / 1000 / ms / several.threads });
    progress.step(model, n, rounds);
  }
  const { threads } = several;
  one.dispose();
  several.dispose();
  const ratios = (some: typeof times) => some.map((time) => time.one / time.several);
  const quiet = times.filter(({ used }) => used >= UNDISTURBED);
  return {
    model,
    threads,
    one: spreadOf(times.map((time) => time.one)),
    several: spreadOf(times.map((time) => time.several)),
    ratio: spreadOf(ratios(times)),
    undisturbed: { rounds: quiet.length, ...(quiet.length > 0 && { ratio: spreadOf(ratios(quiet)) }) },
    rounds,
    sameBits,
  };
}
