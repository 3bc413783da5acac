// Architectures by name: with the weights of a file, or with random ones.
import { existsSync } from "node:fs";
import { findArchitecture, isArchitectureName } from "../../models/index.ts";
import { normalisationFromMetadata, parseNormalisation } from "../formats/normalisation.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import type { Graph, Weights } from "../graph/graph.ts";
import { seedWeights } from "../graph/seed.ts";
import { naming, readBytes } from "./files.ts";

/** A name is an architecture's only where no file has it. */
export function isArchitecture(model: string): boolean {
  return isArchitectureName(model) && !existsSync(model);
}

/**
 * An architecture and weights for it: those of a file, or where none is given random ones. The number of classes is the
 * name's own, or that of the weights.
 *
 * @throws FormatError where the file is at fault
 */
export async function readArchitecture(name: string, file: string | undefined): Promise<{ graph: Graph; weights: Weights }> {
  const { family, config, given } = findArchitecture(name);
  const published = family(config);
  if (file === undefined) return { graph: published, weights: seedWeights(published) };
  const bytes = await readBytes(file);
  return naming(file, () => {
    const { weights, metadata } = readSafetensors(bytes);
    const graph = family({ ...config, classes: classesOf(published, weights), ...given });
    // A file that Minnow wrote states the scaling in numbers, others in words.
    const stated = normalisationFromMetadata(new Map(Object.entries(metadata))) ?? parseNormalisation(metadata.input ?? "");
    return { graph: { ...graph, normalisation: stated ?? graph.normalisation }, weights };
  });
}

/** How many classes the weights are for: rows of the classifier, the last parameter that is as long as the output. The graph's own where they have none. */
function classesOf(graph: Graph, weights: Weights): number {
  const classes = Math.max(...graph.outputs[0].dims);
  const classifier = [...graph.parameters].filter(([, { dims }]) => dims[0] === classes).at(-1);
  return (classifier && weights.get(classifier[0])?.dims[0]) ?? classes;
}
