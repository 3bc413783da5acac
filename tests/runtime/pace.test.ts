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

test("where threads help, two runs alone are all there are", () => {
  assert.equal(runs(new Pace(), 10_000, 10, 5.5), 2);
});

test("where they never help, nearly all runs are alone", () => {
  assert.ok(runs(new Pace(), 1000, 10, 12) > 950);
});

test("one slow run is an accident", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  for (let n = 0; n < 10; ++n) {
    assert.equal(runs(pace, 1, 10, 40), 0);
    assert.equal(runs(pace, 3, 10, 5.5), 0);
  }
});

test("threads come back when their cores are free again, within 128 runs", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  assert.ok(runs(pace, 1000, 10, 12) > 950);
  runs(pace, 128, 10, 5.5);
  assert.equal(runs(pace, 1000, 10, 5.5), 0);
});

test("a machine that becomes slower altogether keeps its threads, or finds them again", () => {
  const pace = new Pace();
  runs(pace, 20, 10, 5.5);
  assert.equal(runs(pace, 100, 15, 8.3), 0);
  assert.ok(runs(pace, 100, 40, 22) < 30);
  assert.equal(runs(pace, 1000, 40, 22), 0);
});
