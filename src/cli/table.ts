// Tables and numbers as people read them.
import { markdownTable } from "markdown-table";
import type { Normalisation } from "../graph/graph.ts";

/**
 * A Markdown table.
 *
 * @param header titles of the columns; one that begins with ">" has numbers under it, aligned to the right
 * @param rows cells by row and column
 */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const align = header.map((title) => (title.startsWith(">") ? "r" : "l"));
  const titles = header.map((title) => title.replace(/^>/, ""));
  // A bar within a cell would end the cell.
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("|", "\\|")));
  return markdownTable([titles, ...cells], { align });
}

/** 1235496 becomes 1,235,496. */
export function formatCount(count: number): string {
  return count.toLocaleString("en-US");
}

/** Bytes as KiB or MiB. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1024 * 1024)).toFixed(2)} MiB`;
}

/** 0.9312 becomes 93.1 %. */
export function formatPercent(probability: number): string {
  return `${(probability * 100).toFixed(1)} %`;
}

/** How pixels are scaled, as a formula of x. */
export function formatNormalisation({ mean, std, scale }: Normalisation): string {
  return `(x / ${scale} - [${mean}]) / [${std}]`;
}
