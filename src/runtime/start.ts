// Starting a plan: an engine with a memory of the right size, the program and the stored weights in it, and prepared.
import { Status } from "../../assembly/plan.ts";
import { MinnowError } from "../errors.ts";
import { multiplyAddsOf, type Plan } from "../plan/index.ts";
import { verifyProgram } from "../plan/verify.ts";
import { type BuildChoice, type StartedEngine, startEngine } from "./engine.ts";
import type { EngineSource } from "./engine-source.ts";
import { wanted } from "./wanted.ts";

/**
 * Starts an engine and prepares a plan in it.
 * @param source the engine itself; only for plans for one thread
 * @throws HostError where the host cannot run the engine or its threads, MemoryError where it has not enough memory, PlanError for a
 *   program that is not sound
 */
export async function startPlan(plan: Plan, choice: BuildChoice, source?: EngineSource): Promise<StartedEngine> {
  const program = verifyProgram(plan.program);
  let started: StartedEngine;
  if (program.header.parts > 0) {
    const { startThreads, verifyThreads } = await wanted(import("./several-threads.ts"));
    verifyThreads(program);
    started = await startThreads(choice, plan.memoryBytes, plan.threads, multiplyAddsOf(plan));
  } else {
    started = await startEngine(choice, plan.memoryBytes, source);
  }
  const { engine, base } = started;
  const memory = new Uint8Array(engine.memory.buffer);
  memory.set(plan.program, base);
  for (const { offset, bytes } of plan.stored) memory.set(bytes, base + plan.storedAt + offset);
  const status = engine.prepare(base);
  if (status !== Status.OK) throw new MinnowError(`the engine could not prepare the model (status ${status})`);
  return started;
}
