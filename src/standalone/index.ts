// A model as one WebAssembly module: engine, plan and weights, for hosts without JavaScript. `import … from "minnow/standalone"`;
// in Node only, and with Binaryen installed.
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { DataType, Layout } from "../../assembly/plan.ts";
import { StandaloneAbi } from "../../assembly/standalone/record.ts";
import { OptionError } from "../errors.ts";
import type { Graph, Normalisation } from "../graph/graph.ts";
import { classOutput } from "../image/classes.ts";
import type { EncodedPort } from "../plan/encode.ts";
import { compile } from "../plan/index.ts";
import type { CompileOptions } from "../plan/lower.ts";
import { verifyProgram } from "../plan/verify.ts";
import { compilable } from "../runtime/compilable.ts";
import { type Build, PAGE } from "../runtime/engine.ts";
import { startPlan } from "../runtime/start.ts";
import { formatDims } from "../tensor.ts";
import { exportsOf } from "./exports.ts";
import { layOut } from "./image.ts";
import { describePort, type Metadata, sectionName } from "./metadata.ts";
import { operate } from "./surgery.ts";

export { cHeader, usage } from "./header.ts";
export { type Metadata, type PortMetadata, readMetadata } from "./metadata.ts";

export interface StandaloneOptions extends CompileOptions {
  /** "strict" unless given: the same bits on every host. "relaxed" needs a host with relaxed SIMD. */
  readonly build?: Build;
  /** Find this many of the most probable classes in the module. */
  readonly top?: number;
  /** Names of the classes, by index. */
  readonly labels?: readonly (string | undefined)[];
  /** Be a command of a WASI host, too: standard input is the model's input, standard output its answer. */
  readonly wasi?: boolean;
  /** How pixels become numbers where `inputLayout` is rgb8 or rgba8; the graph's own unless given. */
  readonly normalisation?: Normalisation;
  /** Hold every weight as kernels read it: a larger file that has nothing to do when it starts. */
  readonly packed?: boolean;
}

export interface Standalone {
  /** The module. */
  readonly wasm: Uint8Array;
  readonly metadata: Metadata;
  /** Bytes of `wasm` that are weights. */
  readonly weightBytes: number;
}

/**
 * Makes a model a module of its own.
 * @param graph a graph whose parameters have their data
 * @throws OptionError for options that do not fit the model, UnsupportedError for operators that Minnow lacks, HostError
 *   where Binaryen is not installed
 */
export async function buildStandalone(graph: Graph, options: StandaloneOptions = {}): Promise<Standalone> {
  const { build = "strict", top = 0, labels, wasi = false, packed = false } = options;
  if (build !== "strict" && build !== "relaxed") throw new OptionError(`there is no build "${build}"`, "use strict or relaxed");
  checkClasses(graph, top, labels);
  const normalisation = perColour(options.normalisation ?? graph.normalisation);
  const plan = compile(await compilable({ ...graph, normalisation }), options);
  const decoded = verifyProgram(plan.program);
  if (top > 0 && decoded.outputs[0].dataType !== DataType.float32) {
    throw new OptionError("classes cannot be found in pixels", "leave out outputLayout");
  }
  // Packing is the same in both builds; this one runs everywhere.
  const started = await startPlan(plan, "strict");
  const prepared = new Uint8Array(started.engine.memory.buffer, started.base);

  const own = await ownMemory();
  const messages = wasi ? messagesOf(decoded.inputs) : undefined;
  const image = layOut(plan, decoded, prepared, own.length, { top, labels, messages, packed });
  const pages = Math.ceil(image.end / PAGE);
  const metadata: Metadata = {
    name: graph.name,
    abi: StandaloneAbi.VERSION,
    build,
    inputs: decoded.inputs.map((port) => describePort(port, image.planAt, normalisation)),
    outputs: decoded.outputs.map((port) => describePort(port, image.planAt, normalisation)),
    ...(top > 0 ? { top: { count: top, address: image.topAt } } : {}),
    ...(labels === undefined ? {} : { labels: labels.map((label) => label ?? null) }),
    wasi,
    memoryBytes: pages * PAGE,
  };
  const exported = exportsOf({ top: top > 0, labels: labels !== undefined, wasi });
  const wasm = await operate(await readFile(enginePath(build)), {
    build,
    switches: { prepareStep: image.prepareOpcodes, runStep: [...new Set([...image.prepareOpcodes, ...image.runOpcodes])] },
    exports: new Map(exported.map(({ name, from }) => [name, from])),
    start: image.prepareOpcodes.length > 0 ? "initialise" : undefined,
    segments: [{ at: 0, bytes: own }, ...image.segments],
    pages,
    sections: { [sectionName]: new TextEncoder().encode(JSON.stringify(metadata, undefined, 1)) },
  });
  return { wasm, metadata, weightBytes: image.weightBytes };
}

function checkClasses(graph: Graph, top: number, labels: StandaloneOptions["labels"]): void {
  if (!Number.isSafeInteger(top) || top < 0) throw new OptionError(`top must be a whole number ≥ 0, got ${top}`);
  if (top === 0 && labels === undefined) return;
  const { classes } = classOutput(graph);
  if (top > classes) throw new OptionError(`there are no ${top} most probable classes: ${graph.name} knows ${classes}`);
  if (labels !== undefined && labels.length !== classes) {
    throw new OptionError(`there are ${labels.length} labels, ${graph.name} knows ${classes} classes`);
  }
}

/** One number for all colours becomes three. */
function perColour(normalisation: Normalisation | undefined): Normalisation | undefined {
  if (normalisation === undefined) return undefined;
  const spread = (values: readonly number[]) => (values.length === 1 ? [values[0], values[0], values[0]] : values);
  return { mean: spread(normalisation.mean), std: spread(normalisation.std), scale: normalisation.scale };
}

/** By the package's own name, since what is bundled does not lie where its source does. */
const enginePath = (build: Build) =>
  join(dirname(createRequire(import.meta.url).resolve("minnow/package.json")), `dist/wasm/standalone-${build}.wasm`);

/**
 * The engine's memory below the first address that it does not use. Of the strict engine: the relaxed one has the same, and
 * not every host that can make such a module can run it.
 */
async function ownMemory(): Promise<Uint8Array> {
  const module = await WebAssembly.compile((await readFile(enginePath("strict"))) as BufferSource);
  const imports: WebAssembly.Imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = () => 0;
  }
  const { memory, planBase } = (await WebAssembly.instantiate(module, imports)).exports as unknown as Engine;
  return new Uint8Array(memory.buffer, 0, planBase()).slice();
}

interface Engine {
  readonly memory: WebAssembly.Memory;
  planBase(): number;
}

function messagesOf(inputs: readonly EncodedPort[]): { wrongLength: string; notFinite: string } {
  const list = inputs.map(({ dataType, dims, layout }) => `${DataType[dataType]} ${formatDims(dims)} (${Layout[layout]})`);
  const bytes = inputs.reduce((sum, input) => sum + input.bytes, 0);
  return {
    wrongLength: `this model reads exactly ${bytes} bytes from standard input: ${list.join(", then ")}\n`,
    notFinite: "the input holds NaN or an infinity\n",
  };
}
