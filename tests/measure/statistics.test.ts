// The numbers that the bench's tables are made of.
import assert from "node:assert/strict";
import { test } from "node:test";
import { interleave, roundsOf, thorough } from "../../src/measure/interleave.ts";
import { largestDifference, spreadOf } from "../../src/measure/statistics.ts";

test("median and spread", () => {
  assert.deepEqual(spreadOf([5]), { median: 5, p10: 5, p90: 5, least: 5 });
  assert.deepEqual(spreadOf([30, 10, 20]), { median: 20, p10: 12, p90: 28, least: 10 });
  assert.deepEqual(spreadOf([4, 1, 3, 2]).median, 2.5);
  const times = Array.from({ length: 11 }, (_, i) => 100 - i);
  assert.deepEqual(spreadOf(times), { median: 95, p10: 91, p90: 99, least: 90 });
  assert.equal(times[0], 100, "the list is left as it is");
});

test("differences are relative to the largest value", () => {
  const of = (actual: number[], expected: number[]) => largestDifference(Float32Array.from(actual), Float32Array.from(expected));
  assert.equal(of([1, -4], [1, -4]), 0);
  assert.equal(of([1, -3], [1, -4]), 0.25);
  assert.equal(of([0.5], [0]), 0.5);
  for (const wrong of [[Number.NaN, 1], [1], [Infinity, 1]]) assert.equal(of(wrong, [1, 1]), Infinity);
});

test("engines take turns", async () => {
  const calls: string[] = [];
  const rounds: number[] = [];
  const times = await interleave(
    ["a", "b", "c"].map((name) => () => calls.push(name)),
    { warmUp: 0, budget: 0, minRounds: 2, maxRounds: 2 },
    (done) => rounds.push(done),
  );
  assert.equal(calls.join(""), "abcabcabc", "one to warm up, two rounds");
  assert.deepEqual(rounds, [1, 2]);
  assert.deepEqual(
    times.map((list) => list.length),
    [2, 2, 2],
  );
});

test("rounds: many of the fast, at least 20 of most, at least 10 of giants", () => {
  assert.equal(roundsOf(10, thorough), 60);
  assert.equal(roundsOf(500, thorough), 30);
  assert.equal(roundsOf(1400, thorough), 20);
  assert.equal(roundsOf(5000, thorough), 10);
});
