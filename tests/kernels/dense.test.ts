// Fully connected layers against the reference: Gemm with its weight either way round.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import { loadModel, seedWeights, Tensor } from "../../src/index.ts";
import { randomTensor } from "../random.ts";
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

grid(
  "Gemm",
  product({
    batch: [1, 2, 3, 9],
    inputs: [...oddChannels, 100, 256],
    outputs: [...oddChannels, 100],
    transB: [true, false],
    bias: [true, false],
  }),
  (builder, { batch, inputs, outputs, transB, bias }) =>
    builder.node(
      "Gemm",
      "gemm",
      [
        builder.input("input", [batch, inputs]),
        builder.parameter("weight", transB ? [outputs, inputs] : [inputs, outputs]),
        bias ? builder.parameter("bias", [outputs]) : undefined,
      ],
      { transB },
    ),
);

grid(
  "Gemm after Gemm",
  product({
    batch: [1, 3],
    widths: [
      [5, 7, 3],
      [8, 4, 10],
      [1, 1, 1],
      [13, 17, 1000],
    ] as const,
  }),
  (builder, { batch, widths: [inputs, hidden, outputs] }) => {
    const x = builder.input("input", [batch, inputs]);
    return builder.linear("second", builder.relu("relu", builder.linear("first", x, hidden)), outputs);
  },
);

// A batch is multiplied as the pixels of one image, a single row by a kernel of its own.
test("a row has the same bits alone and in a batch", async () => {
  const load = (batch: number) => {
    const builder = new GraphBuilder("rows");
    const graph = builder.build({ y: builder.linear("linear", builder.input("x", [batch, 300]), 50) });
    return loadModel(graph, { weights: seedWeights(graph), build: "strict" });
  };
  const { data } = randomTensor([5, 300], 1);
  const alone = await load(1);
  const { y } = await (await load(5)).run({ x: new Tensor("float32", data, [5, 300]) });
  for (let row = 0; row < 5; ++row) {
    const x = new Tensor("float32", data.slice(row * 300, (row + 1) * 300), [1, 300]);
    assert.deepEqual((await alone.run({ x })).y.data, y.data.slice(row * 50, (row + 1) * 50), `row ${row}`);
  }
});
