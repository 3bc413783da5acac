// Whole graphs in the reference: values flow by name, and fused forms equal what they stand for.
import assert from "node:assert/strict";
import { test } from "node:test";
import { GraphBuilder } from "../../src/graph/builder.ts";
import type { Graph, Node } from "../../src/graph/graph.ts";
import { Tensor } from "../../src/tensor.ts";
import { assertClose } from "../compare.ts";
import { random, randomTensor } from "../random.ts";
import { evaluate } from "./evaluate.ts";
import { value } from "./value.ts";

const window = { kernelShape: [3, 3], strides: [1, 1], pads: [1, 1, 1, 1], dilations: [1, 1], group: 1 } as const;

test("evaluate returns inputs, parameters and what each node computes", () => {
  const builder = new GraphBuilder("small");
  const x = builder.input("x", [1, 1, 1, 2]);
  const weight = builder.parameter("weight", [1, 1, 1, 1], Float32Array.of(-2));
  const y = builder.node("Conv", "y", [x, weight], { ...window, kernelShape: [1, 1], pads: [0, 0, 0, 0] });
  const graph = builder.build({ out: builder.concat("both", [builder.relu("relu", y), x]) });
  const values = evaluate(graph, { x: new Tensor("float32", [1, -3], [1, 1, 1, 2]) });
  assert.deepEqual([...values.keys()], ["x", "weight", "y", "relu", "both", "out"]);
  const expected = { y: [-2, 6], relu: [0, 6] };
  for (const [name, numbers] of Object.entries(expected)) {
    assertClose(values.get(name)!, value([1, 1, 1, 2], numbers), { relative: 0, what: name });
  }
  assertClose(values.get("out")!, value([1, 2, 1, 2], [0, 6, 1, -3]), { relative: 0, what: "out" });
});

test("a fused convolution equals convolution, scale, bias, residual and activation one by one", () => {
  const dims = [2, 3, 5, 4];
  const parameters = {
    weight: randomTensor([3, 3, 3, 3], 1),
    bias: randomTensor([3], 2),
    scale: randomTensor([3], 3, 0.5, 2),
  };
  const stored = Object.entries(parameters);
  const graph = (nodes: readonly Node[]): Graph => ({
    name: "fused",
    inputs: ["x", "residual"].map((name) => ({ name, dims, type: "float32" })),
    outputs: [{ name: "y", dims, type: "float32" }],
    parameters: new Map([...stored, ["column", new Tensor("float32", parameters.scale.data, [3, 1, 1])]]),
    nodes,
  });
  const inputs = { x: randomTensor(dims, 4), residual: randomTensor(dims, 5) };
  const fused: Node = {
    op: "Conv",
    name: "fused",
    inputs: ["x", "weight", "bias", "scale", "residual"],
    output: "y",
    attributes: { ...window, activation: { op: "LeakyRelu", alpha: 0.25 } },
  };
  const apart: Node[] = [
    { op: "Conv", name: "conv", inputs: ["x", "weight"], output: "a", attributes: window },
    { op: "Mul", name: "scale", inputs: ["a", "column"], output: "b", attributes: {} },
    { op: "Reshape", name: "reshape", inputs: ["bias"], output: "c", attributes: { dims: [3, 1, 1] } },
    { op: "Add", name: "bias", inputs: ["b", "c"], output: "d", attributes: {} },
    { op: "Add", name: "residual", inputs: ["residual", "d"], output: "e", attributes: {} },
    { op: "LeakyRelu", name: "activation", inputs: ["e"], output: "y", attributes: { alpha: 0.25 } },
  ].map((node) => node as Node);
  const [actual, expected] = [[fused], apart].map((nodes) => evaluate(graph(nodes), inputs).get("y")!);
  assertClose(actual, expected, { relative: 1e-14, what: "fused convolution" });
});

test("evaluate says which input or parameter is missing", () => {
  const builder = new GraphBuilder("missing");
  const x = builder.input("x", [1, 1, 4, 4]);
  const graph = builder.build({ y: builder.conv("conv", x, { outChannels: 1, kernel: 3 }) });
  assert.throws(() => evaluate(graph, {}), /input "x"/);
  assert.throws(() => evaluate(graph, { x: randomTensor([1, 1, 4, 4], 1) }), /parameter "conv.weight"/);
});

test("random numbers depend on nothing but the seed", () => {
  const next = random(1);
  assert.deepEqual([next(), next(), next()], [0.6270739405881613, 0.002735721180215478, 0.5274470399599522]);
});
