import assert from "node:assert/strict";
import { test } from "node:test";
import { areProbabilities, softmax, topK } from "../../src/image/topk.ts";

test("softmax of logits", () => {
  const [a, b, c] = softmax([Math.log(1), Math.log(2), Math.log(5)]);
  for (const [got, expected] of [
    [a, 1 / 8],
    [b, 2 / 8],
    [c, 5 / 8],
  ]) {
    assert.ok(Math.abs(got - expected) < 1e-15);
  }
});

test("softmax of huge logits does not overflow", () => {
  assert.deepEqual([...softmax([1e30, 1e30, -1e30])], [0.5, 0.5, 0]);
});

test("the largest come first, of equal ones the lower index", () => {
  assert.deepEqual(
    topK([0.1, 0.3, 0.1, 0.3, 0.2], 3).map(({ index }) => index),
    [1, 3, 4],
  );
  assert.deepEqual(
    topK([0.5, 0.5], 5).map(({ index }) => index),
    [0, 1],
  );
});

test("probabilities are told from logits", () => {
  assert.ok(areProbabilities([0.25, 0.75]));
  assert.ok(areProbabilities([0.25, 0.7505]));
  assert.ok(!areProbabilities([0.25, 0.74]));
  assert.ok(!areProbabilities([-0.5, 1.5]));
  assert.ok(!areProbabilities([Number.NaN, 1]));
});
