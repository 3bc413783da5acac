// fuseSwish: x times its own gate becomes one operator.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Activation } from "../../src/graph/operators.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.ts";
import { fuseSwish } from "../../src/passes/fuse-swish.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, operators, rewritten } from "./meaning.ts";

const hardSigmoid: Activation = { op: "HardSigmoid", alpha: 1 / 6, beta: 0.5 };

function gated(gate: Activation, swapped = false) {
  return graphOf((b) => {
    const x = image(b);
    const gating = b.activation("gate", x, gate);
    return { out: b.node("Mul", "out", swapped ? [gating, x] : [x, gating], {}) };
  });
}

for (const swapped of [false, true]) {
  test(`x · Sigmoid(x) is Swish, x · HardSigmoid(x) is HardSwish${swapped ? ", either way round" : ""}`, () => {
    assert.deepEqual(operators(rewritten(fuseSwish, gated({ op: "Sigmoid" }, swapped))), ["Swish"]);
    assert.deepEqual(operators(rewritten(fuseSwish, gated(hardSigmoid, swapped))), ["HardSwish"]);
  });
}

test("a slope of 1/6 in float32, as files have it, will do", () => {
  assert.deepEqual(operators(rewritten(fuseSwish, gated({ ...hardSigmoid, alpha: Math.fround(1 / 6) }))), ["HardSwish"]);
});

test("other slopes, offsets and gates stay", () => {
  for (const gate of [
    { ...hardSigmoid, alpha: 0.2 },
    { ...hardSigmoid, beta: 0.4 },
    { op: "Relu" },
    { op: "HardSwish" },
  ] as Activation[]) {
    assertUntouched(fuseSwish, gated(gate));
  }
});

test("the gate of another value stays", () => {
  assertUntouched(
    fuseSwish,
    graphOf((b) => b.node("Mul", "out", [image(b), b.activation("gate", image(b, 5, "y"), { op: "Sigmoid" })], {}, "product")),
  );
});

test("a gate that is read twice, or is an output, stays", () => {
  assertUntouched(
    fuseSwish,
    graphOf((b) => {
      const x = image(b);
      const gate = b.activation("gate", x, { op: "Sigmoid" });
      return { out: b.add("sum", b.node("Mul", "product", [x, gate], {}), gate) };
    }),
  );
  assertUntouched(
    fuseSwish,
    graphOf((b) => {
      const x = image(b);
      const gate = b.activation("gate", x, { op: "Sigmoid" });
      return { product: b.node("Mul", "product", [x, gate], {}), gate };
    }),
  );
});

test("the product's own activation is kept", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const gate = b.activation("gate", x, { op: "Sigmoid" });
    return b.node("Mul", "product", [x, gate], { activation: { op: "Relu" } });
  });
  rewritten(fuseSwish, graph);
});

test("random graphs mean the same", () => assertKeepsMeaning(fuseSwish, [dropNoOps, foldBatchNorm]));
