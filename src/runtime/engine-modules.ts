// Which module an engine is started from: the one given to `init`, or the package's own, compiled once.
import { readEngine } from "#host";
import type { Build, EngineFile } from "./engine.ts";
import { compileEngine, type EngineSource } from "./engine-source.ts";

const packagedHint =
  'serve Minnow\'s .wasm files beside its code, as they are; or import "minnow/inline", which has them inside; or call init()';

/** What `init` was given: an engine for a build, or one that stands for any. */
let given: Partial<Record<Build | "any", WebAssembly.Module>> = {};

/** The package's own. */
const packaged = new Map<EngineFile, Promise<WebAssembly.Module>>();
let readPackaged: ((build: Build) => EngineSource) | undefined;

/** The engine that stands for every build, if `init` was given one. */
export const moduleForAny = (): WebAssembly.Module | undefined => given.any;

/** Whether engines come from elsewhere than from the package's files, among which alone are those with threads. */
export const modulesAreGiven = (): boolean =>
  readPackaged !== undefined || Object.values(given).some((module) => module !== undefined);

/** @throws HostError where the package's engine cannot be read or compiled */
export async function moduleOf(build: Build): Promise<WebAssembly.Module> {
  return given[build] ?? packagedModule(build, () => (readPackaged ?? readEngine)(build));
}

/** @throws HostError as `moduleOf` */
export function threadsModuleOf(build: Build): Promise<WebAssembly.Module> {
  const file = `${build}-threads` as const;
  return packagedModule(file, () => readEngine(file));
}

function packagedModule(file: EngineFile, read: () => EngineSource): Promise<WebAssembly.Module> {
  const known = packaged.get(file);
  if (known !== undefined) return known;
  const module = compileEngine(read(), packagedHint);
  packaged.set(file, module);
  // What failed may work the next time: a server comes back.
  module.catch(() => packaged.delete(file));
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
