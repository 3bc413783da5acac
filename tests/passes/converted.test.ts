// What converters write becomes what the other passes fuse, and computes the same.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, ValueInfo } from "../../src/graph/graph.ts";
import { channelArithmetic } from "../../src/passes/converted/channel-arithmetic.ts";
import { channelsFirst } from "../../src/passes/converted/channels-first.ts";
import { fusePad } from "../../src/passes/converted/fuse-pad.ts";
import { hardSigmoid } from "../../src/passes/converted/hard-sigmoid.ts";
import { rewriteConverted } from "../../src/passes/converted/index.ts";
import { dropNoOps } from "../../src/passes/drop-no-ops.ts";
import { optimise } from "../../src/passes/index.ts";
import { assertKeepsMeaning, assertUntouched, graphOf, image, operators, rewritten } from "./meaning.ts";

const TO_FIRST = [0, 3, 1, 2];
const TO_LAST = [0, 2, 3, 1];
const toFirst = (b: GraphBuilder, name: string, x: ValueInfo) => b.node("Transpose", name, [x], { perm: TO_FIRST });
const toLast = (b: GraphBuilder, name: string, x: ValueInfo) => b.node("Transpose", name, [x], { perm: TO_LAST });
const padded = (b: GraphBuilder, name: string, x: ValueInfo, value = 0) =>
  b.node("Pad", name, [x], { before: [0, 0, 0, 1], after: [0, 0, 2, 1], value });
const scalar = (b: GraphBuilder, name: string, value: number) => b.parameter(name, [], Float32Array.of(value));

describe("channelsFirst", () => {
  const inOrder = (graph: Graph) => dropNoOps(channelsFirst(dropNoOps(graph)));
  /** Two convolutions with something between them that is done to [N,H,W,C]. */
  const between = (f: (b: GraphBuilder, x: ValueInfo) => ValueInfo) =>
    graphOf((b) => {
      const x = toLast(b, "last", b.conv("before", image(b), { outChannels: 6, kernel: 3, pad: 1 }));
      return b.conv("after", toFirst(b, "first", f(b, x)), { outChannels: 4, kernel: 1 });
    });

  const cases: Record<string, [string[], (b: GraphBuilder, x: ValueInfo) => ValueInfo]> = {
    nothing: [[], (_, x) => x],
    activations: [["Relu", "Clip"], (b, x) => b.activation("clip", b.relu("relu", x), { op: "Clip", min: 0, max: 6 })],
    "a constant for each channel": [["Add"], (b, x) => b.add("add", x, b.parameter("bias", [6]))],
    "a constant for each channel, first": [["Sub"], (b, x) => b.node("Sub", "sub", [b.parameter("c", [1, 1, 1, 6]), x], {})],
    "a number": [["Mul"], (b, x) => b.node("Mul", "mul", [x, scalar(b, "half", 0.5)], {})],
    "a constant for each pixel and channel": [["Add"], (b, x) => b.add("add", x, b.parameter("bias", [4, 5, 6]))],
    "itself, gated": [["Sigmoid", "Mul"], (b, x) => b.node("Mul", "mul", [x, b.activation("gate", x, { op: "Sigmoid" })], {})],
    pads: [["Pad"], (b, x) => b.node("Pad", "pad", [x], { before: [0, 1, 0, 2], after: [0, 2, 1, 0], value: 3 })],
    "a slice": [
      ["Slice"],
      (b, x) => b.node("Slice", "s", [x], { starts: [0, 1, 0, 2], ends: [2, 4, 5, 6], steps: [1, 2, 1, 3] }),
    ],
    "a softmax over channels": [["Softmax"], (b, x) => b.node("Softmax", "softmax", [x], { axis: 3 })],
    "a softmax over rows": [["Softmax"], (b, x) => b.node("Softmax", "softmax", [x], { axis: 1 })],
    "channels joined": [["Relu", "Concat"], (b, x) => b.node("Concat", "join", [x, b.relu("relu", x)], { axis: 3 })],
  };
  for (const [what, [inner, f]] of Object.entries(cases)) {
    test(`${what} between two moves that undo each other`, () => {
      assert.deepEqual(operators(rewritten(inOrder, between(f))), ["Conv", ...inner, "Conv"]);
    });
  }

  test("rows joined stay as they are", () => {
    const graph = between((b, x) => b.node("Concat", "join", [x, b.relu("relu", x)], { axis: 1 }));
    assert.ok(operators(rewritten(inOrder, graph)).includes("Transpose"));
  });
  test("what is an output is moved for it alone", () => {
    const graph = graphOf((b) => {
      const x = b.relu("relu", toLast(b, "last", b.conv("conv", image(b), { outChannels: 6, kernel: 1 })));
      return { inner: x, end: toFirst(b, "first", x) };
    });
    assert.deepEqual(operators(rewritten(inOrder, graph)).sort(), ["Conv", "Relu", "Transpose"].sort());
  });
  test("an input [N,H,W,C] is read in that order, whatever is done to it before it is moved", () => {
    const graph = graphOf((b) => {
      const x = b.node("Mul", "rescale", [b.input("x", [2, 4, 5, 3]), scalar(b, "scale", 1 / 127.5)], {});
      return b.conv("conv", toFirst(b, "first", b.node("Sub", "centre", [x, b.parameter("mean", [3])], {})), {
        outChannels: 4,
        kernel: 3,
      });
    });
    const after = rewritten(inOrder, graph);
    assert.deepEqual(operators(after), ["Mul", "Sub", "Conv"]);
    assert.deepEqual(after.inputs, [{ name: "x", type: "float32", dims: [2, 3, 4, 5], layout: "nhwc" }]);
  });
  test("an input that others read, too, is moved back for them", () => {
    const graph = graphOf((b) => {
      const x = b.input("x", [2, 4, 5, 3]);
      return {
        rows: b.globalAveragePool("rows", x),
        conv: b.conv("conv", toFirst(b, "first", x), { outChannels: 4, kernel: 1 }),
      };
    });
    assert.deepEqual(operators(rewritten(inOrder, graph)).sort(), ["Conv", "GlobalAveragePool", "Transpose"]);
  });
  test("an input that nobody moves stays", () => {
    assertUntouched(
      inOrder,
      graphOf((b) => b.relu("relu", b.conv("conv", image(b), { outChannels: 4, kernel: 1 }))),
    );
  });
  test("a long chain before a move, and a constant that many read", () => {
    const graph = graphOf((b) => {
      const shift = b.parameter("shift", [3]);
      let x = b.input("x", [1, 4, 5, 3]);
      for (let i = 0; i < 20_000; ++i) x = b.add(`add${i}`, x, shift);
      return b.conv("conv", toFirst(b, "first", x), { outChannels: 4, kernel: 1 });
    });
    const after = inOrder(graph);
    assert.deepEqual(after.inputs[0].dims, [1, 3, 4, 5]);
    assert.ok(!operators(after).includes("Transpose"));
    assert.equal(after.parameters.size, graph.parameters.size + 1);
  });
  test("random graphs mean the same", () => assertKeepsMeaning(channelsFirst, [dropNoOps]));
});

