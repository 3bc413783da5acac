// dropNoOps: what changes nothing goes, names of results stay.
import assert from "node:assert/strict";
import { test } from "node:test";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { assertKeepsMeaning, graphOf, image, operators, rewritten } from "./meaning.ts";

test("Identity, reshapes and slices that change nothing, and a Concat of one go", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const same = b.node("Identity", "identity", [b.relu("relu", x)], {});
    const reshaped = b.node("Reshape", "reshape", [same], { dims: x.dims });
    const sliced = b.node("Slice", "slice", [reshaped], { starts: [0, 0, 0, 0], ends: [...x.dims], steps: [1, 1, 1, 1] });
    const padded = b.node("Pad", "pad", [sliced], { before: [0, 0, 0, 0], after: [0, 0, 0, 0], value: 3 });
    return b.activation("swish", b.concat("concat", [padded]), { op: "Swish" });
  });
  assert.deepEqual(operators(rewritten(dropNoOps, graph)), ["Relu", "Swish"]);
});

test("pools of every single pixel go, those that leave some out stay", () => {
  const graph = graphOf((b) => {
    const x = b.relu("relu", image(b));
    const same = b.averagePool("average", b.maxPool("max", x, { kernel: 1 }), { kernel: 1 });
    return { same: b.activation("swish", same, { op: "Swish" }), fewer: b.maxPool("fewer", same, { kernel: 1, stride: 2 }) };
  });
  assert.deepEqual(operators(rewritten(dropNoOps, graph)).sort(), ["MaxPool", "Relu", "Swish"]);
});

test("what moves values stays, though dims are the same", () => {
  const graph = graphOf((b) => b.node("Pad", "pad", [image(b)], { before: [0, 1, -1, 0], after: [0, -1, 1, 0], value: 0 }));
  assert.deepEqual(operators(rewritten(dropNoOps, graph)), ["Pad"]);
});

test("real reshapes, slices, pads and concatenations stay", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    return {
      a: b.node("Reshape", "reshape", [x], { dims: [2, 5, 5, 4] }),
      b: b.node("Slice", "slice", [x], { starts: [0, 0, 0, 0], ends: [2, 5, 4, 5], steps: [1, 1, 2, 1] }),
      c: b.node("Pad", "pad", [x], { before: [0, 0, 0, 0], after: [0, 0, 0, 1], value: 0 }),
      d: b.concat("concat", [x, x]),
      e: b.flatten("flatten", x),
    };
  });
  const kept = operators(rewritten(dropNoOps, graph));
  assert.deepEqual(kept.sort(), ["Concat", "Flatten", "Pad", "Reshape", "Slice"]);
});

test("a node whose result nobody reads goes, and those that only it reads", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    b.relu("unused", b.conv("unused.conv", x, { outChannels: 3, kernel: 1 }));
    return b.relu("used", x);
  });
  assert.deepEqual(operators(rewritten(dropNoOps, graph)), ["Relu"]);
});

test("an output's name survives: its maker takes it over", () => {
  const graph = graphOf((b) => ({ result: b.relu("relu", image(b)) }));
  const after = rewritten(dropNoOps, graph);
  assert.deepEqual(
    after.nodes.map(({ op, output }) => [op, output]),
    [["Relu", "result"]],
  );
});

test("one value under three output names", () => {
  const graph = graphOf((b) => {
    const y = b.relu("relu", image(b));
    return { first: y, second: y, relu: y };
  });
  assert.deepEqual(operators(rewritten(dropNoOps, graph)).sort(), ["Identity", "Identity", "Relu"]);
});

test("an output that is an input, or a parameter, keeps its Identity", () => {
  const graph = graphOf((b) => ({ copy: image(b), constant: b.parameter("p", [2, 3]) }));
  assert.deepEqual(operators(rewritten(dropNoOps, graph)), ["Identity", "Identity"]);
});

test("a chain of no-ops from an input to an output", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const y = b.concat("concat", [b.node("Identity", "identity", [x], {})]);
    return { out: y, sum: b.add("add", y, x) };
  });
  assert.deepEqual(operators(rewritten(dropNoOps, graph)).sort(), ["Add", "Identity"]);
});

test("random graphs mean the same", () => assertKeepsMeaning(dropNoOps));
