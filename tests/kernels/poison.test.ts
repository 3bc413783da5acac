// Whole networks in poisoned memory: their results must be the same to the bit (poison.ts; every grid checks its small
// graphs in the same way). And the poison itself: it must reach what it should, and leave the weights alone.
import assert from "node:assert/strict";
import { test } from "node:test";
import { squeezenet } from "../../models/squeezenet.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { loadModel } from "../../src/runtime/load.ts";
import { randomTensor } from "../random.ts";
import { checkGraph, withParameters } from "./check.ts";
import { cannotRun, engineOf } from "./engines.ts";
import { poison, regionsOf } from "./poison.ts";

function network(name: string, dims: readonly number[], body: (b: GraphBuilder, x: ValueInfo) => ValueInfo): Graph {
  const builder = new GraphBuilder(name);
  return builder.build({ output: body(builder, builder.input("input", dims)) });
}

const networks: readonly Graph[] = [
  squeezenet({ resolution: 35, classes: 11 }),
  squeezenet({
    version: "1.0",
    resolution: 47,
    classes: 10,
    bypass: "complex",
    baseExpand: 21,
    expandIncrement: 6,
    squeezeRatio: 0.3,
  }),
  network("odd channels everywhere", [2, 3, 9, 7], (b, x) => {
    const widths = [5, 7, 13, 1, 17];
    const last = widths.reduce(
      (y, outChannels, i) => b.relu(`relu${i}`, b.conv(`conv${i}`, y, { outChannels, kernel: 3, pad: 1 })),
      x,
    );
    return b.node("Softmax", "softmax", [b.flatten("flatten", b.globalAveragePool("pool", last))], { axis: 1 });
  }),
  network("pools of one row", [1, 6, 1, 23], (b, x) => {
    const y = b.maxPool("max", x, { kernel: [1, 3], stride: [1, 2], ceilMode: true });
    const window = { kernelShape: [1, 3], strides: [1, 1], pads: [0, 1, 0, 1], dilations: [1, 1] } as const;
    const z = b.node("AveragePool", "mean", [y], { ...window, ceilMode: false, countIncludePad: false });
    return b.node("LogSoftmax", "softmax", [z], { axis: 3 });
  }),
  network("branches of odd widths", [1, 3, 6, 5], (b, x) => {
    const branch = (name: string, outChannels: number, kernel: number) =>
      b.conv(name, x, { outChannels, kernel, pad: kernel >> 1 });
    const joined = b.concat("concat", [
      branch("a", 3, 1),
      branch("b", 6, 3),
      branch("c", 4, 5),
      b.maxPool("d", x, { kernel: 3, pad: 1 }),
    ]);
    const gate = b.activation("gate", b.conv("gate.conv", b.globalAveragePool("mean", joined), { outChannels: 16, kernel: 1 }), {
      op: "Sigmoid",
    });
    const scaled = b.node("Mul", "scaled", [joined, gate], {});
    return b.node("Softmax", "softmax", [b.conv("depthwise", scaled, { outChannels: 16, kernel: 3, group: 16 })], { axis: 1 });
  }),
];

for (const build of ["strict", "relaxed"] as const) {
  for (const graph of networks) {
    test(`${graph.name} in poisoned memory, ${build} build`, { skip: cannotRun(build) }, async () => {
      const inputs = Object.fromEntries(graph.inputs.map(({ name, dims }) => [name, randomTensor(dims, 1)]));
      await checkGraph(withParameters(graph), inputs, engineOf(build));
    });
  }
}

test("the poison reaches inputs, outputs and scratch, and not the weights", async () => {
  const engine = engineOf("strict");
  const graph = withParameters(networks[2]);
  const model = await loadModel(graph, { engine: engine.module });
  const regions = regionsOf(model, engine);
  assert.equal(regions.arena.byteLength, model.statistics.arenaBytes);
  assert.equal(regions.fixed.byteLength + regions.arena.byteLength + regions.rest.byteLength, model.statistics.linearMemoryBytes);
  const before = Buffer.from(regions.fixed);
  poison(regions);
  for (const name of ["input", "output"])
    assert.ok(
      model.view(name).data.every((value) => Number.isNaN(value)),
      name,
    );
  assert.ok(before.equals(regions.fixed));
});
