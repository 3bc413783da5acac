// foldBatchNorm: a normalisation goes into the convolution before it, if nothing else reads what that computes.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, operators, rewritten } from "./meaning.ts";

const conv = (b: GraphBuilder, bias = true) => b.conv("conv", image(b), { outChannels: 6, kernel: 3, bias });

for (const bias of [true, false]) {
  test(`a Conv ${bias ? "with" : "without"} bias takes it in`, () => {
    const graph = graphOf((b) => ({ norm: b.batchNorm("norm", conv(b, bias)) }));
    const after = rewritten(foldBatchNorm, graph);
    assert.deepEqual(operators(after), ["Conv"]);
    const { inputs } = maker(after, "norm");
    assert.equal(inputs[1], "conv.weight", "the weight stays as stored");
    assert.deepEqual(after.parameters.get(inputs[2])?.dims, [6]);
    assert.deepEqual(after.parameters.get(inputs[3])?.dims, [6]);
  });
}

test("one weight of two convolutions gets two scales", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const weight = b.parameter("weight", [4, 5, 1, 1]);
    const attributes = { kernelShape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
    const [a, c] = ["a", "c"].map((name) => b.batchNorm(`${name}.norm`, b.node("Conv", name, [x, weight], attributes)));
    return b.add("sum", a, c);
  });
  assert.deepEqual(operators(rewritten(foldBatchNorm, graph)), ["Conv", "Conv", "Add"]);
});

test("of two normalisations in a row, one is folded", () => {
  const graph = graphOf((b) => ({ second: b.batchNorm("second", b.batchNorm("first", conv(b))) }));
  assert.deepEqual(operators(rewritten(foldBatchNorm, graph)), ["Conv", "BatchNormalization"]);
});

test("a convolution that is read twice, or is an output, stays", () => {
  assertUntouched(
    foldBatchNorm,
    graphOf((b) => {
      const y = conv(b);
      return { out: b.add("sum", b.batchNorm("norm", y), y) };
    }),
  );
  assertUntouched(
    foldBatchNorm,
    graphOf((b) => {
      const y = conv(b);
      return { conv: y, norm: b.batchNorm("norm", y) };
    }),
  );
});

test("a normalisation of something else stays", () => {
  assertUntouched(
    foldBatchNorm,
    graphOf((b) => ({ norm: b.batchNorm("norm", b.relu("relu", conv(b))) })),
  );
});

test("a convolution with an activation of its own stays", () => {
  const attributes = { kernelShape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
  assertUntouched(
    foldBatchNorm,
    graphOf((b) => {
      const weight = b.parameter("weight", [4, 5, 1, 1]);
      const y = b.node("Conv", "conv", [image(b), weight], { ...attributes, activation: { op: "Relu" } });
      return { norm: b.batchNorm("norm", y) };
    }),
  );
});

test("the normalisation's own activation is kept", () => {
  const graph = graphOf((b) => {
    const parameters = ["scale", "bias", "mean", "variance"].map((name) => b.parameter(name, [6]));
    return b.node("BatchNormalization", "norm", [conv(b), ...parameters], { epsilon: 1e-5, activation: { op: "Relu" } });
  });
  rewritten(foldBatchNorm, graph);
});

test("random graphs mean the same", () => assertKeepsMeaning(foldBatchNorm, [dropNoOps]));
