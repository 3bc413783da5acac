// MODEL on the command line: a file, a URL, or an architecture's name together with a file of weights.
import { existsSync } from "node:fs";
import type { Command } from "commander";
import { presets } from "../../models/index.ts";
import { FormatError, OptionError } from "../errors.ts";
import { normalisationFromMetadata, parseNormalisation } from "../formats/normalisation.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import type { Graph, Weights } from "../graph/graph.ts";
import { seedWeights } from "../graph/seed.ts";
import { loadModel, type Model } from "../index.ts";
import { naming, readBytes } from "./files.ts";

export const modelHelp = "an .onnx file or URL, or an architecture's name with --weights, such as squeezenet1_1";

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
  if (isArchitecture(model)) {
    if (weights !== undefined) return openArchitecture(model, weights);
    throw new OptionError(`${model} is an architecture, and waits for weights`, `add --weights ${model}.safetensors`);
  }
  return openFile(model, weights);
}

/** As openModel, but an architecture needs no weights: where none are given they are random. For looking, not for running. */
export async function openModelForInspection(model: string, weights: string | undefined): Promise<Model> {
  if (!isArchitecture(model) || weights !== undefined) return openModel(model, weights);
  const graph = presets[model]();
  return loadModel(graph, { weights: seedWeights(graph) });
}

/** A name is an architecture's only where no file has it. */
function isArchitecture(model: string): boolean {
  return Object.hasOwn(presets, model) && !existsSync(model);
}

async function openFile(model: string, weights: string | undefined): Promise<Model> {
  if (weights !== undefined) {
    throw new OptionError(
      `--weights goes with an architecture's name, and ${model} is none`,
      `an .onnx file has its weights in it; architectures: ${Object.keys(presets).join(", ")}`,
    );
  }
  if (/^(https?|file):/.test(model)) return loadModel(new URL(model));
  if (!existsSync(model)) {
    throw new FormatError(`there is no file ${model}, and no architecture of that name`, {
      hint: `architectures: ${Object.keys(presets).join(", ")}`,
    });
  }
  return naming(model, async () => loadModel(await readBytes(model)));
}

async function openArchitecture(name: string, file: string): Promise<Model> {
  const bytes = await readBytes(file);
  return naming(file, () => {
    const { weights, metadata } = readSafetensors(bytes);
    const graph = presets[name](classesOf(presets[name](), weights));
    // A file that Minnow wrote states the scaling in numbers, others in words.
    const stated = normalisationFromMetadata(new Map(Object.entries(metadata))) ?? parseNormalisation(metadata.input ?? "");
    return loadModel({ ...graph, normalisation: stated ?? graph.normalisation }, { weights });
  });
}

/** How many classes the weights are for: rows of the classifier, the last parameter that is as long as the output. */
function classesOf(graph: Graph, weights: Weights): number | undefined {
  const classes = Math.max(...graph.outputs[0].dims);
  const classifier = [...graph.parameters].filter(([, { dims }]) => dims[0] === classes).at(-1);
  return classifier && weights.get(classifier[0])?.dims[0];
}
