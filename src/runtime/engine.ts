// The engine: one of the two Wasm builds, instantiated with a memory of exactly the size that a plan needs.

import { enableRelaxedSimd, v8Version } from "#host";
import { Abi } from "../../assembly/plan.ts";
import { HostError, MemoryError, OptionError } from "../errors.ts";
import { giveModules, moduleForAny, moduleOf, threadsModuleOf } from "./engine-modules.ts";
import { compileEngine, type EngineSource } from "./engine-source.ts";
import { likesLongTiles } from "./long-tiles.ts";
import type { ThreadTeam } from "./threads.ts";

/** "strict" gives the same bits on every host; "relaxed" is faster where the processor fuses multiply and add. */
export type Build = "strict" | "relaxed";

/**
 * A build, or "auto": relaxed where the host has relaxed SIMD and computes it rightly, strict elsewhere. In Node 20 on x86-64 both but
 * "strict" turn on V8's flag for it.
 */
export type BuildChoice = Build | "auto";

/** The package's engines: two builds, each also with threads over a shared memory. */
export type EngineFile = Build | `${Build}-threads`;

/** What assembly/index.ts exports. */
export interface EngineExports extends Record<string, unknown> {
  readonly memory: WebAssembly.Memory;
  abiVersion(): number;
  arithmeticIsSound(): number;
  planBase(): number;
  prepare(plan: number): number;
  useLongTiles(): void;
  run(plan: number, from: number, to: number): number;
}

/** Bytes of a page of WebAssembly's memory. */
export const PAGE = 65536;

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
export function requireSimd(): void {
  if (typeof WebAssembly === "undefined") throw new HostError("this host has no WebAssembly");
  if (!WebAssembly.validate(simdProbe)) {
    throw new HostError(
      "this host's WebAssembly has no SIMD",
      "use Node ≥ 16.4, Chrome ≥ 91, Firefox ≥ 89, Safari ≥ 16.4 or another host with the 128-bit SIMD feature",
    );
  }
}

const givenHint = "give a Minnow engine: this package's strict.wasm or relaxed.wasm, as bytes, a module or a response";

/** Whether this host knows relaxed SIMD; not whether it computes it rightly. */
export function hasRelaxed(): boolean {
  enableRelaxedSimd();
  return WebAssembly.validate(relaxedProbe);
}

/**
 * Supplies the engine for every model that is loaded from now on, instead of the files beside this package's code. Only
 * hosts that can neither read nor fetch those need it.
 * @param engine one engine, for whatever `build` a load asks for; or one for each build, of which the missing ones come
 *   from the package as before
 * @throws HostError where it is no engine of this package's version, or the host cannot compile it; then nothing changes
 */
export async function init(engine: EngineSource | Partial<Record<Build, EngineSource>>): Promise<void> {
  requireSimd();
  const { strict, relaxed } = (engine ?? {}) as Partial<Record<Build, EngineSource>>;
  const modules =
    strict === undefined && relaxed === undefined
      ? { any: await checkedModule(engine as EngineSource) }
      : {
          ...(strict !== undefined && { strict: await checkedModule(strict) }),
          // A host without relaxed SIMD could not compile it, and will not ask for it.
          ...(relaxed !== undefined && hasRelaxed() && { relaxed: await checkedModule(relaxed) }),
        };
  giveModules(modules);
}

/** The module, once it has proved to be an engine. */
async function checkedModule(source: EngineSource): Promise<WebAssembly.Module> {
  const module = await compileEngine(source, givenHint);
  await instantiateEngine(module);
  return module;
}

