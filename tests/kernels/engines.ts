// The two Wasm builds, compiled once for all models of a test file.
import { readFileSync } from "node:fs";
import { type Build, type EngineExports, hasRelaxed } from "../../src/runtime/engine.ts";

export interface Engine {
  readonly build: Build;
  readonly module: WebAssembly.Module;
  /** Where a plan begins in linear memory. */
  readonly planBase: number;
}

/** For node:test's `skip`: why this host cannot run a build. */
export function cannotRun(build: Build): string | false {
  return build === "strict" || hasRelaxed() ? false : "this host has no relaxed SIMD";
}

const engines = new Map<Build, Engine>();

export function engineOf(build: Build): Engine {
  let engine = engines.get(build);
  if (engine === undefined) {
    const module = new WebAssembly.Module(readFileSync(new URL(`../../wasm/${build}.wasm`, import.meta.url)));
    const { planBase } = new WebAssembly.Instance(module).exports as unknown as EngineExports;
    engine = { build, module, planBase: planBase() };
    engines.set(build, engine);
  }
  return engine;
}
