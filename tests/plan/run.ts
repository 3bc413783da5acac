// Runs a plan in the engine, without the runtime, so that tests can say which records run when.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { Plan } from "../../src/plan/index.ts";
import type { EngineExports } from "../../src/runtime/engine.ts";
import { random } from "../random.ts";

const engineModule = new WebAssembly.Module(readFileSync(new URL("../../wasm/strict.wasm", import.meta.url)));

/** The outputs' bytes after `run`, for random inputs; of all steps in their order, unless it does something else. */
export function outputsOf(
  plan: Plan,
  run = (engine: EngineExports, base: number) => assert.equal(engine.run(base, 0, plan.steps.length), 0),
): Buffer[] {
  const engine = new WebAssembly.Instance(engineModule).exports as EngineExports;
  const base = engine.planBase();
  engine.memory.grow(Math.ceil((base + plan.memoryBytes) / 65536) - engine.memory.buffer.byteLength / 65536 + 1);
  const memory = Buffer.from(engine.memory.buffer);
  memory.set(plan.program, base);
  for (const { offset, bytes } of plan.stored) memory.set(bytes, base + plan.storedAt + offset);
  assert.equal(engine.prepare(base), 0);
  const arenaAt = base + plan.program.length + plan.packedBytes;
  // NaN wherever nothing has been computed yet.
  memory.fill(0xff, arenaAt, arenaAt + plan.arenaBytes);
  for (const { address, bytes } of plan.inputs) {
    const next = random(5);
    for (let at = 0; at < bytes; at += 4) memory.writeFloatLE(next() - 0.5, base + address + at);
  }
  run(engine, base);
  return plan.outputs.map(({ address, bytes }) => Buffer.from(memory.subarray(base + address, base + address + bytes)));
}
