// One thread against several: the same model both ways, timed in turn. Each round gives a ratio, so that what else the machine does
// hits both; and whether both threads had a core of their own is told from the processor time that they got, and from arithmetic on
// both before and after.
import { availableParallelism } from "node:os";
import { presets } from "../models/index.ts";
import { type Build, loadModel } from "../src/index.ts";
import { roundsOf, type Timing } from "../src/measure/interleave.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import { Cores } from "./cores.ts";
import { checkModels, workloadOf } from "./engine.ts";
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
const LEAST_USED = 0.93;
/** Arithmetic on both cores at once is as fast as this part of the best there was; where others use them, 0.8 at most (measured). */
const LEAST_SHARE = 0.88;
/** Undisturbed rounds that are waited for, in up to so many times as many rounds. */
const WANTED = 15;
const PATIENCE = 4;

/** @throws RangeError for a model that is no preset */
export async function benchThreads({ models, build, timing }: ThreadsOptions, progress: Progress): Promise<ThreadsResult[]> {
  checkModels(models);
  const cores = await Cores.start();
  const results: ThreadsResult[] = [];
  for (const name of models) results.push(await benchModel(name, build, timing, cores, progress));
  await cores.dispose();
  return results;
}

async function benchModel(model: string, build: Build, timing: Timing, cores: Cores, progress: Progress): Promise<ThreadsResult> {
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
  const planned = roundsOf(round, timing);
  const times: { one: number; several: number; isQuiet: boolean }[] = [];
  const quiet = () => times.filter(({ isQuiet }) => isQuiet);
  for (let n = 1; n <= planned || (n <= PATIENCE * planned && quiet().length < WANTED); ++n) {
    const start = performance.now();
    await one.run(inputs);
    const end = performance.now();
    const shareBefore = cores.share();
    const before = process.cpuUsage();
    const middle = performance.now();
    await several.run(inputs);
    const { user, system } = process.cpuUsage(before);
    const ms = performance.now() - middle;
    const used = (user + system) / 1000 / ms / several.threads;
    const isQuiet = used >= LEAST_USED && Math.min(shareBefore, cores.share()) >= LEAST_SHARE;
    times.push({ one: end - start, several: ms, isQuiet });
    progress.step(model, n, Math.max(n, planned));
  }
  const { threads } = several;
  one.dispose();
  several.dispose();
  const ratios = (some: typeof times) => some.map((time) => time.one / time.several);
  const undisturbed = quiet();
  return {
    model,
    threads,
    one: spreadOf(times.map((time) => time.one)),
    several: spreadOf(times.map((time) => time.several)),
    ratio: spreadOf(ratios(times)),
    undisturbed: { rounds: undisturbed.length, ...(undisturbed.length > 0 && { ratio: spreadOf(ratios(undisturbed)) }) },
    rounds: times.length,
    sameBits,
  };
}
