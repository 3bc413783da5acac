// The suite's pictures, as SVG: accuracy against latency and against size, and the time of each step of a model. Drawn by vega
// and vega-lite, which are imported only when a picture is wanted: the engine and the rest of the command need neither.
import { HostError } from "../errors.ts";
import type { ModelFigures, SuiteResult } from "./models.ts";

/** A Vega-Lite specification. */
type Specification = Readonly<Record<string, unknown>>;

/** SVG text by the name of its file. */
export type Pictures = ReadonlyMap<string, string>;

const SCHEMA = "https://vega.github.io/schema/vega-lite/v6.json";

/** For hosts without the packages. */
export const install = "npm install vega@6 vega-lite@6";

/**
 * Draws what the results have data for.
 * @throws HostError where vega or vega-lite is not installed
 */
export async function drawPictures(result: SuiteResult): Promise<Pictures> {
  const draw = await loadVega();
  const pictures = new Map<string, string>();
  const accurate = result.models.filter(({ published }) => published.top1 !== undefined);
  for (const [dataset, models] of [
    ["imagenet", accurate.filter(({ input }) => input[2] > 32)],
    ["cifar10", accurate.filter(({ input }) => input[2] === 32)],
  ] as const) {
    if (models.length < 2) continue;
    pictures.set(`accuracy-latency-${dataset}.svg`, await draw(accuracyAgainst(models, latency)));
    pictures.set(`accuracy-size-${dataset}.svg`, await draw(accuracyAgainst(models, size)));
  }
  if (result.layers !== undefined) {
    const name = result.layers.model.replaceAll(/[^\w.-]+/g, "_");
    pictures.set(`layers-${name}.svg`, await draw(layersOf(result.layers)));
  }
  return pictures;
}

async function loadVega(): Promise<(specification: Specification) => Promise<string>> {
  try {
    const [{ parse, View }, { compile }] = await Promise.all([import("vega"), import("vega-lite")]);
    return (specification) => new View(parse(compile(specification as never).spec), { renderer: "none" }).toSVG();
  } catch (error) {
    throw new HostError("pictures are drawn by vega and vega-lite, and one of them is missing", install, { cause: error });
  }
}

interface Axis {
  readonly title: string;
  readonly of: (model: ModelFigures) => number;
}

const latency: Axis = { title: "latency, fastest warm run, ms", of: ({ warmMs }) => warmMs.least };
const size: Axis = { title: "weights, MiB", of: ({ statistics }) => statistics.weightBytes / 2 ** 20 };

/** Up to so many models all have their names beside them; of more only those that no other beats in both. */
const NAMED = 25;

/** A point for each model, in its family's colour and form. */
function accuracyAgainst(models: readonly ModelFigures[], { title, of }: Axis): Specification {
  const points = models.map((model) => ({
    name: model.name,
    family: model.family,
    x: of(model),
    top1: model.published.top1!.value,
  }));
  const beaten = (one: (typeof points)[number]) =>
    points.some(({ x, top1 }) => x <= one.x && top1 >= one.top1 && (x < one.x || top1 > one.top1));
  const values = points.map((point) => ({ ...point, label: points.length <= NAMED || !beaten(point) ? point.name : "" }));
  const x = { field: "x", type: "quantitative", title, scale: { type: "log" } };
  const y = { field: "top1", type: "quantitative", title: "top-1 as published, %", scale: { zero: false } };
  const colour = { field: "family", type: "nominal", scale: { scheme: "category20" } };
  const shape = { field: "family", type: "nominal" };
  return {
    $schema: SCHEMA,
    width: 760,
    height: 480,
    background: "white",
    data: { values },
    encoding: { x, y },
    layer: [
      { mark: { type: "line", strokeWidth: 0.7, opacity: 0.5 }, encoding: { color: colour, order: { field: "x" } } },
      { mark: { type: "point", filled: true, size: 45, opacity: 0.9 }, encoding: { color: colour, shape } },
      {
        mark: { type: "text", dx: -5, dy: -6, align: "right", fontSize: 9 },
        encoding: { text: { field: "label" } },
      },
    ],
  };
}

/** A bar for each step, in the order in which they run, in its kernel's colour. */
function layersOf({ model, steps }: NonNullable<SuiteResult["layers"]>): Specification {
  const values = steps.map(({ name, kernel, ms }, index) => ({ step: `${index} ${name}`, kernel, ms }));
  return {
    $schema: SCHEMA,
    width: 560,
    height: { step: 11 },
    background: "white",
    title: `${model}: time of each step`,
    data: { values },
    mark: "bar",
    encoding: {
      y: { field: "step", type: "nominal", sort: null, title: null, axis: { labelFontSize: 8, labelLimit: 260 } },
      x: { field: "ms", type: "quantitative", title: "ms, median" },
      color: { field: "kernel", type: "nominal" },
    },
  };
}
