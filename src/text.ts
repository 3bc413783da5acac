// Lists as messages show them.

/** Names with commas between them; of many only the first, and how many there are. */
export function listNames(names: readonly string[]): string {
  return `${names.slice(0, 20).join(", ")}${names.length > 20 ? `, … (${names.length} in all)` : ""}`;
}