describe("fusePad", () => {
  test("a convolution takes a pad with zeros in", () => {
    const graph = graphOf((b) => b.conv("conv", padded(b, "pad", image(b)), { outChannels: 4, kernel: 3, pad: 1, stride: 2 }));
    const after = rewritten(fusePad, graph);
    assert.deepEqual(operators(after), ["Conv"]);
    assert.deepEqual((after.nodes[0].attributes as { pads: number[] }).pads, [1, 2, 3, 2]);
  });
  const pads: Record<string, (b: GraphBuilder, x: ValueInfo) => ValueInfo> = {
    "with something else than zeros": (b, x) => padded(b, "pad", x, 1),
    "of channels": (b, x) => b.node("Pad", "pad", [x], { before: [0, 1, 0, 0], after: [0, 0, 0, 0], value: 0 }),
    "that removes": (b, x) => b.node("Pad", "pad", [x], { before: [0, 0, -1, 0], after: [0, 0, 0, 0], value: 0 }),
  };
  for (const [what, make] of Object.entries(pads)) {
    test(`one ${what} stays`, () =>
      assertUntouched(
        fusePad,
        graphOf((b) => b.conv("conv", make(b, image(b)), { outChannels: 4, kernel: 3 })),
      ));
  }
  test("one that is read twice, or by a pool, stays", () => {
    assertUntouched(
      fusePad,
      graphOf((b) => {
        const x = padded(b, "pad", image(b));
        return { conv: b.conv("conv", x, { outChannels: 4, kernel: 3 }), pool: b.maxPool("pool", x, { kernel: 3 }) };
      }),
    );
  });
  test("random graphs mean the same", () => assertKeepsMeaning(fusePad));
});

