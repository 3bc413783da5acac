// fuseActivation: an activation goes into what computes its input, if nothing else reads that.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import type { Fusable } from "../../src/graph/operators.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { foldBatchNorm } from "../../src/passes/fold-batch-norm.ts";
import { fuseActivation } from "../../src/passes/fuse-activation.ts";
import { fuseSwish } from "../../src/passes/fuse-swish.ts";
import { activations } from "../kernels/activations.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, maker, operators, rewritten } from "./meaning.ts";

const hosts: Readonly<Record<string, (b: GraphBuilder, x: ValueInfo) => ValueInfo>> = {
  Conv: (b, x) => b.conv("host", x, { outChannels: 3, kernel: 3 }),
  Gemm: (b, x) => b.linear("host", b.flatten("flatten", x), 7),
  BatchNormalization: (b, x) => b.batchNorm("host", x),
  Add: (b, x) => b.add("host", x, image(b, 5, "y")),
  Sub: (b, x) => b.node("Sub", "host", [x, image(b, 5, "y")], {}),
  Mul: (b, x) => b.node("Mul", "host", [x, image(b, 5, "y")], {}),
  Div: (b, x) => b.node("Div", "host", [x, b.node("Add", "y", [b.activation("s", x, { op: "Sigmoid" }), x], {})], {}),
};

for (const [op, host] of Object.entries(hosts)) {
  test(`every activation goes into ${op}`, () => {
    for (const activation of activations) {
      const graph = graphOf((b) => ({ activation: b.activation("activation", host(b, image(b)), activation) }));
      const after = rewritten(fuseActivation, graph);
      const made = maker(after, "activation");
      assert.equal(made.op, op);
      assert.deepEqual((made.attributes as Fusable).activation, activation);
      assert.equal(after.nodes.length, graph.nodes.length - 1);
    }
  });
}

test("a value that is read twice, or is an output, stays", () => {
  assertUntouched(
    fuseActivation,
    graphOf((b) => {
      const y = hosts.Conv(b, image(b));
      return { out: b.concat("both", [b.relu("relu", y), y]) };
    }),
  );
  assertUntouched(
    fuseActivation,
    graphOf((b) => {
      const y = hosts.Conv(b, image(b));
      return { host: y, relu: b.relu("relu", y) };
    }),
  );
});

test("two activations of one value stay", () => {
  assertUntouched(
    fuseActivation,
    graphOf((b) => {
      const y = hosts.Conv(b, image(b));
      return { a: b.relu("relu", y), c: b.activation("swish", y, { op: "Swish" }) };
    }),
  );
});

test("of two activations in a row, the first is fused", () => {
  const graph = graphOf((b) => b.activation("sigmoid", b.relu("relu", hosts.Conv(b, image(b))), { op: "Sigmoid" }));
  const after = rewritten(fuseActivation, graph);
  assert.deepEqual(operators(after).slice(0, 2), ["Conv", "Sigmoid"]);
  assert.deepEqual(operators(rewritten(fuseActivation, after)).slice(0, 2), ["Conv", "Sigmoid"], "a second time changes nothing");
});

test("pools, concatenations and inputs take no activation", () => {
  assertUntouched(
    fuseActivation,
    graphOf((b) => {
      const x = image(b);
      const pooled = b.relu("a", b.maxPool("pool", x, { kernel: 2 }));
      const joined = b.relu("c", b.concat("concat", [x, b.relu("d", x)]));
      return { pooled, joined };
    }),
  );
});

test("random graphs mean the same", () => assertKeepsMeaning(fuseActivation, [dropNoOps, foldBatchNorm, fuseSwish]));
