// The checker: what it takes, and for everything that can be wrong with a graph, what it says.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { checkGraph } from "../../src/graph/check.ts";
import type { Graph, Node, Parameter, ValueInfo } from "../../src/graph/graph.ts";

const value = (name: string, ...dims: number[]): ValueInfo => ({ name, type: "float32", dims });
const node = (op: "Relu" | "Add", name: string, inputs: string[], output = name): Node => ({
  op,
  name,
  inputs,
  output,
  attributes: {},
});
const parameter = (...dims: number[]): Parameter => ({ type: "float32", dims });

const good: Graph = {
  name: "net",
  inputs: [value("x", 1, 4, 2, 2)],
  outputs: [value("y", 1, 4, 2, 2)],
  parameters: new Map([["w", parameter(4, 1, 1)]]),
  nodes: [node("Relu", "a", ["x"]), node("Add", "b", ["a", "w"], "y")],
};

const refuses = (what: string, change: Partial<Graph>, message: RegExp) =>
  test(what, () => assert.throws(() => checkGraph({ ...good, ...change }), { name: "GraphError", message }));

test("a sound graph: types and dims of its values", () => {
  const values = checkGraph(good);
  assert.deepEqual([...values.keys()], ["x", "w", "a", "y"]);
  assert.deepEqual(values.get("y")?.dims, [1, 4, 2, 2]);
});
test("one without data, and one with", () => {
  checkGraph({ ...good, parameters: new Map([["w", { ...parameter(4, 1, 1), data: new Float32Array(4) }]]) });
});

describe("names", () => {
  refuses("two inputs of one", { inputs: [value("x", 1), value("x", 1)] }, /graph "net": two values are called "x"/);
  refuses("an input and a parameter", { inputs: [value("w", 1)] }, /two values are called "w"/);
  refuses("a parameter and a result", { parameters: new Map([["y", parameter(1)]]) }, /two values are called "y"/);
  refuses("a value that is computed twice", { nodes: [...good.nodes, node("Relu", "c", ["x"], "y")] }, /two values.*"y"/);
  refuses("two nodes of one", { nodes: [...good.nodes, node("Relu", "a", ["x"], "z")] }, /two nodes are called "a"/);
  refuses("two outputs of one", { outputs: [...good.outputs, ...good.outputs] }, /two outputs are called "y"/);
  refuses("an input without", { inputs: [value("", 1)] }, /a value has no name/);
  refuses("a node without", { nodes: [node("Relu", "", ["x"], "y")] }, /a node has no name/);
  refuses("an output without", { outputs: [value("", 1)] }, /an? output has no name/);
});

describe("dims", () => {
  for (const dims of [[0, 4], [-1, 4], [1.5, 4], [Number.NaN], [Infinity], [2 ** 60]]) {
    refuses(`of an input: [${dims}]`, { inputs: [value("x", ...dims)] }, /graph "net": input "x" has dims \[.*≥ 1/);
  }
  for (const dims of [[0], [-4], [1.5]]) {
    refuses(`of a parameter: [${dims}]`, { parameters: new Map([["w", parameter(...dims)]]) }, /graph "net"|Add "b"/);
  }
  refuses(
    "of an output declared otherwise",
    { outputs: [value("y", 1, 4, 4)] },
    /output "y" is declared as \[1,4,4\].*\[1,4,2,2\]/,
  );
  refuses(
    "of a parameter that its data does not fill",
    { parameters: new Map([["w", { ...parameter(4, 1, 1), data: new Float32Array(5) }]]) },
    /parameter "w" has dims \[4,1,1\] but 5 elements/,
  );
  refuses("that do not fit a node", { parameters: new Map([["w", parameter(3, 1, 1)]]) }, /Add "b": .*do not broadcast/);
});

describe("structure", () => {
  refuses("no inputs", { inputs: [], nodes: [node("Relu", "y", ["w"])] }, /it has no inputs/);
  refuses("no outputs", { outputs: [] }, /it has no outputs/);
  refuses("an output that nothing computes", { outputs: [value("z", 1)] }, /nothing computes its output "z"/);
  refuses("a cycle", { nodes: [node("Add", "b", ["x", "y"], "y")] }, /Add "b" reads "y", which nothing before it computes/);
  refuses("nodes out of order", { nodes: [...good.nodes].reverse() }, /Add "b" reads "a"/);
});
