// --mean, --std and --scale on the command line: how pixels become numbers.
import type { Command } from "commander";
import type { Normalisation } from "../graph/graph.ts";
import { parseDivisor, parseDivisors, parseNumbers } from "./arguments.ts";
import { formatNormalisation } from "./table.ts";

export interface ScalingOptions {
  readonly mean?: number[];
  readonly std?: number[];
  readonly scale?: number;
}

export function addScalingOptions(command: Command): Command {
  return command
    .option("--mean <a,b,c>", "pixels become (x / scale - mean) / std: the mean of R, G, B", parseNumbers)
    .option("--std <a,b,c>", "the standard deviation of R, G, B", parseDivisors)
    .option("--scale <n>", "what the pixels 0…255 are divided by first (default: 255)", parseDivisor);
}

/** The scaling that the options give, if they give any. */
export function scalingOf({ mean, std, scale }: ScalingOptions): Normalisation | undefined {
  if (mean === undefined && std === undefined && scale === undefined) return undefined;
  return { mean: mean ?? [0], std: std ?? [1], scale: scale ?? 255 };
}

/** Says that a scaling is a guess, because neither the model nor the options give one. */
export function noteGuess(guess: Normalisation): void {
  const scaling = formatNormalisation(guess);
  console.error(`note: the model does not say how pixels x are scaled; taking ${scaling}; --mean, --std and --scale change it`);
}
