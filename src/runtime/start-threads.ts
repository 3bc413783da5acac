// An engine over a shared memory, and the threads that run it.
import { Control, ThreadState } from "../../assembly/plan.ts";
import { HostError } from "../errors.ts";
import {
  type BuildChoice,
  checkBuild,
  growTo,
  instantiateEngine,
  PAGE,
  requireSimd,
  type StartedEngine,
  trustedRelaxed,
} from "./engine.ts";
import { threadsModuleOf } from "./engine-modules.ts";
import { type ThreadsEngine, ThreadTeam } from "./threads.ts";

/**
 * Starts an engine over a shared memory, and its threads.
 * @param bytes how much memory a plan needs, from the plan's first byte
 * @param multiplyAdds of a run
 * @throws HostError where the host has no such memory or starts no threads, MemoryError where it has not enough
 */
export async function startThreads(
  choice: BuildChoice,
  bytes: number,
  threads: number,
  multiplyAdds: number,
): Promise<StartedEngine> {
  checkBuild(choice);
  requireSimd();
  let memory: WebAssembly.Memory;
  try {
    // The engine's own part is less than a page. No more is ever needed, and browsers reserve what may be.
    memory = new WebAssembly.Memory({ initial: 1, maximum: Math.ceil(bytes / PAGE) + 1, shared: true });
  } catch (error) {
    throw new HostError(`this host has no shared memory: ${(error as Error).message}`, undefined, { cause: error });
  }
  const relaxed = choice === "auto" ? await trustedRelaxed(memory) : undefined;
  const build = relaxed !== undefined || choice === "relaxed" ? "relaxed" : "strict";
  const module = await threadsModuleOf(build);
  const engine = (relaxed ?? (await instantiateEngine(module, memory))) as ThreadsEngine;
  const control = engine.planBase();
  const base = control + Control.BYTES + threads * ThreadState.BYTES;
  growTo(memory, base + bytes);
  const team = await ThreadTeam.start(engine, module, control, threads, multiplyAdds);
  return { engine, base, build, team };
}
