// GraphBuilder: the nodes, parameters and dims that each method writes, and mistakes reported where they are made.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph } from "../../src/graph/graph.ts";

const make = () => {
  const builder = new GraphBuilder("net");
  return { builder, x: builder.input("x", [1, 6, 9, 8]) };
};
const parametersOf = (graph: Graph) => Object.fromEntries([...graph.parameters].map(([name, { dims }]) => [name, dims]));

describe("methods", () => {
  test("conv: numbers stand for both axes, defaults are 1, 0 and a bias", () => {
    const { builder, x } = make();
    const y = builder.conv("c", x, { outChannels: 8, kernel: 3 });
    const z = builder.conv("d", y, {
      outChannels: 4,
      kernel: [1, 3],
      stride: [1, 2],
      pad: [0, 1, 2, 3],
      dilation: [2, 1],
      group: 2,
      bias: false,
    });
    assert.deepEqual(
      [y.dims, z.dims],
      [
        [1, 8, 7, 6],
        [1, 4, 9, 4],
      ],
    );
    const graph = builder.build({ z });
    assert.deepEqual(parametersOf(graph), { "c.weight": [8, 6, 3, 3], "c.bias": [8], "d.weight": [4, 4, 1, 3] });
    assert.deepEqual(graph.nodes[0], {
      op: "Conv",
      name: "c",
      inputs: ["x", "c.weight", "c.bias"],
      output: "c",
      attributes: { kernelShape: [3, 3], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 },
    });
    assert.deepEqual(graph.nodes[1].inputs, ["c", "d.weight", ""]);
  });
  test("linear, flatten and globalAveragePool", () => {
    const { builder, x } = make();
    const pooled = builder.flatten("flat", builder.globalAveragePool("pool", x));
    const y = builder.linear("fc", pooled, 5);
    assert.deepEqual(
      [pooled.dims, y.dims],
      [
        [1, 6],
        [1, 5],
      ],
    );
    assert.deepEqual(parametersOf(builder.build({ y })), { "fc.weight": [5, 6], "fc.bias": [5] });
  });
  test("batchNorm has PyTorch's names", () => {
    const { builder, x } = make();
    const graph = builder.build({ y: builder.batchNorm("bn", x) });
    assert.deepEqual(Object.keys(parametersOf(graph)), ["bn.weight", "bn.bias", "bn.running_mean", "bn.running_var"]);
    assert.deepEqual(graph.nodes[0].attributes, { epsilon: 1e-5 });
  });
  test("maxPool, concat, add and activations", () => {
    const { builder, x } = make();
    const pooled = builder.maxPool("p", x, { kernel: 2, stride: 2, ceilMode: true });
    const joined = builder.concat("cat", [pooled, builder.relu("r", pooled)]);
    const y = builder.activation("clip", builder.add("sum", joined, joined), { op: "Clip", min: 0, max: 6 });
    assert.deepEqual(
      [pooled.dims, joined.dims, y.dims],
      [
        [1, 6, 5, 4],
        [1, 12, 5, 4],
        [1, 12, 5, 4],
      ],
    );
    assert.deepEqual(builder.build({ y }).nodes.at(-2)!.attributes, { min: 0, max: 6 });
  });
  test("value and parameterOf find by name", () => {
    const { builder, x } = make();
    builder.parameter("w", [2], new Float32Array([1, 2]));
    assert.equal(builder.value("x"), x);
    assert.deepEqual(builder.value("w")?.dims, [2]);
    assert.deepEqual(builder.parameterOf("w")?.data, new Float32Array([1, 2]));
    assert.equal(builder.value("nothing"), undefined);
    assert.equal(builder.parameterOf("x"), undefined);
  });
});

describe("build", () => {
  test("names outputs as asked, through an Identity where they have another name", () => {
    const { builder, x } = make();
    const y = builder.relu("y", x);
    const graph = builder.build({ y, scores: y });
    assert.deepEqual(
      graph.outputs.map(({ name }) => name),
      ["y", "scores"],
    );
    assert.deepEqual(
      graph.nodes.map(({ op, output }) => [op, output]),
      [
        ["Relu", "y"],
        ["Identity", "scores"],
      ],
    );
  });
  test("takes a map, keeps its order, and a normalisation", () => {
    const { builder, x } = make();
    const normalisation = { mean: [0, 0, 0], std: [1, 1, 1], scale: 255 };
    const graph = builder.build(
      new Map([
        ["2", builder.relu("2", x)],
        ["1", builder.relu("1", x)],
      ]),
      normalisation,
    );
    assert.deepEqual(
      graph.outputs.map(({ name }) => name),
      ["2", "1"],
    );
    assert.equal(graph.normalisation, normalisation);
  });
});

describe("mistakes", () => {
  const refuses = (what: string, build: (parts: ReturnType<typeof make>) => unknown, message: RegExp) =>
    test(what, () => assert.throws(() => build(make()), { name: "GraphError", message }));
  refuses("two values of one name", ({ builder, x }) => [builder.relu("a", x), builder.relu("a", x)], /"net": two values.*"a"/);
  refuses("a node named as an input", ({ builder, x }) => builder.relu("x", x), /two values are called "x"/);
  refuses("an input named as another", ({ builder }) => builder.input("x", [1]), /two values are called "x"/);
  refuses("two parameters of one name", ({ builder }) => [builder.parameter("w", [1]), builder.parameter("w", [1])], /"w"/);
  refuses("dims that do not fit", ({ builder, x }) => builder.add("sum", x, builder.parameter("w", [5, 1, 1])), /Add "sum"/);
  refuses(
    "a group that does not divide",
    ({ builder, x }) => builder.conv("c", x, { outChannels: 8, kernel: 1, group: 4 }),
    /Conv "c"/,
  );
  refuses("an output named as another value", ({ builder, x }) => builder.build({ x: builder.relu("y", x) }), /two values.*"x"/);
  refuses("no outputs", ({ builder }) => builder.build({}), /no outputs/);
  refuses("an input of no size", ({ builder }) => builder.build({ z: builder.input("z", [0]) }), /"z" has dims \[0\]/);
});
