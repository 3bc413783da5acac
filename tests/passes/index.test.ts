// All passes in their order: what networks are made of becomes what kernels compute.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GraphBuilder } from "../../src/graph/builder.ts";
import type { ValueInfo } from "../../src/graph/graph.ts";
import { optimise } from "../../src/passes/index.ts";
import { assertKeepsMeaning, graphOf, image, operators, rewritten } from "./meaning.ts";
import { describeGraph, randomGraph } from "./random-graph.ts";

const convNorm = (b: GraphBuilder, name: string, x: ValueInfo) =>
  b.batchNorm(`${name}.norm`, b.conv(name, x, { outChannels: 5, kernel: 3, pad: 1, bias: false }));

test("a ResNet block becomes two convolutions", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const y = convNorm(b, "second", b.relu("relu", convNorm(b, "first", x)));
    return b.relu("last", b.add("sum", y, x));
  });
  assert.deepEqual(operators(rewritten(optimise, graph)), ["Conv", "Conv"]);
});

test("a ResNet block with a projection becomes three", () => {
  const graph = graphOf((b) => {
    const x = image(b);
    const y = convNorm(b, "second", b.relu("relu", convNorm(b, "first", x)));
    return b.relu("last", b.add("sum", y, convNorm(b, "projection", x)));
  });
  assert.deepEqual(operators(rewritten(optimise, graph)), ["Conv", "Conv", "Conv"]);
});

test("a convolution with an exporter's swish becomes one", () => {
  const graph = graphOf((b) => {
    const y = convNorm(b, "conv", image(b));
    return b.node("Mul", "swish", [y, b.activation("gate", y, { op: "Sigmoid" })], {});
  });
  assert.deepEqual(operators(rewritten(optimise, graph)), ["Conv"]);
});

test("random graphs mean the same", () => assertKeepsMeaning(optimise));

test("a second time means the same", () => {
  for (let seed = 1; seed <= 60; ++seed) rewritten(optimise, optimise(randomGraph(seed)));
});

test("the graph that is given stays as it was", () => {
  for (let seed = 1; seed <= 10; ++seed) {
    const graph = randomGraph(seed);
    const [text, parameters] = [describeGraph(graph), [...graph.parameters.keys()]];
    optimise(graph);
    assert.equal(describeGraph(graph), text);
    assert.deepEqual([...graph.parameters.keys()], parameters);
  }
});
