// The choice of Winograd's convolution: it follows the memory that weights may take, and changes no result by more than
// rounding.
import assert from "node:assert/strict";
import { test } from "node:test";
import { resnet, squeezenet } from "../../models/index.ts";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { inferShapes } from "../../src/graph/shapes.ts";
import { loadModel, type MemoryChoice, OptionError, seedWeights } from "../../src/index.ts";
import { chooseWinograd } from "../../src/plan/cost.ts";
import { compile } from "../../src/plan/index.ts";
import type { WinogradForm } from "../../src/plan/winograd.ts";
import { assertClose } from "../compare.ts";
import { randomTensor } from "../random.ts";
import { withData } from "./graphs.ts";

const graph = squeezenet({ resolution: 96, classes: 10 });
const weights = seedWeights(graph);
const load = (memory?: MemoryChoice) => loadModel(graph, { weights, memory, build: "strict" });
const countWinograd = (model: Awaited<ReturnType<typeof load>>) =>
  model.steps.filter(({ kernel }) => kernel === "winograd").length;

test("fast takes Winograd where it pays, small where a run can transform the weights", async () => {
  const fast = await load();
  const small = await load("small");
  // All of them: its images are of 23², 11² and 5².
  assert.equal(countWinograd(fast), 8);
  // 5² has too few tiles.
  assert.equal(countWinograd(small), 4);
  // As they are stored, but for what fills panels of four channels.
  const { packedBytes, weightBytes } = small.statistics;
  assert.ok(packedBytes < 1.02 * weightBytes, `${packedBytes} bytes of ${weightBytes}`);
  assert.ok(packedBytes < 0.7 * fast.statistics.packedBytes);
});

test("a budget in bytes is kept, and more of it is never fewer convolutions", async () => {
  const least = (await load("small")).statistics.packedBytes;
  let before = 0;
  for (const budget of [0, 100_000, 500_000, 2_000_000, 100_000_000]) {
    const model = await load(budget);
    assert.ok(model.statistics.packedBytes <= least + budget, `${budget} bytes`);
    assert.ok(countWinograd(model) >= before, `${budget} bytes`);
    before = countWinograd(model);
  }
  assert.equal(before, countWinograd(await load("fast")));
});

test("a budget that holds everything plans what fast does", () => {
  const bytesOf = (memory: MemoryChoice) => Buffer.from(compile(withData(graph), { memory }).program);
  assert.ok(bytesOf(1e8).equals(bytesOf("fast")));
  assert.ok(!bytesOf(1e5).equals(bytesOf("fast")));
});

/** How Winograd computes one 3×3 convolution, if it does. */
function formFor(height: number, width: number, memory?: MemoryChoice): WinogradForm | undefined {
  const builder = new GraphBuilder("one");
  const x = builder.input("x", [1, 64, height, width]);
  const graph = builder.build({ y: builder.conv("c", x, { outChannels: 64, kernel: 3, pad: 1 }) });
  return [...chooseWinograd(graph, inferShapes(graph), memory).values()][0];
}

const productsFor = (height: number, width: number, memory?: MemoryChoice) => formFor(height, width, memory)?.products;

test("tiles are as large as the image fills: 2×2, 4×4, 5×4 and 5×5 results of 3×3 windows", () => {
  assert.equal(productsFor(2, 2), undefined);
  assert.equal(productsFor(4, 4), 16);
  assert.equal(productsFor(5, 5), 16);
  assert.equal(productsFor(7, 7), 36);
  assert.equal(productsFor(14, 14), 42);
  assert.equal(productsFor(10, 10), 49);
  assert.equal(productsFor(20, 20), 49);
  assert.equal(productsFor(28, 28), 36);
});

test("what a budget has no room for has smaller tiles", () => {
  const plain = 64 * 64 * 4;
  assert.deepEqual(
    [0, 39, 40].map((matrices) => formFor(20, 20, matrices * plain)),
    [
      { products: 36, inRun: true },
      { products: 36, inRun: true },
      { products: 49, inRun: false },
    ],
  );
  // Where 36 products are too many, no run can transform the weights.
  assert.deepEqual(
    [6, 7].map((matrices) => productsFor(5, 5, matrices * plain)),
    [undefined, 16],
  );
});

test("both choices give the same results but for rounding", async () => {
  const input = randomTensor([1, 3, 96, 96], 7);
  const { output: fast } = await (await load("fast")).run({ input });
  const { output: small } = await (await load("small")).run({ input });
  // The transforms round a few times more than a plain sum does.
  assertClose(fast, small, { relative: 1e-5, what: "fast against small" });
});

test("strided windows are where their phases have two to five rows, dilated ones and depthwise filters never", async () => {
  const strided = resnet({ depth: 18, resolution: 64 });
  const model = await loadModel(strided, { weights: seedWeights(strided) });
  for (const { name, kernel } of model.steps) {
    // Those with 4² and 2² results have too few for so many weights.
    if (/layer[34]\.0\.conv1$/.test(name)) assert.equal(kernel, "conv", name);
    if (/layer2\.0\.conv1$/.test(name) || name === "conv1") assert.equal(kernel, "winograd", name);
  }
  const builder = new GraphBuilder("others");
  const input = builder.input("input", [1, 16, 32, 32]);
  const filters = { kernel: [3, 3], outChannels: 16, pad: [2, 2, 2, 2] } as const;
  const dilated = builder.conv("dilated", input, { ...filters, dilation: [2, 2] });
  const depthwise = builder.conv("depthwise", dilated, { ...filters, group: 16 });
  const graph = builder.build({ output: depthwise });
  const others = await loadModel(graph, { weights: seedWeights(graph) });
  assert.ok(others.steps.every(({ kernel }) => kernel !== "winograd"));
});

test("anything else is an error", async () => {
  for (const memory of ["tiny", -1, Number.NaN]) await assert.rejects(load(memory as MemoryChoice), OptionError);
});
