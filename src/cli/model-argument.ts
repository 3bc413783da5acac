// MODEL on the command line: a file, a URL, or an architecture's name together with a file of weights.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { suggest } from "../../models/index.ts";
import { FormatError, OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { formatMisshapen, type WeightsReport } from "../graph/weights.ts";
import { type LoadOptions, loadModel, type MemoryChoice, type Model, type ModelSource, type ThreadsChoice } from "../index.ts";
import { readModel } from "../runtime/load.ts";
import { listNames } from "../text.ts";
import { isArchitecture, readArchitecture } from "./architecture.ts";
import { parseMemory, parseThreads } from "./arguments.ts";
import { naming, readBytes } from "./files.ts";

export const modelHelp =
  "an .onnx file or URL, or an architecture's name with --weights, such as squeezenet1_1 or mobilenet_v1?alpha=0.5";

/** What goes with every MODEL. */
export interface WeightsOptions {
  readonly weights?: string;
  readonly partial?: true;
}

/** Adds --weights and --partial, which go with every MODEL. */
export function addWeightsOption(command: Command): Command {
  return command
    .option("--weights <file>", "trained weights of a named architecture (.safetensors)")
    .option("--partial", "load those weights that fit, begin the rest with random numbers, and say which");
}

/** Of commands that run a model. */
export interface ThreadsOptions {
  readonly threads?: ThreadsChoice;
}

/** Adds --threads. */
export function addThreadsOption(command: Command): Command {
  return command.option(
    "--threads <n>",
    "threads that compute a run together, or auto: as many as pay (default: 1)",
    parseThreads,
  );
}

/** Of commands that plan a model's memory. */
export interface MemoryOptions {
  readonly memory?: MemoryChoice;
}

/** Adds --memory. */
export function addMemoryOption(command: Command): Command {
  return command.option(
    "--memory <choice>",
    "how much the weights may take: fast, small, or bytes beyond small (default: fast)",
    parseMemory,
  );
}

/** Says on stderr why a model runs on fewer threads than asked for, if it does. */
export function noteThreads({ threads, threadsReason }: Model): void {
  if (threadsReason !== undefined)
    console.error(`note: running on ${threads} thread${threads === 1 ? "" : "s"}: ${threadsReason}`);
}

/**
 * Loads the model that MODEL and --weights name.
 *
 * @throws OptionError where one of the two does not go with the other
 * @throws FormatError, UnsupportedError or WeightsError where a file is at fault
 */
export async function openModel(model: string, options: WeightsOptions & ThreadsOptions, load?: LoadOptions): Promise<Model> {
  demandWeights(model, options);
  return openModelForInspection(model, options, { threads: options.threads, ...load });
}

/** As openModel, but only reads it. */
export async function readModelArgument(model: string, options: WeightsOptions): Promise<Graph> {
  demandWeights(model, options);
  return (await open(model, options, readModel)).graph;
}

/** As openModel, but an architecture needs no weights: where none are given they are random. For looking, not for running. */
export async function openModelForInspection(model: string, options: WeightsOptions, load?: LoadOptions): Promise<Model> {
  return open(model, options, (source, weights) => loadModel(source, { ...load, ...weights }));
}

/** An architecture by its name, with the weights of a file or random ones. */
export async function readNamed(name: string, options: WeightsOptions): Promise<Graph> {
  return (await openArchitecture(name, options, readModel)).graph;
}

function demandWeights(model: string, { weights }: WeightsOptions): void {
  if (isArchitecture(model) && weights === undefined) {
    throw new OptionError(`${model} is an architecture, and waits for weights`, `add --weights ${model}.safetensors`);
  }
}

/** What loads or reads a model, and tells how the weights went with it. */
type Load<T> = (source: ModelSource, options?: Pick<LoadOptions, "weights" | "strict">) => Promise<T>;

interface Weighted {
  readonly weights: WeightsReport | undefined;
}

function open<T extends Weighted>(model: string, options: WeightsOptions, load: Load<T>): Promise<T> {
  return isArchitecture(model) ? openArchitecture(model, options, load) : openFile(model, options.weights, load);
}

async function openArchitecture<T extends Weighted>(name: string, options: WeightsOptions, load: Load<T>): Promise<T> {
  const { weights: file, partial } = options;
  const { graph, weights } = await readArchitecture(name, file);
  const loaded = await load(graph, { weights, strict: file === undefined || !partial });
  if (file !== undefined && loaded.weights !== undefined) reportWeights(file, loaded.weights);
  return loaded;
}

/** Says on stderr what of a file of weights was loaded. */
function reportWeights(file: string, { loaded, missing, unexpected, misshapen }: WeightsReport): void {
  const count = loaded.length + missing.length + misshapen.length;
  console.error(`note: ${file} has ${loaded.length} of the ${count} tensors that the model wants`);
  for (const [what, names] of [
    ["missing, random instead", missing],
    ["of other dims or type, random instead", misshapen.map(formatMisshapen)],
    ["unexpected, ignored", unexpected],
  ] as const) {
    if (names.length > 0) console.error(`  ${what}: ${listNames(names)}`);
  }
}

async function openFile<T>(model: string, weights: string | undefined, load: Load<T>): Promise<T> {
  if (weights !== undefined) {
    throw new OptionError(
      `--weights goes with an architecture's name, and ${model} is none`,
      `an .onnx file has its weights in it; ${suggest(model)}`,
    );
  }
  if (/^(https?|file):/.test(model)) return load(new URL(model));
  if (!existsSync(model)) {
    throw new FormatError(`there is no file ${model}, and no architecture of that name`, { hint: suggest(model.split("?")[0]) });
  }
  return naming(model, async () => load(await readBytes(model)));
}
