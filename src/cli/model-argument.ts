// MODEL on the command line: a file, a URL, or an architecture's name together with a file of weights.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { suggest } from "../../models/index.ts";
import { FormatError, OptionError } from "../errors.ts";
import type { Graph } from "../graph/graph.ts";
import { type LoadOptions, loadModel, type Model, type ModelSource } from "../index.ts";
import { readModel } from "../runtime/load.ts";
import { isArchitecture, readArchitecture } from "./architecture.ts";
import { naming, readBytes } from "./files.ts";

export const modelHelp =
  "an .onnx file or URL, or an architecture's name with --weights, such as squeezenet1_1 or mobilenet_v1?alpha=0.5";

/** Adds --weights, which goes with every MODEL. */
export function addWeightsOption(command: Command): Command {
  return command.option("--weights <file>", "trained weights of a named architecture (.safetensors)");
}

/**
 * Loads the model that MODEL and --weights name.
 *
 * @throws OptionError where one of the two does not go with the other
 * @throws FormatError, UnsupportedError or WeightsError where a file is at fault
 */
export async function openModel(model: string, weights: string | undefined): Promise<Model> {
  return open(model, weights, loadModel);
}

/** As openModel, but only reads it. */
export async function readModelArgument(model: string, weights: string | undefined): Promise<Graph> {
  return open(model, weights, readModel);
}

/** As openModel, but an architecture needs no weights: where none are given they are random. For looking, not for running. */
export async function openModelForInspection(model: string, weights: string | undefined, options?: LoadOptions): Promise<Model> {
  const load = (source: ModelSource) => loadModel(source, options);
  return isArchitecture(model) ? load(await readArchitecture(model, weights)) : openFile(model, weights, load);
}

type Load<T> = (source: ModelSource) => Promise<T>;

async function open<T>(model: string, weights: string | undefined, load: Load<T>): Promise<T> {
  if (!isArchitecture(model)) return openFile(model, weights, load);
  if (weights === undefined) {
    throw new OptionError(`${model} is an architecture, and waits for weights`, `add --weights ${model}.safetensors`);
  }
  return load(await readArchitecture(model, weights));
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
