// The two Wasm builds, compiled once for all models of a test file.
import { readFileSync } from "node:fs";
import type { Build, EngineExports } from "../../src/runtime/engine.ts";

export interface Engine {
  readonly build: Build;
  readonly module: WebAssembly.Module;
  /** Where a plan begins in linear memory. */
  readonly planBase: number;
}

/** (func (result v128) (f32x4.relaxed_madd (v128.const …) (v128.const …) (v128.const …))) */
const relaxedProbe = Uint8Array.of(
  ...[0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 61, 1, 59, 0],
  ...[0, 0, 0].flatMap(() => [253, 12, ...new Array<number>(16).fill(0)]),
  ...[253, 133, 2, 11],
);

/** For node:test's `skip`: why this host cannot run a build. Node 20 wants --experimental-wasm-relaxed-simd. */
export function cannotRun(build: Build): string | false {
  return build === "strict" || WebAssembly.validate(relaxedProbe) ? false : "this host has no relaxed SIMD";
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
