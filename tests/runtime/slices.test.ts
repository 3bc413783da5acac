// Runs in slices: the same bits, with the thread free in between.
import assert from "node:assert/strict";
import { test } from "node:test";
import { squeezenet } from "../../models/index.ts";
import { InputError, loadModel, MinnowError, OptionError, seedWeights } from "../../src/index.ts";
import { yieldToHost } from "../../src/runtime/yield.ts";
import { randomTensor } from "../random.ts";

const graph = squeezenet({ resolution: 64, classes: 10 });
const model = await loadModel(graph, { weights: seedWeights(graph) });
const input = (seed: number) => ({ input: randomTensor([1, 3, 64, 64], seed) });

/** How often timers get their turn while something is under way. */
async function turns(work: Promise<unknown>): Promise<number> {
  let count = 0;
  const timer = setInterval(() => ++count, 0);
  await work.finally(() => clearInterval(timer));
  return count;
}

test("the same bits as in one piece", async () => {
  const whole = await model.run(input(1));
  assert.deepEqual(await model.run(input(1), {}, { sliceMs: 0 }), whole);
  assert.deepEqual(await model.run(input(1), {}, { sliceMs: 1 }), whole);
  assert.deepEqual(await model.run(input(1), {}, { sliceMs: 1e9 }), whole);
});

test("timers get their turn in between, and only then", async () => {
  assert.equal(await turns(model.run(input(1))), 0);
  const several = Promise.all(Array.from({ length: 20 }, (_, i) => model.run(input(i), {}, { sliceMs: 0 })));
  assert.ok((await turns(several)) >= 5);
});

test("runs asked for meanwhile wait, in order, and do not disturb each other", async () => {
  const expected = [];
  for (const seed of [1, 2, 3]) expected.push((await model.run(input(seed))).output.data);
  const order: number[] = [];
  const results = await Promise.all(
    [1, 2, 3].map(async (seed) => {
      const { output } = await model.run(input(seed), {}, seed === 2 ? {} : { sliceMs: 0 });
      order.push(seed);
      return output.data;
    }),
  );
  assert.deepEqual(results, expected);
  assert.deepEqual(order, [1, 2, 3]);
});

test("what cannot be said meanwhile is an error, and an error ends the run", async () => {
  const run = model.run(input(1), {}, { sliceMs: 0 });
  assert.throws(() => model.profile(1), MinnowError);
  await run;
  model.profile(1);
  const broken = input(1);
  broken.input.data[3] = Number.NaN;
  await assert.rejects(model.run(broken, {}, { sliceMs: 0 }), InputError);
  await model.run(input(1));
  for (const sliceMs of [-1, Number.NaN, "8" as unknown as number]) {
    await assert.rejects(model.run(input(1), {}, { sliceMs }), OptionError);
  }
});

test("dispose in the middle of a run ends it", async () => {
  const other = await loadModel(graph, { weights: seedWeights(graph) });
  const run = other.run(input(1), {}, { sliceMs: 0 });
  const waiting = other.run(input(1));
  other.dispose();
  await assert.rejects(run, /disposed of/);
  await assert.rejects(waiting, /disposed of/);
});

test("the thread is given back whatever the host has for it", async (t) => {
  const host = globalThis as Record<string, unknown>;
  const { setImmediate: immediate, MessageChannel: channel } = globalThis;
  t.after(() => Object.assign(globalThis, { setImmediate: immediate, MessageChannel: channel }));
  const order: string[] = [];
  const turn = async (what: string) => {
    await yieldToHost();
    order.push(what);
  };
  await turn("immediate");
  host.setImmediate = undefined;
  await turn("message");
  host.MessageChannel = undefined;
  await turn("timeout");
  let asked = 0;
  host.scheduler = { yield: async () => void ++asked };
  t.after(() => Reflect.deleteProperty(host, "scheduler"));
  await turn("scheduler");
  assert.deepEqual(order, ["immediate", "message", "timeout", "scheduler"]);
  assert.equal(asked, 1);
});
