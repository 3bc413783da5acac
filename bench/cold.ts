// Cold start and resident memory, by engine: fresh processes, one after the other and in turn.
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { presets } from "../models/index.ts";
import { type Spread, spreadOf } from "../src/measure/statistics.ts";
import { workloadOf } from "./engine.ts";
import type { Progress } from "./models.ts";
import { compiled } from "./root.ts";

const names = ["nothing", "minnow", "onnxruntime-web", "tfjs-backend-wasm"];

export interface ColdResult {
  readonly model: string;
  readonly engines: readonly {
    readonly engine: string;
    /** Milliseconds from before the import to after the first result; none where there is no engine. */
    readonly ms: Spread | undefined;
    /** MiB of the process after the first result. */
    readonly rss: Spread;
  }[];
}

export interface ColdOptions {
  readonly model: string;
  /** Processes for each engine. */
  readonly runs: number;
}

/** @throws Error where the bench is not compiled */
export async function benchCold({ model, runs }: ColdOptions, progress: Progress): Promise<ColdResult> {
  const script = compiled("bench/cold-start.js");
  const folder = await mkdtemp(join(tmpdir(), "minnow-bench-"));
  const samples = names.map(() => [] as { ms: number; rss: number }[]);
  try {
    const file = join(folder, `${model}.onnx`);
    await writeFile(file, workloadOf(presets[model]()).onnx);
    for (let run = 0; run < runs; ++run) {
      for (const [i, name] of names.entries()) {
        progress.step(`cold start: ${name}`, run * names.length + i, runs * names.length);
        const { stdout } = await promisify(execFile)(process.execPath, [script, name, file]);
        samples[i].push(JSON.parse(stdout));
      }
    }
  } finally {
    await rm(folder, { recursive: true });
  }
  const engines = names.map((engine, i) => ({
    engine,
    ms: engine === "nothing" ? undefined : spreadOf(samples[i].map(({ ms }) => ms)),
    rss: spreadOf(samples[i].map(({ rss }) => rss / 2 ** 20)),
  }));
  return { model, engines };
}
