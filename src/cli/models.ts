// minnow models: which architectures there are, what each costs, and what can be configured.
import type { Command } from "commander";
import { type AnyFamily, type Field, findArchitecture, listFamilies, presets, suggest } from "../../models/index.ts";
import { OptionError } from "../errors.ts";
import { countMultiplyAdds, countParameters } from "../graph/count.ts";
import { formatDims } from "../tensor.ts";
import { formatCount, formatTable } from "./table.ts";

interface Options {
  readonly json?: true;
}

export function addModels(program: Command): void {
  program
    .command("models")
    .summary("list the architectures that minnow knows by name")
    .description("Lists the families of architectures, their presets with size and cost, and the fields that configure them.")
    .argument("[name...]", "families or presets to list (default: all)")
    .option("--json", "print an array of {family, fields, presets: [{name, parameters, multiplyAdds, input, classes}]}")
    .addHelpText(
      "after",
      `
A preset or family with other values of its fields is a model too, wherever one is asked for: "NAME?field=value&field=value",
in quotes.

Examples:
  $ minnow models
  $ minnow models mobilenet_v1 --json
  $ minnow inspect "mobilenet_v1?alpha=0.5&resolution=160"`,
    )
    .action(list);
}

interface PresetInfo {
  readonly name: string;
  readonly parameters: number;
  /** Of convolutions and fully connected layers. */
  readonly multiplyAdds: number;
  /** Dims of the input. */
  readonly input: readonly number[];
  readonly classes: number;
}

interface FamilyInfo {
  readonly family: string;
  readonly fields: readonly ({ readonly name: string } & Field)[];
  readonly presets: readonly PresetInfo[];
}

function list(names: string[], { json }: Options): void {
  const infos = chosen(names).map(describe);
  if (json) console.log(JSON.stringify(infos, undefined, 2));
  else console.log(infos.map(format).join("\n\n"));
}

/** @throws OptionError for a name that is neither a family's nor a preset's */
function chosen(names: readonly string[]): { family: AnyFamily; presets: readonly string[] }[] {
  const families = [...listFamilies().values()];
  for (const name of names) {
    if (!Object.hasOwn(presets, name) && !families.some(({ family }) => family.family === name)) {
      throw new OptionError(`there is no family or preset ${name}`, suggest(name));
    }
  }
  if (names.length === 0) return families;
  return families
    .map(({ family, presets }) => ({
      family,
      presets: names.includes(family.family) ? presets : presets.filter((name) => names.includes(name)),
    }))
    .filter(({ presets }) => presets.length > 0);
}

function describe({ family, presets }: ReturnType<typeof chosen>[number]): FamilyInfo {
  return {
    family: family.family,
    fields: [...family.fields].map(([name, field]) => ({ name, ...field })),
    presets: presets.map((name) => {
      const { config } = findArchitecture(name);
      const graph = family(config);
      return {
        name,
        parameters: countParameters(graph),
        multiplyAdds: countMultiplyAdds(graph),
        input: graph.inputs[0].dims,
        classes: Math.max(...graph.outputs[0].dims),
      };
    }),
  };
}

function format({ family, fields, presets }: FamilyInfo): string {
  const table = formatTable(
    [family, ">parameters", ">multiply-adds", "input", ">classes"],
    presets.map(({ name, parameters, multiplyAdds, input, classes }) => [
      name,
      formatCount(parameters),
      formatCount(multiplyAdds),
      formatDims(input),
      String(classes),
    ]),
  );
  const configured = fields.map(({ name, wanted }) => (wanted === undefined ? name : `${name} (${wanted})`));
  return `${table}\nfields: ${configured.join("; ")}`;
}
