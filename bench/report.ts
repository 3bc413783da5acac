// Results as Markdown tables, ready for docs/performance.md.
import { formatTable } from "../src/cli/table.ts";
import { formatMs, formatPeaks, formatSpread } from "../src/measure/format.ts";
import { spreadOf } from "../src/measure/statistics.ts";
import type { Algorithm, AlgorithmResult } from "./algorithms.ts";
import type { ColdResult } from "./cold.ts";
import type { FloorResult, FloorsResult } from "./floor.ts";
import type { KernelResult, KernelsResult } from "./kernels.ts";
import { type EngineResult, type ModelResult, type ModelsResult, ratioOf } from "./models.ts";
import type { ThreadsResult } from "./threads.ts";

const isMinnow = ({ engine }: EngineResult) => engine.startsWith("minnow");

/** Milliseconds, median (p10–p90), of each engine; then how many times as long as Minnow's builds each peer takes. */
export function modelsReport({ models, peaks }: ModelsResult): string {
  return [...enginesReport(models, "model", 1e9), formatPeaks(peaks)].join("\n\n");
}

/** The same of random layers, and how those are together. */
export function sweepReport(results: readonly ModelResult[]): string {
  const ours = results[0].engines.filter(isMinnow).map(({ engine }) => engine);
  const summaries = ours.map((engine) => {
    const ratios = results.map((result) => ratioOf(result, engine, "onnxruntime-web")).filter((ratio) => ratio !== undefined);
    const ahead = ratios.filter((ratio) => ratio >= 1).length;
    return `${engine} is as fast as onnxruntime-web or faster on ${ahead} of ${results.length} layers; the median is ${spreadOf(ratios).median.toFixed(2)}×.`;
  });
  return [...enginesReport(results, "layer", 1e6), ...summaries].join("\n\n");
}

/** A table, what it says, and what did not run. Multiply-adds are counted in `unit`s. */
function enginesReport(results: readonly ModelResult[], what: string, unit: 1e6 | 1e9): string[] {
  const engines = results[0].engines;
  const ours = engines.filter(isMinnow).map(({ engine }) => engine);
  const peers = engines.filter((one) => !isMinnow(one)).map(({ engine }) => engine);
  const rows = results.map((result) => [
    result.model,
    `${(result.multiplyAdds / unit).toFixed(2)} ${unit === 1e9 ? "G" : "M"}`,
    ...result.engines.map(formatEngine),
    ...peers.map((peer) => ours.map((one) => formatRatio(result, one, peer)).join(" / ")),
    result.engines.map(({ difference }) => difference?.toExponential(0) ?? "–").join(" / "),
    String(result.rounds),
  ]);
  const ratios = peers.map((peer) => `>${peer} ÷ ${ours.join(" / ")}`);
  const header = [what, ">multiply-adds", ...engines.map(({ engine }) => `>${engine}, ms`), ...ratios, ">difference", ">rounds"];
  const skipped = results.flatMap(({ model, engines }) =>
    engines.flatMap(({ engine, skipped }) => (skipped === undefined ? [] : [`${engine} does not run ${model}: ${skipped}.`])),
  );
  return [
    formatTable(header, rows),
    "Milliseconds: median (p10–p90). Difference: of each engine's output to onnxruntime-web's, relative to its largest value.",
    ...skipped,
  ];
}

function formatEngine({ ms, correct }: EngineResult): string {
  if (ms === undefined) return "–";
  return correct ? formatSpread(ms) : `WRONG ${formatSpread(ms)}`;
}

function formatRatio(result: ModelResult, one: string, peer: string): string {
  const ratio = ratioOf(result, one, peer);
  return ratio === undefined ? "–" : `${ratio.toFixed(2)}×`;
}

/** GFLOP/s and GB/s by layer, with what part of the peaks that is. */
export function kernelsReport({ kernels, peaks }: KernelsResult): string {
  const builds = [...new Set(kernels.map(({ build }) => build))];
  const rows = kernels
    .filter(({ build }) => build === builds[0])
    .map((first) => {
      const same = builds.map(
        (build) => kernels.find((k) => k.build === build && k.group === first.group && k.layer === first.layer)!,
      );
      return [first.group, first.layer, first.kernel, ...same.flatMap(formatKernel)];
    });
  const header = builds.flatMap((build) => [`>${build}, ms`, ">GFLOP/s", ">of peak", ">GB/s"]);
  return [
    formatTable(["operator", "layer", "kernel", ...header], rows),
    "Milliseconds: median (p10–p90). GFLOP/s count a direct convolution's operations: Winograd's and Strassen's can exceed the peak.",
    "Of peak: the median over samples, each beside the peak measured right after it, as others may have half of the core at times.",
    formatPeaks(peaks),
  ].join("\n\n");
}

