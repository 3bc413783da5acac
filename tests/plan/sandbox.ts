// A sandbox for plans that may be hostile: an engine whose memory ends where the plan's does, so that reading or writing
// beyond it traps, and whose every byte outside the region that a program may write is compared afterwards.
import { readFileSync } from "node:fs";
import { decodeProgram } from "../../src/plan/encode.ts";
import type { Plan } from "../../src/plan/index.ts";
import type { EngineExports } from "../../src/runtime/engine.ts";
import { random } from "../random.ts";

const PAGE = 65536;
const engineModule = new WebAssembly.Module(readFileSync(new URL("../../wasm/strict.wasm", import.meta.url)));

function instantiate(bytes: number): { engine: EngineExports; memory: Buffer; end: number } {
  const engine = new WebAssembly.Instance(engineModule).exports as EngineExports;
  const pages = Math.ceil((engine.planBase() + bytes) / PAGE);
  const missing = pages - engine.memory.buffer.byteLength / PAGE;
  if (missing > 0) engine.memory.grow(missing);
  return { engine, memory: Buffer.from(engine.memory.buffer), end: engine.memory.buffer.byteLength };
}

export class Sandbox {
  readonly #engine: EngineExports;
  readonly #memory: Buffer;
  readonly #snapshot: Buffer;
  readonly #base: number;
  /** The region that the program may write. */
  readonly #from: number;
  readonly #to: number;
  readonly #entry: "prepare" | "run";

  /** @param entry which of the plan's programs will be run; `run` finds the weights packed */
  constructor(plan: Plan, entry: "prepare" | "run") {
    const packedAt = plan.program.length;
    const arenaAt = packedAt + plan.packedBytes;
    const bytes = entry === "prepare" ? Math.max(arenaAt, plan.storedAt + plan.storedBytes) : arenaAt + plan.arenaBytes;
    const { engine, memory, end } = instantiate(bytes);
    this.#engine = engine;
    this.#memory = memory;
    this.#base = end - bytes;
    this.#entry = entry;
    [this.#from, this.#to] = entry === "prepare" ? [packedAt, arenaAt] : [arenaAt, bytes];
    const next = random(1);
    for (let at = this.#base; at < end; at += 4) memory.writeFloatLE(next() - 0.5, at);
    memory.set(plan.program, this.#base);
    if (entry === "prepare") for (const { offset, bytes } of plan.stored) memory.set(bytes, this.#base + plan.storedAt + offset);
    else memory.set(packedWeights(plan), this.#base + packedAt);
    this.#snapshot = Buffer.from(memory);
  }

  /** Runs a program in the place of the plan's own. @returns what it did wrong, or undefined */
  run(program: Uint8Array): string | undefined {
    const { prepareCount, runCount } = decodeProgram(program).header;
    this.#memory.set(program, this.#base);
    this.#snapshot.set(program, this.#base);
    try {
      if (this.#entry === "prepare") this.#engine.prepare(this.#base);
      else this.#engine.run(this.#base, 0, runCount);
    } catch (error) {
      return `traps: ${(error as Error).message} (${prepareCount} prepare and ${runCount} run steps)`;
    }
    const [from, to] = [this.#base + this.#from, this.#base + this.#to];
    // What lies below the first plan's place is the engine's own.
    const wrong = this.#changed(this.#engine.planBase(), from) ?? this.#changed(to, this.#memory.length);
    // What was damaged must not blame the next program.
    if (wrong !== undefined || this.#entry === "prepare") this.#snapshot.copy(this.#memory);
    return wrong === undefined ? undefined : `writes ${wrong - this.#base}, outside [${this.#from}, ${this.#to})`;
  }

  #changed(from: number, to: number): number | undefined {
    if (this.#memory.compare(this.#snapshot, from, to, from, to) === 0) return undefined;
    let at = from;
    while (this.#memory[at] === this.#snapshot[at]) ++at;
    return at;
  }
}

function packedWeights(plan: Plan): Buffer {
  const arenaAt = plan.program.length + plan.packedBytes;
  const { engine, memory } = instantiate(plan.memoryBytes);
  const base = engine.planBase();
  memory.set(plan.program, base);
  for (const { offset, bytes } of plan.stored) memory.set(bytes, base + plan.storedAt + offset);
  const status = engine.prepare(base);
  if (status !== 0) throw new Error(`prepare gave ${status}`);
  return memory.subarray(base + plan.program.length, base + arenaAt);
}
