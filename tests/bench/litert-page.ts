// The page of litert.test.ts: what LiteRT.js computes of each graph, or why it does not.
import { CannotRun, workloadOf } from "../../bench/engine.ts";
import { litert } from "../../bench/litert.ts";
import { graphs } from "./graphs.ts";

async function outputs(): Promise<Record<string, number[] | string>> {
  const results: Record<string, number[] | string> = {};
  for (const [name, graph] of Object.entries(graphs)) {
    try {
      const runner = await litert.load(workloadOf(graph));
      await runner.run();
      results[name] = [...(await runner.run())];
      await runner.dispose();
    } catch (error) {
      if (!(error instanceof CannotRun)) throw error;
      results[name] = error.message;
    }
  }
  return results;
}

Object.assign(globalThis, {
  result: outputs().then(
    (value) => ({ value }),
    ({ name, message }) => ({ error: { name, message } }),
  ),
});
