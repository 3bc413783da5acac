// fuseResidual: a sum goes into a convolution that computes one of its operands.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { Fusable } from "../../src/graph/operators.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.ts";
import { fuseActivation } from "../../src/passes/fuse-activation.ts";
import { fuseResidual } from "../../src/passes/fuse-residual.ts";
import { fuseSwish } from "../../src/passes/fuse-swish.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, operators, rewritten } from "./meaning.ts";

const conv = (b: GraphBuilder, name: string, x: ValueInfo) => b.conv(name, x, { outChannels: 5, kernel: 3, pad: 1 });

for (const swapped of [false, true]) {
  test(`a Conv takes in the Add that reads it ${swapped ? "second" : "first"}`, () => {
    const graph = graphOf((b) => {
      const x = image(b);
      const y = conv(b, "conv", x);
      return { sum: swapped ? b.add("sum", x, y) : b.add("sum", y, x) };
    });
    const after = rewritten(fuseResidual, graph);
    assert.deepEqual(operators(after), ["Conv"]);
    assert.equal(maker(after, "sum").inputs[4], "x");
  });
}

test("the sum's activation comes along", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    return { out: b.relu("relu", b.add("sum", conv(b, "conv", x), x)) };
  });
  const after = rewritten(fuseResidual, rewritten(fuseActivation, rewritten(dropNoOps, graph)));
  assert.deepEqual(operators(after), ["Conv"]);
  assert.deepEqual((maker(after, "out").attributes as Fusable).activation, { op: "Relu" });
});

test("of two convolutions the later one takes in the earlier one's result", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const [first, second] = [conv(b, "first", x), conv(b, "second", x)];
    return { sum: b.add("sum", first, second) };
  });
  const after = rewritten(fuseResidual, graph);
  assert.deepEqual(operators(after), ["Conv", "Conv"]);
  assert.deepEqual(maker(after, "sum").inputs.slice(0, 2), ["x", "second.weight"]);
  assert.equal(maker(after, "sum").inputs[4], "first");
});

test("of two convolutions the earlier one does where the later one is read elsewhere", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const [first, second] = [conv(b, "first", x), conv(b, "second", x)];
    return { sum: b.add("sum", first, second), second };
  });
  const after = rewritten(fuseResidual, graph);
  assert.deepEqual(operators(after), ["Conv", "Conv"]);
  assert.equal(maker(after, "sum").inputs[4], "second");
});

test("of two sums in a row, each convolution takes in one", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const first = b.add("first.sum", conv(b, "first", x), x);
    return { out: b.add("second.sum", conv(b, "second", first), first) };
  });
  assert.deepEqual(operators(rewritten(fuseResidual, rewritten(dropNoOps, graph))), ["Conv", "Conv"]);
});

for (const [title, others] of Object.entries({
  "read twice": (b: GraphBuilder, y: ValueInfo) => ({ relu: b.relu("relu", y) }),
  "an output": (_: GraphBuilder, y: ValueInfo) => ({ conv: y }),
})) {
  test(`a convolution that is ${title} stays`, () => {
    assertUntouched(
      fuseResidual,
      graphOf((b): Record<string, ValueInfo> => {
        const x = image(b);
        const y = conv(b, "conv", x);
        return { sum: b.add("sum", y, x), ...others(b, y) };
      }),
    );
  });
}

test("a convolution added to itself stays", () => {
  assertUntouched(
    fuseResidual,
    graphOf((b) => {
      const y = conv(b, "conv", image(b));
      return b.add("sum", y, y);
    }),
  );
});

test("an operand of other dims stays, broadcast by the Add", () => {
  assertUntouched(
    fuseResidual,
    graphOf((b) => ({ sum: b.add("sum", conv(b, "conv", image(b)), b.input("bias", [1, 5, 1, 1])) })),
  );
  assertUntouched(
    fuseResidual,
    graphOf((b) => {
      const x = image(b);
      const gate = b.conv("conv", b.globalAveragePool("pool", x), { outChannels: 5, kernel: 1 });
      return { sum: b.add("sum", gate, x) };
    }),
  );
});

test("a convolution with an activation before the sum stays", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    return { sum: b.add("sum", b.relu("relu", conv(b, "conv", x)), x) };
  });
  assertUntouched(fuseResidual, rewritten(fuseActivation, graph));
});

test("other operations than Add stay", () => {
  for (const op of ["Sub", "Mul", "Div"] as const) {
    assertUntouched(
      fuseResidual,
      graphOf((b) => {
        const x = image(b);
        return { out: b.node(op, "op", [conv(b, "conv", x), b.activation("gate", x, { op: "Sigmoid" })], {}) };
      }),
    );
  }
});

test("random graphs mean the same", () =>
  assertKeepsMeaning(fuseResidual, [dropNoOps, foldBatchNorm, fuseSwish, fuseActivation]));