describe("hardSigmoid", () => {
  type Sizes = { add?: number; max?: number; factor?: number; swapped?: boolean; divide?: boolean };
  const written = ({ add = 3, max = 6, factor = 1 / 6, swapped = false, divide = false }: Sizes) =>
    graphOf((b) => {
      const x = image(b);
      const order = (values: ValueInfo[]) => (swapped ? values.reverse() : values);
      const sum = b.node("Add", "sum", order([x, scalar(b, "three", add)]), {});
      const clip = b.activation("clip", sum, { op: "Clip", min: 0, max });
      const gate = divide
        ? b.node("Div", "gate", [clip, scalar(b, "six", 6)], {})
        : b.node("Mul", "gate", order([clip, scalar(b, "sixth", factor)]), {});
      return { out: b.node("Mul", "out", [x, gate], {}) };
    });
  for (const sizes of [{}, { swapped: true }, { divide: true }]) {
    test(`is recognised, and with it HardSwish: ${JSON.stringify(sizes)}`, () => {
      assert.deepEqual(operators(rewritten(hardSigmoid, written(sizes))), ["HardSigmoid", "Mul"]);
      assert.deepEqual(operators(rewritten((graph) => optimise(hardSigmoid(graph)), written(sizes))), ["HardSwish"]);
    });
  }
  for (const sizes of [{ add: 2 }, { max: 5 }, { factor: 0.2 }]) {
    test(`is something else: ${JSON.stringify(sizes)}`, () => assertUntouched(hardSigmoid, written(sizes)));
  }
});

describe("channelArithmetic", () => {
  const constants = (b: GraphBuilder, name: string, dims = [1, 5, 1, 1]) => b.parameter(name, dims);
  const depthwise = (b: GraphBuilder, bias = false) =>
    b.conv("conv", image(b), { outChannels: 5, kernel: 3, pad: 1, group: 5, bias });

  for (const op of ["Add", "Sub"] as const) {
    test(`a product, then ${op}, are a normalisation, which a convolution takes in`, () => {
      const graph = graphOf((b) => {
        const product = b.node("Mul", "mul", [constants(b, "scale"), depthwise(b)], {});
        return b.relu("relu", b.node(op, "sum", [product, constants(b, "bias", [5, 1, 1])], {}));
      });
      assert.deepEqual(operators(rewritten(channelArithmetic, graph)), ["Conv", "BatchNormalization", "Relu"]);
      assert.deepEqual(operators(rewritten((g) => optimise(channelArithmetic(g)), graph)), ["Conv"]);
    });
    for (const bias of [false, true]) {
      test(`${op} alone goes into a convolution ${bias ? "with" : "without"} a bias`, () => {
        const graph = graphOf((b) => b.node(op, "sum", [depthwise(b, bias), constants(b, "constants")], {}));
        assert.deepEqual(operators(rewritten(channelArithmetic, graph)), ["Conv"]);
      });
    }
  }
  for (const dims of [[], [1], [1, 1, 1, 1]]) {
    const number = (b: GraphBuilder, name: string, value: number) => b.parameter(name, dims, Float32Array.of(value));
    test(`numbers with dims [${dims}] are for all channels`, () => {
      const sum = graphOf((b) => b.node("Sub", "sum", [depthwise(b), number(b, "c", 2)], {}));
      assert.deepEqual(operators(rewritten(channelArithmetic, sum)), ["Conv"]);
      const scaled = graphOf((b) => b.add("sum", number(b, "b", -1), b.mul("mul", image(b, 3), number(b, "a", 0.0078))));
      assert.deepEqual(operators(rewritten(channelArithmetic, scaled)), ["BatchNormalization"]);
    });
  }
  const kept: Record<string, (b: GraphBuilder) => ValueInfo | Record<string, ValueInfo>> = {
    "a constant minus a convolution": (b) => b.node("Sub", "sub", [constants(b, "c"), depthwise(b)], {}),
    "constants for each pixel": (b) => b.add("sum", depthwise(b), constants(b, "c", [1, 5, 4, 5])),
    "constants that make an image of a pixel": (b) =>
      b.add("sum", b.globalAveragePool("mean", depthwise(b)), constants(b, "c", [1, 1, 4, 5])),
    "a sum with an image": (b) => b.add("sum", depthwise(b), image(b, 5, "y")),
    "a product alone": (b) => b.node("Mul", "mul", [depthwise(b), constants(b, "c")], {}),
    "a convolution that is read twice": (b) => {
      const conv = depthwise(b);
      return { sum: b.add("sum", conv, constants(b, "c")), relu: b.relu("relu", conv) };
    },
  };
  for (const [what, make] of Object.entries(kept)) {
    test(`${what}: as it was`, () => assertUntouched(channelArithmetic, graphOf(make)));
  }
  test("random graphs mean the same", () => assertKeepsMeaning(channelArithmetic));
});

test("all of them together: random graphs mean the same, and once more changes nothing", () => {
  assertKeepsMeaning(rewriteConverted);
  assertKeepsMeaning((graph) => {
    const after = rewriteConverted(graph);
    assert.deepEqual(operators(rewriteConverted(after)), operators(after));
    return after;
  });
});
