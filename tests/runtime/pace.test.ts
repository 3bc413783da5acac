import assert from "node:assert/strict";
import { test } from "node:test";
import { Pace } from "../../src/runtime/pace.ts";

/** Runs `count` times on a machine where a run takes `alone` or `together`; how many of them were alone. */
function runs(pace: Pace, count: number, alone: number, together: number): number {
  let lonely = 0;
  for (let n = 0; n < count; ++n) {
    if (pace.isAlone) ++lonely;
    pace.record(pace.isAlone ? alone : together);
  }
  return lonely;
}

test("where threads help, hardly any run is alone, and ever fewer", () => {
  const pace = new Pace();
  assert.equal(runs(pace, 40, 10, 5.5), 2);
  assert.ok(runs(pace, 10_000, 10, 5.5) < 30);
  assert.ok(runs(pace, 10_000, 10, 5.5) <= 20);
});

test("a run alone that was timed while the machine was slow is forgotten", () => {
  const pace = new Pace();
  runs(pace, 20, 42, 30);
  assert.ok(runs(pace, 1000, 27, 30) > 900);
});

test("where they never help, nearly all runs are alone", () => {
  assert.ok(runs(new Pace(), 1000, 10, 12) > 950);
});

test("one slow run is an accident", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  let lonely = 0;
  for (let n = 0; n < 10; ++n) lonely += runs(pace, 1, 10, 40) + runs(pace, 3, 10, 5.5);
  assert.ok(lonely <= 1, `${lonely} runs alone`);
});

test("threads come back when their cores are free again, within 128 runs", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  assert.ok(runs(pace, 1000, 10, 12) > 950);
  runs(pace, 128, 10, 5.5);
  assert.ok(runs(pace, 1000, 10, 5.5) < 10);
});

test("a machine that becomes slower altogether keeps its threads, or finds them again", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  assert.ok(runs(pace, 100, 15, 8.3) <= 2);
  assert.ok(runs(pace, 100, 40, 22) < 30);
  assert.ok(runs(pace, 1000, 40, 22) < 10);
});
