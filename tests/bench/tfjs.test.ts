// Graphs translated for tfjs give what Minnow gives.
import assert from "node:assert/strict";
import { test } from "node:test";
import { CannotRun, workloadOf } from "../../bench/engine.ts";
import { minnowEngine } from "../../bench/minnow.ts";
import { tfjs } from "../../bench/tfjs.ts";
import { assertClose } from "../compare.ts";
import { graphOf, graphs } from "./graphs.ts";

for (const [name, graph] of Object.entries(graphs)) {
  test(name, async () => {
    const workload = workloadOf(graph);
    const [expected, actual] = await Promise.all(
      [minnowEngine("strict"), tfjs].map(async (engine) => {
        const runner = await engine.load(workload);
        await runner.run();
        const data = (await runner.run()).slice();
        await runner.dispose();
        return { data, dims: graph.outputs[0].dims };
      }),
    );
    assertClose(actual, expected, { relative: 1e-5, what: name });
  });
}

test("what tfjs lacks is said", async () => {
  const grouped = graphOf((b, x) => b.conv("c", x, { outChannels: 8, kernel: 3, group: 2 }));
  await assert.rejects(tfjs.load(workloadOf(grouped)), (error) => error instanceof CannotRun && /2 groups/.test(error.message));
});
