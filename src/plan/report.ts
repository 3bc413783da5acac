// A plan's memory, for people.
import type { Plan } from "./index.ts";

const KiB = (bytes: number): string => `${(bytes / 1024).toFixed(1)} KiB`;

/**
 * The memory map: the regions of linear memory behind the engine, then every allocation in the arena with the steps
 * (first to last) that it lives through.
 */
export function describeMemory(plan: Plan): string {
  const { program, packedBytes, arenaBytes, storedAt, storedBytes, memory, steps } = plan;
  const arenaAt = program.length + packedBytes;
  const regions: [string, number, number][] = [
    ["program", 0, program.length],
    ["packed weights", program.length, packedBytes],
    ["stored weights (until prepared)", storedAt, storedBytes],
    ["arena", arenaAt, arenaBytes],
  ];
  const last = steps.length - 1;
  const rows = [...memory.allocations]
    .sort((a, b) => a.first - b.first || a.offset - b.offset)
    .map(
      ({ name, offset, bytes, first, last: end }) =>
        `${String(offset).padStart(10)} ${KiB(bytes).padStart(11)}   ${String(first).padStart(4)} … ${String(Math.min(end, last)).padEnd(4)} ${name}`,
    );
  return [
    "    offset        size   region",
    ...regions.map(([name, at, bytes]) => `${String(at).padStart(10)} ${KiB(bytes).padStart(11)}   ${name}`),
    "",
    `arena: ${KiB(arenaBytes)}, lower bound ${KiB(memory.lowerBound)} (${(arenaBytes / memory.lowerBound).toFixed(3)} times)`,
    "    offset        size   steps       what",
    ...rows,
  ].join("\n");
}
