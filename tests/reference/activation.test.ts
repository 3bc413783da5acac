// The reference activations against values worked out by hand.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Activation } from "../../src/graph/operators.ts";
import { activate } from "./activation.ts";

const cases: readonly (readonly [Activation, readonly (readonly [x: number, y: number])[]])[] = [
  [
    { op: "Relu" },
    [
      [-1, 0],
      [0, 0],
      [2.5, 2.5],
    ],
  ],
  [
    { op: "Clip", min: 0, max: 6 },
    [
      [-1, 0],
      [3, 3],
      [7, 6],
    ],
  ],
  [
    { op: "LeakyRelu", alpha: 0.1 },
    [
      [-10, -1],
      [0, 0],
      [2, 2],
    ],
  ],
  [
    { op: "Sigmoid" },
    [
      [0, 0.5],
      [Math.log(3), 0.75],
      [-Math.log(3), 0.25],
      [-1000, 0],
      [1000, 1],
    ],
  ],
  [
    { op: "HardSigmoid", alpha: 0.2, beta: 0.5 },
    [
      [-3, 0],
      [0, 0.5],
      [1, 0.7],
      [3, 1],
    ],
  ],
  [
    { op: "HardSwish" },
    [
      [-4, 0],
      [-3, 0],
      [-1.5, -0.375],
      [0, 0],
      [1.5, 1.125],
      [3, 3],
      [4, 4],
    ],
  ],
  [
    { op: "Swish" },
    [
      [0, 0],
      [Math.log(3), 0.75 * Math.log(3)],
      [-Math.log(3), -0.25 * Math.log(3)],
      [1000, 1000],
    ],
  ],
];

for (const [activation, points] of cases) {
  test(`activate ${JSON.stringify(activation)}`, () => {
    for (const [x, y] of points) {
      const actual = activate(x, activation);
      assert.ok(Math.abs(actual - y) <= 1e-15 * Math.max(1, Math.abs(y)), `at ${x}: ${actual}, expected ${y}`);
    }
  });
}