function formatKernel({ ms, gflops, ofPeak, bandwidth }: KernelResult): string[] {
  const arithmetic = gflops === 0 ? ["–", "–"] : [gflops.toFixed(1), `${(100 * ofPeak).toFixed(0)} %`];
  return [formatSpread(ms), ...arithmetic, bandwidth.toFixed(1)];
}

/** What an algorithm gains, and what it costs in precision. */
export function algorithmReport(algorithm: Algorithm, results: readonly AlgorithmResult[]): string {
  const withSmall = results.some(({ small }) => small !== undefined);
  const smallCells = (small: AlgorithmResult["small"]) =>
    small === undefined ? ["–", "–"] : [`${small.gain.toFixed(2)}×`, small.error.toExponential(1)];
  const rows = results.map(({ group, layer, direct, fast, small }) => [
    group,
    layer,
    formatSpread(direct.ms),
    formatSpread(fast.ms),
    `${fast.gain.toFixed(2)}×`,
    direct.error.toExponential(1),
    fast.error.toExponential(1),
    ...(withSmall ? smallCells(small) : []),
  ]);
  const names = [">direct, ms", `>${algorithm}, ms`, ">gain", ">direct error", `>${algorithm} error`];
  const header = ["operator", "layer", ...names, ...(withSmall ? [">gain, small", ">error, small"] : [])];
  return [
    formatTable(header, rows),
    "Milliseconds: median (p10–p90), strict build. Errors: largest distance from float64, relative to the largest value.",
    ...(withSmall ? ["Small: with as little memory for weights as can be."] : []),
  ].join("\n\n");
}

/** Milliseconds of a run and of its floor, and how many milliseconds each kernel's steps take beyond theirs. */
export function floorsReport({ models, peaks }: FloorsResult): string {
  const multiplies = new Set(
    models.flatMap(({ steps }) => steps.flatMap(({ kernel, floorMs }) => (floorMs > 0 ? [kernel] : []))),
  );
  const over = ({ steps }: FloorResult, belongs: (kernel: string) => boolean) =>
    steps.reduce((sum, { kernel, ms, floorMs }) => (belongs(kernel) ? sum + ms - floorMs : sum), 0).toFixed(2);
  const rows = models.map((result) => [
    result.model,
    result.build,
    formatSpread(result.ms),
    formatMs(result.floorMs),
    `${((100 * result.floorMs) / result.ms.median).toFixed(0)} %`,
    ...[...multiplies].map((name) =>
      result.steps.some(({ kernel }) => kernel === name) ? over(result, (kernel) => kernel === name) : "–",
    ),
    over(result, (kernel) => !multiplies.has(kernel)),
  ]);
  const header = [
    "model",
    "build",
    ">a run, ms",
    ">floor, ms",
    ">of the run",
    ...[...multiplies].map((name) => `>${name}`),
    ">others",
  ];
  return [
    formatTable(header, rows),
    "Milliseconds: median (p10–p90); by kernel, what its steps take beyond their floors.",
    "Floor: the multiply-adds of each step's algorithm at the peak; of fully connected layers their weights at the memory's speed.",
    formatPeaks(peaks),
  ].join("\n\n");
}

/** Milliseconds and MiB by engine. */
export function coldReport({ model, engines }: ColdResult): string {
  const rows = engines.map(({ engine, ms, rss }) => [engine, ms === undefined ? "–" : formatSpread(ms), rss.median.toFixed(0)]);
  return [
    formatTable(["a fresh process with", `>import to first result of ${model}, ms`, ">resident, MiB"], rows),
    "Milliseconds: median (p10–p90). tfjs-backend-wasm reads the ONNX file through Minnow's reader, as it has none.",
  ].join("\n\n");
}

/** One thread and several: milliseconds of each, and how many times as fast several are. */
export function threadsReport(results: readonly ThreadsResult[]): string {
  const rows = results.map(({ model, threads, one, several, ratio, undisturbed, rounds, sameBits }) => [
    model,
    String(threads),
    formatSpread(one),
    sameBits ? formatSpread(several) : `OTHER BITS ${formatSpread(several)}`,
    `${ratio.median.toFixed(2)}×`,
    undisturbed.ratio === undefined ? "–" : `${undisturbed.ratio.median.toFixed(2)}×`,
    `${undisturbed.rounds} of ${rounds}`,
  ]);
  const header = ["model", ">threads", ">one, ms", ">several, ms", ">ratio", ">undisturbed", ">rounds undisturbed"];
  return [
    formatTable(header, rows),
    "Milliseconds: median (p10–p90). Ratios: medians over the rounds, and over those in which the threads had all their cores.",
  ].join("\n\n");
}
