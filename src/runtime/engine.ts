// The engine: one of the two Wasm builds, instantiated with a memory of exactly the size that a plan needs.

import { instantiate } from "@assemblyscript/loader";
import { readEngine } from "#host";
import { Abi } from "../../assembly/plan.ts";
import { HostError, MemoryError, OptionError } from "../errors.ts";

/** "strict" gives the same bits on every host; "relaxed" is faster where the processor fuses multiply and add. */
export type Build = "strict" | "relaxed";

/** A build, or "auto": relaxed where the host has relaxed SIMD and computes it rightly, strict elsewhere. */
export type BuildChoice = Build | "auto";

/** An engine that the caller has got hold of himself. */
export type EngineSource = WebAssembly.Module | BufferSource | Response | Promise<Response>;

/** What assembly/index.ts exports. */
export interface EngineExports extends Record<string, unknown> {
  readonly memory: WebAssembly.Memory;
  abiVersion(): number;
  arithmeticIsSound(): number;
  planBase(): number;
  prepare(plan: number): number;
  run(plan: number, from: number, to: number): number;
}

const PAGE = 65536;

/** A module whose one function makes a vector: (func (result v128) (v128.const i32x4 0 0 0 0)). */
const simdProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 22, 1, 20, 0, 253, 12],
  ...new Array<number>(16).fill(0),
  11,
);

/** The same with (f32x4.relaxed_madd c c c). */
const relaxedProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 61, 1, 59, 0],
  ...Array.from({ length: 3 }, () => [253, 12, ...new Array<number>(16).fill(0)]).flat(),
  ...[253, 133, 2, 11],
);

/** @throws HostError where there is no WebAssembly or it lacks SIMD */
function requireSimd(): void {
  if (typeof WebAssembly === "undefined") throw new HostError("this host has no WebAssembly");
  if (!WebAssembly.validate(simdProbe)) {
    throw new HostError(
      "this host's WebAssembly has no SIMD",
      "use Node ≥ 16.4, Chrome ≥ 91, Firefox ≥ 89, Safari ≥ 16.4 or another host with the 128-bit SIMD feature",
    );
  }
}

/** Instantiates and checks an engine. */
async function instantiateEngine(build: Build, source?: EngineSource): Promise<EngineExports> {
  let engine: EngineExports;
  try {
    const result = await instantiate<EngineExports>(source ?? (await readEngine(build)));
    engine = result.exports as unknown as EngineExports;
  } catch (error) {
    throw new HostError(
      `the ${build} engine did not start: ${(error as Error).message}`,
      source === undefined ? "are Minnow's .wasm files built, and served as they are?" : "is the engine given a Minnow engine?",
      { cause: error },
    );
  }
  const functions = [engine.abiVersion, engine.arithmeticIsSound, engine.planBase, engine.prepare, engine.run];
  const complete = functions.every((f) => typeof f === "function") && engine.memory instanceof WebAssembly.Memory;
  if (!complete || engine.abiVersion() !== Abi.VERSION) {
    throw new HostError(
      `the engine given is not a Minnow engine of plan version ${Abi.VERSION}`,
      "use the engine of this package",
    );
  }
  return engine;
}

/** The relaxed engine, if this host can be trusted with it. One that does not even start is no error: strict runs anywhere. */
async function trustedRelaxed(): Promise<EngineExports | undefined> {
  if (!WebAssembly.validate(relaxedProbe)) return undefined;
  const engine = await instantiateEngine("relaxed").catch(() => undefined);
  return engine?.arithmeticIsSound() ? engine : undefined;
}

/** An engine with the memory for one plan. */
export interface StartedEngine {
  readonly engine: EngineExports;
  /** The plan's address. */
  readonly base: number;
  /** Which build it is; undefined for an engine that the caller supplied. */
  readonly build: Build | undefined;
}

/**
 * Starts an engine.
 * @param bytes how much memory a plan needs, from the plan's first byte
 * @param source the engine itself, instead of the one `choice` names
 * @throws HostError where the host cannot run it, MemoryError where it has not enough memory
 */
export async function startEngine(choice: BuildChoice, bytes: number, source?: EngineSource): Promise<StartedEngine> {
  if (!["auto", "strict", "relaxed"].includes(choice)) {
    throw new OptionError(`there is no build "${choice}"`, "use auto, strict or relaxed");
  }
  requireSimd();
  const relaxed = source === undefined && choice === "auto" ? await trustedRelaxed() : undefined;
  const build = relaxed !== undefined || choice === "relaxed" ? "relaxed" : "strict";
  const engine = relaxed ?? (await instantiateEngine(build, source));
  const base = engine.planBase();
  const pages = Math.ceil((base + bytes) / PAGE) - engine.memory.buffer.byteLength / PAGE;
  try {
    if (pages > 0) engine.memory.grow(pages);
  } catch (error) {
    const MiB = Math.ceil((base + bytes) / 2 ** 20);
    throw new MemoryError(`this host has no ${MiB} MiB of memory for the model`, "use a smaller input, batch or width", {
      cause: error,
    });
  }
  return { engine, base, build: source === undefined ? build : undefined };
}
