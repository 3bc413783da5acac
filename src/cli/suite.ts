// minnow suite: what the architectures cost and how fast they run here, as tables and pictures.
import { mkdir } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { Argument, type Command, Option } from "commander";
import { listFamilies, presets, suggest } from "../../models/index.ts";
import { HostError, OptionError } from "../errors.ts";
import { countMultiplyAdds } from "../graph/count.ts";
import type { BuildChoice } from "../index.ts";
import { runIdeas, thorough as thoroughRounds } from "../suite/compare.ts";
import { ideas } from "../suite/ideas.ts";
import { quick, runSuite, thorough } from "../suite/models.ts";
import { drawPictures } from "../suite/pictures.ts";
import { writeBytes } from "./files.ts";
import { type Progress, startProgress } from "./progress.ts";
import { formatHost, ideasReport, suiteReport } from "./suite-report.ts";

interface Options {
  readonly models?: string[];
  readonly families?: string[];
  readonly ideas?: string[];
  readonly layers: string;
  readonly build: BuildChoice;
  readonly quick?: true;
  readonly pictures: boolean;
  readonly output: string;
}

/** Milliseconds after which --quick begins nothing further: what has begun may take some more. */
const QUICK_LIMIT = 40_000;

const list = (text: string): string[] => text.split(",").filter((part) => part !== "");

export function addSuite(program: Command): void {
  program
    .command("suite")
    .summary("measure size and speed of all architectures")
    .description(
      "Measures what architectures cost and how fast they run on this machine, beside published figures, and writes tables " +
        "(Markdown, JSON) and pictures (SVG). Weights are random: no file is needed.",
    )
    .addArgument(
      new Argument("[what]", "models: every architecture; ideas: experiments on what families stand for; all: both")
        .choices(["models", "ideas", "all"])
        .default("models"),
    )
    .option("--families <a,b>", "only presets of these families", list)
    .option("--models <a,b>", "only these presets, or names with a configuration", list)
    .option("--ideas <a,b>", `only these experiments: ${ideas.map(({ name }) => name).join(", ")}`, list)
    .option("--layers <model>", "the model whose steps are drawn one by one", "squeezenet1_1")
    .addOption(
      new Option("--build <build>", "which engine; auto takes relaxed where the host has it")
        .choices(["auto", "strict", "relaxed"])
        .default("auto"),
    )
    .option("--quick", "the cheapest preset of each family (or the ones named), few runs: under a minute")
    .option("--no-pictures", "tables alone; they need no vega")
    .option("-o, --output <folder>", "where to write: suite.md, suite.json, ideas.md, ideas.json, *.svg", "minnow-suite")
    .addHelpText(
      "after",
      `
Pictures are drawn by vega and vega-lite, which this package does not install: npm install vega@6 vega-lite@6

Examples:
  $ minnow suite --quick
  $ minnow suite --families squeezenet,mobilenet_v1 -o results
  $ minnow suite ideas --ideas separable,concat`,
    )
    .action(suite);
}

async function suite(what: string, options: Options): Promise<void> {
  const names = what === "ideas" ? [] : chosenModels(options);
  const chosenIdeas = what === "models" ? [] : chosenExperiments(options.ideas);
  const comparisons = chosenIdeas.reduce((sum, idea) => sum + idea.comparisons.length, 0);
  const host = {
    runtime: `Node ${process.versions.node}`,
    processor: cpus()[0]?.model.trim() ?? "unknown processor",
    date: new Date().toISOString(),
  };
  const timing = options.quick ? quick : thorough;
  const deadline = options.quick ? performance.now() + QUICK_LIMIT : undefined;
  const { build } = options;
  const write = (file: string, text: string) => writeBytes(join(options.output, file), new TextEncoder().encode(text));
  const json = (results: object) => `${JSON.stringify({ host, ...results }, undefined, 2)}\n`;
  await mkdir(options.output, { recursive: true });
  const progress = startProgress(names.length + comparisons);
  try {
    if (names.length > 0) {
      const result = await runSuite({ models: names, build, timing, deadline, layersOf: options.layers }, stepper(progress));
      const report = `${formatHost(host)}\n\n${suiteReport(result)}\n`;
      progress.print(report);
      await write("suite.md", `# Size and speed of the architectures\n\n${report}`);
      await write("suite.json", json(result));
      if (options.pictures) await pictures(result, write, progress);
    }
    if (chosenIdeas.length > 0) {
      const results = await runIdeas(
        chosenIdeas,
        { build, timing: options.quick ? quick : thoroughRounds, deadline },
        stepper(progress),
      );
      const report = `${formatHost(host)}\n\n${ideasReport(results)}\n`;
      progress.print(report);
      await write("ideas.md", `# Ideas, measured\n\n${report}`);
      await write("ideas.json", json({ ideas: results }));
    }
    progress.print(`written to ${options.output}`);
  } finally {
    progress.stop();
  }
}

/** Advances the bar at the end of each part, which is where the next begins. */
function stepper(progress: Progress): (what: string) => void {
  return (what) => progress.advance(what);
}

/** Draws the pictures; without vega there are none, and that is said. */
async function pictures(
  result: Parameters<typeof drawPictures>[0],
  write: (file: string, text: string) => Promise<void>,
  progress: Progress,
): Promise<void> {
  try {
    for (const [file, svg] of await drawPictures(result)) await write(file, svg);
  } catch (error) {
    if (!(error instanceof HostError)) throw error;
    progress.warn(`minnow: ${error.message}\n  --no-pictures leaves them out; the tables are complete without them`);
    process.exitCode = 1;
  }
}

/** @throws OptionError for a family that there is none of */
function chosenModels({ models, families, quick }: Options): string[] {
  const all = listFamilies();
  for (const name of families ?? []) {
    if (!all.has(name)) throw new OptionError(`there is no family ${name}`, suggest(name));
  }
  const ofFamilies = [...all].filter(([name]) => families?.includes(name) ?? models === undefined).map(([, entry]) => entry);
  const named = ofFamilies.map((entry) => entry.presets);
  return [...new Set([...(models ?? []), ...(quick ? cheapest(named) : named.flat())])];
}

/** Of each family the preset with the fewest multiply-adds; the cheapest family first, so that a limit of time leaves out few. */
function cheapest(families: readonly (readonly string[])[]): string[] {
  const cost = (name: string) => ({ name, cost: countMultiplyAdds(presets[name]()) });
  const least = families.map((names) => names.map(cost).reduce((best, other) => (other.cost < best.cost ? other : best)));
  return least.toSorted((a, b) => a.cost - b.cost).map(({ name }) => name);
}

/** @throws OptionError for an experiment that there is none of */
function chosenExperiments(names: readonly string[] | undefined): typeof ideas {
  const unknown = names?.find((name) => !ideas.some((idea) => idea.name === name));
  if (unknown !== undefined) {
    throw new OptionError(`there is no experiment ${unknown}`, `there are ${ideas.map(({ name }) => name).join(", ")}`);
  }
  return names === undefined ? ideas : ideas.filter(({ name }) => names.includes(name));
}
