// Runs a model in clean and in poisoned memory. Whatever an earlier step, model or run left behind must not show: not in
// lanes beyond the last channel, not in pixels beyond the last one, not in scratch.
import assert from "node:assert/strict";
import { Header } from "../../assembly/plan.ts";
import type { Graph } from "../../src/graph/graph.ts";
import { type LoadOptions, loadModel } from "../../src/runtime/load.ts";
import type { Model } from "../../src/runtime/model.ts";
import type { Tensor, TensorData } from "../../src/tensor.ts";
import type { Engine } from "./engines.ts";

/** A NaN whose bits no computation makes. */
const POISON = 0x7fc0dead;

export interface Regions {
  /** The engine's own memory, the program and the packed weights: what a run must leave alone. */
  readonly fixed: Uint8Array;
  readonly arena: Uint32Array;
  /** From the arena's end to the end of memory. */
  readonly rest: Uint32Array;
}

/** A model's linear memory, cut where the plan's header says. */
export function regionsOf(model: Model, { planBase }: Engine): Regions {
  const buffer = model.view(model.outputs[0].name).data.buffer as ArrayBuffer;
  const header = new DataView(buffer, planBase);
  const field = (offset: number) => header.getUint32(offset, true);
  const arenaAt = planBase + field(Header.programBytes) + field(Header.packedBytes);
  const arenaEnd = arenaAt + field(Header.arenaBytes);
  return {
    fixed: new Uint8Array(buffer, 0, arenaAt),
    arena: new Uint32Array(buffer, arenaAt, (arenaEnd - arenaAt) / 4),
    rest: new Uint32Array(buffer, arenaEnd, (buffer.byteLength - arenaEnd) / 4),
  };
}

/** Fills everything that a run may overwrite, and what lies behind it, with NaN. */
export function poison({ arena, rest }: Regions): void {
  arena.fill(POISON);
  rest.fill(POISON);
}

const bytesOf = (array: TensorData | Uint32Array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength);

/**
 * The outputs of a graph, after making sure that they are the same to the bit in poisoned memory, and that the run wrote
 * nothing outside its arena.
 */
export async function runPoisoned(
  graph: Graph,
  inputs: Readonly<Record<string, Tensor>>,
  engine: Engine,
  options: LoadOptions = {},
): Promise<Record<string, Tensor>> {
  const model = await loadModel(graph, { ...options, build: engine.build, engine: engine.module });
  const clean = await model.run(inputs);
  const regions = regionsOf(model, engine);
  const fixed = Buffer.from(regions.fixed);
  poison(regions);
  const rest = Buffer.from(bytesOf(regions.rest));
  const poisoned = await model.run(inputs);
  for (const [name, tensor] of Object.entries(clean)) {
    assert.ok(
      bytesOf(tensor.data).equals(bytesOf(poisoned[name].data)),
      `output "${name}" depends on what memory held before the run`,
    );
  }
  assert.ok(fixed.equals(regions.fixed), "the run wrote to its program or weights");
  assert.ok(rest.equals(bytesOf(regions.rest)), "the run wrote beyond its arena");
  model.dispose();
  return clean;
}
