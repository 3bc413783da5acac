// Random networks, end to end: graph → passes → plan → engine, against the float64 reference on the graph as it was built.
import { test } from "node:test";
import { loadModel } from "../../src/index.ts";
import { assertClose } from "../compare.ts";
import { randomGraph } from "../plan/graphs.ts";
import { randomTensor } from "../random.ts";
import { evaluate } from "../reference/evaluate.ts";

test("200 random networks give what the reference gives, twice", async () => {
  for (let seed = 1; seed <= 200; ++seed) {
    const graph = randomGraph(seed);
    const model = await loadModel(graph);
    // The second run finds the memory as the first one left it.
    for (const half of [0, 1]) {
      const inputs = Object.fromEntries(
        graph.inputs.map(({ name, dims }, i) => [name, randomTensor(dims, seed * 10 + i + half * 5)]),
      );
      const results = await model.run(inputs);
      const expected = evaluate(graph, inputs);
      for (const { name } of graph.outputs) {
        assertClose(results[name], expected.get(name)!, {
          relative: 1e-4,
          what: `randomGraph(${seed}), output ${name}, run ${half}`,
        });
      }
    }
    model.dispose();
  }
});
