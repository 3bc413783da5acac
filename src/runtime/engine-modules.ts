// Which module an engine is started from: the one given to `init`, or the package's own, compiled once.
import { readEngine } from "#host";
import type { Build } from "./engine.ts";
import { compileEngine, type EngineSource } from "./engine-source.ts";

const packagedHint =
  'serve Minnow\'s .wasm files beside its code, as they are; or import "minnow/inline", which has them inside; or call init()';

/** What `init` was given: an engine for a build, or one that stands for any. */
let given: Partial<Record<Build | "any", WebAssembly.Module>> = {};

/** The package's own. */
const packaged = new Map<Build, Promise<WebAssembly.Module>>();
let readPackaged: (build: Build) => EngineSource = readEngine;

/** The engine that stands for every build, if `init` was given one. */
export const moduleForAny = (): WebAssembly.Module | undefined => given.any;

/** @throws HostError where the package's engine cannot be read or compiled */
export async function moduleOf(build: Build): Promise<WebAssembly.Module> {
  const known = given[build] ?? packaged.get(build);
  if (known !== undefined) return known;
  const module = compileEngine(readPackaged(build), packagedHint);
  packaged.set(build, module);
  // What failed may work the next time: a server comes back.
  module.catch(() => packaged.delete(build));
  return module;
}

/** Uses these from now on: one for any build, or one for each, the missing ones being as before. */
export function giveModules(modules: typeof given): void {
  given = modules.any === undefined ? { ...given, any: undefined, ...modules } : modules;
}

/** What was given, for handing it on to a worker. */
export const givenModules = (): Readonly<typeof given> => given;

/** Where the package's own engines come from, instead of from its host. They are compiled when they are first needed. */
export function readPackagedFrom(read: (build: Build) => EngineSource): void {
  readPackaged = read;
}
