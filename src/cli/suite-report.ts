// The suite's results as Markdown.
import { type Figure, sources } from "../../models/published.ts";
import { formatMs, formatPeaks, formatSpread } from "../measure/format.ts";
import type { ComparisonFigures, IdeaFigures, VariantFigures } from "../suite/compare.ts";
import { type ModelFigures, peakShare, type SuiteResult } from "../suite/models.ts";
import { formatBytes, formatCount, formatTable } from "./table.ts";

/** What the results were measured on. */
export interface Host {
  readonly runtime: string;
  readonly processor: string;
  readonly date: string;
}

const formatMillions = (count: number) => `${count < 1e9 ? (count / 1e6).toPrecision(3) : (count / 1e6).toFixed(0)} M`;
const formatRatio = (ratio: number) => `${ratio.toFixed(2)}×`;

export function formatHost({ runtime, processor, date }: Host): string {
  return `${processor}, ${runtime}, one thread, ${date.slice(0, 10)}.`;
}

/** One table of all models, and what its columns mean. */
export function suiteReport({ build, peaks, models, refused }: SuiteResult): string {
  const used = new Map<string, number>();
  const cite = (figure: Figure | undefined, format: (value: number) => string): string => {
    if (figure === undefined) return "";
    const number = used.get(figure.source) ?? used.size + 1;
    used.set(figure.source, number);
    return `${format(figure.value)} [${number}]`;
  };
  const row = ({ name, input, statistics, coldMs, warmMs, gflops, published }: ModelFigures): string[] => [
    name,
    `${input.at(-1)}²`,
    formatCount(statistics.parameters),
    formatMillions(statistics.multiplyAdds),
    formatBytes(statistics.weightBytes),
    formatBytes(statistics.arenaBytes),
    formatMs(coldMs),
    formatMs(warmMs.least),
    formatSpread(warmMs),
    gflops.toFixed(1),
    `${(100 * peakShare(gflops, build, peaks)).toFixed(0)} %`,
    cite(published.parameters, formatCount),
    cite(published.multiplyAdds, formatMillions),
    cite(published.top1, (value) => value.toFixed(1)),
  ];
  const table = formatTable(
    [
      ...[
        "model",
        ">input",
        ">parameters",
        ">multiply-adds",
        ">weights",
        ">arena",
        ">cold, ms",
        ">fastest, ms",
        ">warm, ms",
        ">GFLOP/s",
      ],
      ...[">of peak", ">published: parameters", ">multiply-adds", ">top-1, %"],
    ],
    models.map(row),
  );
  return [
    table,
    `The ${build} build, seeded weights. Cold: from a graph and its weights in memory to the first result. Warm: median (p10–p90) of ` +
      "the runs after that; GFLOP/s are of the fastest, as the peak is the best of its samples. They count a direct convolution's operations: Winograd's can exceed the peak.",
    formatPeaks(peaks),
    "Multiply-adds are those of convolutions and fully connected layers; published ones follow their source's convention, and " +
      "some count additions, normalisations and pools too. Accuracies are the sources', not measured here.",
    [...used].map(([source, number]) => `[${number}] ${sources[source as keyof typeof sources]}`).join("\n"),
    ...refused.map(({ name, reason }) => `${name} did not run: ${reason}`),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** A table for each idea. */
export function ideasReport(ideas: readonly IdeaFigures[]): string {
  const legend =
    "Variants take turns. Milliseconds: the sum of all steps, each as in the round where it was fastest, which on a shared machine " +
    "is the nearest to what the work takes; beside it the median of whole rounds.";
  const tables = ideas
    .map(({ title, source, comparisons, left }) => {
      const cited = source === undefined ? [] : [`Top-1 as published: ${source}.`];
      const unmeasured = left === 0 ? [] : [`There was no time for ${left} more.`];
      const table = comparisons.length === 0 ? [] : [ideaTable(comparisons)];
      return [`## ${title}`, ...table, ...cited, ...unmeasured].join("\n\n");
    })
    .join("\n\n");
  return `${legend}\n\n${tables}`;
}

function ideaTable(comparisons: readonly ComparisonFigures[]): string {
  const all = comparisons.flatMap(({ variants }) => variants);
  const accurate = all.some(({ top1 }) => top1 !== undefined);
  const moves = all.some(({ movingMs }) => movingMs > 0);
  const row = (title: string, figures: VariantFigures, first: VariantFigures): string[] => [
    title,
    figures.label,
    formatCount(figures.parameters),
    formatMillions(figures.multiplyAdds),
    formatRatio(figures.multiplyAdds / first.multiplyAdds),
    formatMs(figures.ms),
    formatRatio(figures.ms / first.ms),
    formatMs(figures.rounds.median),
    figures.gflops.toFixed(1),
    ...(moves ? [figures.movingMs === 0 ? "0" : formatMs(figures.movingMs)] : []),
    formatBytes(figures.arenaBytes),
    ...(accurate ? [figures.top1?.toFixed(1) ?? ""] : []),
  ];
  const header = [
    ...["", "variant", ">parameters", ">multiply-adds", ">÷ first", ">ms", ">÷ first", ">whole rounds, ms", ">GFLOP/s"],
    ...(moves ? [">moving data, ms"] : []),
    ">arena",
    ...(accurate ? [">top-1, %"] : []),
  ];
  const rows = comparisons.flatMap(({ title, variants }) =>
    variants.map((figures, i) => row(i === 0 ? title : "", figures, variants[0])),
  );
  return formatTable(header, rows);
}
