// fuseInput: a 1×1 convolution does to its input what alone stands before it.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { ConvAttributes } from "../../src/graph/operators.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.ts";
import { fuseActivation } from "../../src/passes/fuse-activation.ts";
import { fuseInput } from "../../src/passes/fuse-input.ts";
import { fuseResidual } from "../../src/passes/fuse-residual.ts";
import { fuseSwish } from "../../src/passes/fuse-swish.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, operators, rewritten } from "./meaning.ts";

const pointwise = (b: GraphBuilder, x: ValueInfo) => b.conv("conv", x, { outChannels: 6, kernel: 1 });
const gateOf = (b: GraphBuilder, x: ValueInfo) => b.globalAveragePool("pool", x);
const attributesOf = (graph: Parameters<typeof maker>[0]) => maker(graph, "conv").attributes as ConvAttributes;

for (const swapped of [false, true]) {
  test(`a factor for each channel, ${swapped ? "first" : "second"} in the product`, () => {
    const graph = graphOf((b) => {
      const x = image(b);
      const gate = gateOf(b, x);
      return pointwise(b, b.node("Mul", "scaled", swapped ? [gate, x] : [x, gate], {}));
    });
    const after = rewritten(fuseInput, graph);
    assert.deepEqual(operators(after), ["GlobalAveragePool", "Conv"]);
    assert.equal(maker(after, "conv").inputs[0], "x");
    assert.equal(maker(after, "conv").inputs[5], "pool");
  });
}

test("a BatchNormalization with its ReLU", () => {
  const graph = graphOf((b) => pointwise(b, b.relu("relu", b.batchNorm("norm", image(b)))));
  const after = rewritten(fuseInput, rewritten(fuseActivation, graph));
  assert.deepEqual(operators(after), ["Conv"]);
  assert.deepEqual(attributesOf(after).inputActivation, { op: "Relu" });
});

test("a convolution that adds a residual too", () => {
  const graph = graphOf((b) => {
    const x = image(b, 6);
    const conv = pointwise(b, b.node("Mul", "scaled", [x, gateOf(b, x)], {}));
    return { sum: b.add("sum", conv, x) };
  });
  const after = rewritten(fuseInput, rewritten(fuseResidual, graph));
  assert.deepEqual(operators(after), ["GlobalAveragePool", "Conv"]);
  assert.equal(maker(after, "sum").inputs[4], "x");
});

test("only where nothing else reads what is between, and each value is read once", () => {
  const scaled = (b: GraphBuilder) => {
    const x = image(b);
    return b.node("Mul", "scaled", [x, gateOf(b, x)], {});
  };
  assertUntouched(
    fuseInput,
    graphOf((b) => {
      const between = scaled(b);
      return { between, conv: pointwise(b, between) };
    }),
  );
  assertUntouched(
    fuseInput,
    graphOf((b) => b.conv("conv", scaled(b), { outChannels: 6, kernel: 3 })),
  );
  assertUntouched(
    fuseInput,
    graphOf((b) => b.conv("conv", scaled(b), { outChannels: 5, kernel: 1, group: 5 })),
  );
});

test("no other product, and no other activation", () => {
  assertUntouched(
    fuseInput,
    graphOf((b) => pointwise(b, b.node("Mul", "product", [image(b), image(b, 5, "other")], {}))),
  );
  assertUntouched(
    fuseInput,
    graphOf((b) => pointwise(b, b.node("Mul", "product", [image(b), b.input("row", [1, 1, 1, 5])], {}))),
  );
  const swish = graphOf((b) => pointwise(b, b.activation("swish", b.batchNorm("norm", image(b)), { op: "Swish" })));
  assertUntouched(fuseInput, rewritten(fuseActivation, swish));
});

test("random graphs keep their meaning", () =>
  assertKeepsMeaning(fuseInput, [dropNoOps, foldBatchNorm, fuseSwish, fuseActivation, fuseResidual]));
