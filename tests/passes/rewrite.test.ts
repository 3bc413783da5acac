// What passes share: uses, makers, and nodes exchanged.
import assert from "node:assert/strict";
import { test } from "node:test";
import { addParameter, consumers, producers, replaceNodes } from "../../src/passes/rewrite.ts";
import { graphOf, image, operators } from "./meaning.ts";

const graph = graphOf((b) => {
  const x = image(b);
  const y = b.relu("y", x);
  return { y, sum: b.add("sum", y, y) };
});

test("consumers counts every read, and outputs", () => {
  const uses = consumers(graph);
  assert.equal(uses.get("x"), 1);
  assert.equal(uses.get("y"), 3);
  assert.equal(uses.get("sum"), 1);
});

test("producers knows who computes a value; nobody computes an input", () => {
  assert.equal(producers(graph).get("sum")?.op, "Add");
  assert.equal(producers(graph).get("x"), undefined);
});

test("replaceNodes exchanges and drops nodes, and leaves the graph it is given as it was", () => {
  const [relu, add] = graph.nodes;
  const other = replaceNodes(graph, new Map([[relu, { ...relu, op: "Sigmoid" } as typeof relu]]));
  assert.deepEqual(operators(other), ["Sigmoid", "Add"]);
  assert.deepEqual(operators(replaceNodes(graph, new Map([[add, undefined]]))), ["Relu"]);
  assert.deepEqual(operators(graph), ["Relu", "Add"]);
});

test("addParameter spares what has the name", () => {
  const [first, second] = [Float32Array.of(1, 2), Float32Array.of(3, 4)];
  const parameters = new Map();
  const names = [addParameter(parameters, "norm/scale", first), addParameter(parameters, "norm/scale", second, [1, 2, 1, 1])];
  assert.equal(new Set(names).size, 2);
  assert.deepEqual(parameters.get(names[0]), { type: "float32", dims: [2], data: first });
  assert.deepEqual(parameters.get(names[1]), { type: "float32", dims: [1, 2, 1, 1], data: second });
});
