// loadModel: whatever holds a model → a Model that runs.
import { readSource } from "#host";
import { FormatError, HostError, OptionError, WeightsError } from "../errors.ts";
import { readOnnx } from "../formats/onnx/read.ts";
import type { Graph, Weights } from "../graph/graph.ts";
import { bindWeights, fitWeights, type WeightsReport } from "../graph/weights.ts";
import { compile } from "../plan/index.ts";
import type { CompileOptions } from "../plan/lower.ts";
import type { Threading } from "../plan/threading.ts";
import type { ThreadsChoice } from "./choose-threads.ts";
import { compilable } from "./compilable.ts";
import { type BuildChoice, expectEngine } from "./engine.ts";
import { modulesAreGiven } from "./engine-modules.ts";
import type { EngineSource } from "./engine-source.ts";
import { Model } from "./model.ts";
import { wanted } from "./wanted.ts";

/** A path (in Node) or URL of an ONNX file, its bytes, a response that will have them, or a graph. */
export type ModelSource = string | URL | Uint8Array | ArrayBuffer | Response | Graph;

export interface LoadOptions extends Omit<CompileOptions, "threading"> {
  /** Trained tensors by name, for a graph that has none. */
  readonly weights?: Weights;
  /**
   * Whether every tensor of `weights` must fit, and none be missing: true unless given. With false what fits is loaded,
   * the rest of the graph begins as `seedWeights` has it, and `model.weights` says which is which.
   */
  readonly strict?: boolean;
  /** Which engine: "strict" for the same bits on every host, "relaxed", or the default, "auto": the faster one that works. */
  readonly build?: BuildChoice;
  /** Dims of inputs, by name, where an ONNX file leaves some open. An open batch size is 1 unless given. */
  readonly dims?: Readonly<Record<string, readonly number[]>>;
  /**
   * How many threads compute each run together: a number, or "auto" for as many as pay; 1 unless given. Results are the same
   * bits. Where the host has fewer or none, the model runs all the same: `Model.threads` says on how many, `threadsReason` why.
   * The ninth and tenth run are alone, to be timed, and later one in some hundred: where threads prove slower, as another process
   * has their cores, so are others.
   */
  readonly threads?: ThreadsChoice;
  /** The engine itself, for hosts where it cannot be read from beside this package. */
  readonly engine?: EngineSource;
}

/** @throws FormatError where it cannot be read */
export async function bytesOf(source: Exclude<ModelSource, Graph>): Promise<Uint8Array> {
  if (source instanceof Uint8Array) return source;
  if (source instanceof ArrayBuffer) return new Uint8Array(source);
  try {
    if (typeof source === "string" || source instanceof URL) return await readSource(source);
    if (!source.ok) throw new Error(`${source.status} ${source.statusText}`);
    return new Uint8Array(await source.arrayBuffer());
  } catch (error) {
    const what = typeof source === "string" ? source : source instanceof URL ? source.href : source.url;
    throw new FormatError(`cannot read ${what}: ${(error as Error).message}`, { hint: "is the path or URL right?" });
  }
}

export const isGraph = (source: ModelSource): source is Graph => typeof source === "object" && "nodes" in source;

function checkArguments(source: unknown, weights: unknown, strict: unknown): void {
  if (source === null || (typeof source !== "object" && typeof source !== "string")) {
    throw new OptionError(`cannot load a model from ${source}`, "give a path or URL, its bytes, a Response or a Graph");
  }
  if (weights !== undefined && !(weights instanceof Map)) {
    throw new OptionError(
      "weights must be a Map of tensors by name",
      'readSafetensors(bytes).weights of "minnow/formats" is one',
    );
  }
  if (typeof strict !== "boolean") throw new OptionError(`strict is ${strict}`, "it must be true or false");
}

/** A model before it is compiled. */
export interface ReadModel {
  /** Its parameters all have their data. */
  readonly graph: Graph;
  /** How the weights given went with it; undefined unless `strict` is false. */
  readonly weights: WeightsReport | undefined;
}

function takeWeights(graph: Graph, weights: Weights | undefined, strict: boolean): ReadModel {
  if (weights === undefined) return { graph, weights };
  if (strict) return { graph: bindWeights(graph, weights), weights: undefined };
  const { graph: fitted, report } = fitWeights(graph, weights);
  return { graph: fitted, weights: report };
}

/**
 * Reads a model, and binds the weights given to it.
 * @throws FormatError, UnsupportedError or WeightsError, as loadModel
 */
export async function readModel(
  source: ModelSource,
  options: Pick<LoadOptions, "weights" | "strict" | "dims"> = {},
): Promise<ReadModel> {
  const { weights, strict = true, dims } = options;
  checkArguments(source, weights, strict);
  const read = isGraph(source) ? source : readOnnx(await bytesOf(source), { dims });
  const taken = takeWeights(read, weights, strict);
  const missing = [...taken.graph.parameters].filter(([, { data }]) => data === undefined).map(([name]) => name);
  if (missing.length > 0) throw new WeightsError(`"${read.name}" has no weights`, missing, [], []);
  return taken;
}

/** Why there are no threads. Errors that are not the host's are thrown on. */
function reasonOf(error: unknown): string {
  if (error instanceof HostError) return error.message;
  throw error;
}

/** What splits steps among several threads, where they are asked for and can be had; and why they are fewer than asked for. */
async function threadingFor(asked: ThreadsChoice, supplied: boolean): Promise<{ threading?: Threading; reason?: string }> {
  if (asked === 1) return {};
  try {
    const { chooseThreads, Threading } = await wanted(import("./several-threads.ts"));
    const { threads, reason } = chooseThreads(asked, supplied);
    return { threading: threads === 1 ? undefined : new Threading(threads), reason };
  } catch (error) {
    return { reason: reasonOf(error) };
  }
}

/**
 * Loads a model: reads it, compiles it to a plan, and starts an engine that holds it.
 * @param source where the model comes from; an ONNX file, or a graph from `minnow/models`
 * @throws FormatError for a file that cannot be read, UnsupportedError for operators that Minnow lacks (all of them
 *   listed), WeightsError for weights that do not fit (with `strict: false` only where none does), MemoryError for a model that is too large, HostError where
 *   WebAssembly or its SIMD is missing
 */
export async function loadModel(source: ModelSource, options: LoadOptions = {}): Promise<Model> {
  const { build = "auto", engine, threads: asked = 1, ...others } = options;
  const { threading, reason } = await threadingFor(asked, engine !== undefined || modulesAreGiven());
  if (engine === undefined) void expectEngine(build, threading?.threads ?? 1);
  const { graph, weights } = await readModel(source, options);
  const compiled = await compilable(graph);
  let threadsReason = reason;
  if (threading !== undefined) {
    try {
      const plan = compile(compiled, { ...others, threading });
      return await Model.start(graph, plan, build, undefined, { weights, threadsReason });
    } catch (error) {
      threadsReason = reasonOf(error);
    }
  }
  return Model.start(graph, compile(compiled, others), build, engine, { weights, threadsReason });
}