/** Instantiates and checks an engine. */
export async function instantiateEngine(module: WebAssembly.Module, memory?: WebAssembly.Memory): Promise<EngineExports> {
  let engine: EngineExports;
  try {
    const imports: WebAssembly.Imports = memory === undefined ? {} : { env: { memory } };
    engine = (await WebAssembly.instantiate(module, imports)).exports as EngineExports;
  } catch (error) {
    throw new HostError(`the engine did not start: ${(error as Error).message}`, givenHint, { cause: error });
  }
  const { abiVersion, arithmeticIsSound, planBase, prepare, run, useLongTiles } = engine;
  const functions = [abiVersion, arithmeticIsSound, planBase, prepare, run, useLongTiles];
  const complete = functions.every((f) => typeof f === "function") && engine.memory instanceof WebAssembly.Memory;
  if (!complete || engine.abiVersion() !== Abi.VERSION) {
    throw new HostError(
      `the engine given is not a Minnow engine of plan version ${Abi.VERSION}`,
      "use the engine of this package",
    );
  }
  if (likesLongTiles(v8Version())) useLongTiles();
  return engine;
}

/** The relaxed engine, if this host can be trusted with it. One that does not even start is no error: strict runs anywhere. */
export async function trustedRelaxed(memory?: WebAssembly.Memory): Promise<EngineExports | undefined> {
  if (!hasRelaxed()) return undefined;
  const engine = await (memory === undefined ? moduleOf : threadsModuleOf)("relaxed")
    .then((module) => instantiateEngine(module, memory))
    .catch(() => undefined);
  return engine?.arithmeticIsSound() ? engine : undefined;
}

/** @throws OptionError */
export function checkBuild(choice: BuildChoice): void {
  if (!["auto", "strict", "relaxed"].includes(choice)) {
    throw new OptionError(`there is no build "${choice}"`, "use auto, strict or relaxed");
  }
}

/**
 * Begins to read and compile the package's engine that a load will want, so that this goes on while the model is read and planned. What
 * fails here is tried again when it is needed, and reported there.
 */
export async function expectEngine(choice: BuildChoice, threads: number): Promise<void> {
  if (moduleForAny() !== undefined) return;
  try {
    const build = choice === "strict" || !hasRelaxed() ? "strict" : "relaxed";
    await (threads > 1 ? threadsModuleOf : moduleOf)(build);
  } catch {}
}

/** An engine with the memory for one plan. */
export interface StartedEngine {
  readonly engine: EngineExports;
  /** The plan's address. */
  readonly base: number;
  /** Which build it is; undefined for an engine that the caller supplied. */
  readonly build: Build | undefined;
  /** Its threads, where a plan for several was asked for. */
  readonly team?: ThreadTeam;
}

/**
 * Starts an engine.
 * @param bytes how much memory a plan needs, from the plan's first byte
 * @param source the engine itself, instead of the one `choice` names
 * @throws HostError where the host cannot run it, MemoryError where it has not enough memory
 */
export async function startEngine(choice: BuildChoice, bytes: number, source?: EngineSource): Promise<StartedEngine> {
  checkBuild(choice);
  requireSimd();
  const supplied = source === undefined ? moduleForAny() : await compileEngine(source, givenHint);
  const relaxed = supplied === undefined && choice === "auto" ? await trustedRelaxed() : undefined;
  const build = relaxed !== undefined || choice === "relaxed" ? "relaxed" : "strict";
  const engine = relaxed ?? (await instantiateEngine(supplied ?? (await moduleOf(build))));
  const base = engine.planBase();
  growTo(engine.memory, base + bytes);
  return { engine, base, build: supplied === undefined ? build : undefined };
}

/** @throws MemoryError where the host has not so much */
export function growTo(memory: WebAssembly.Memory, bytes: number): void {
  const pages = Math.ceil(bytes / PAGE) - memory.buffer.byteLength / PAGE;
  try {
    if (pages > 0) memory.grow(pages);
  } catch (error) {
    const MiB = Math.ceil(bytes / 2 ** 20);
    throw new MemoryError(`this host has no ${MiB} MiB of memory for the model`, "use a smaller input, batch or width", {
      cause: error,
    });
  }
}
