// Measurements as people read them.
import type { Peaks } from "./peak.ts";
import type { Spread } from "./statistics.ts";

/** Three digits, or all before the point. */
export const formatMs = (ms: number): string => (ms < 1000 ? ms.toPrecision(3) : ms.toFixed(0));

/** Median (p10–p90), in milliseconds. */
export const formatSpread = ({ median, p10, p90 }: Spread): string => `${formatMs(median)} (${formatMs(p10)}–${formatMs(p90)})`;

/** A sentence on what the machine could do at best. */
export function formatPeaks({ strict, relaxed, read }: Peaks): string {
  const fused = relaxed === undefined ? "" : `, ${relaxed.toFixed(1)} with fused multiply-add (relaxed)`;
  return `In the same run the machine peaks at ${strict.toFixed(1)} GFLOP/s${fused}, and reads ${read.toFixed(1)} GB/s from memory.`;
}
