// The reference pools against windows worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { averagePool, globalAveragePool, maxPool } from "./pool.ts";
import { value } from "./value.ts";

const nine = value([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const two = { kernelShape: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0], dilations: [1, 1], ceilMode: false } as const;
const exactly = (what: string) => ({ relative: 1e-15, what });

test("maxPool takes the largest pixel", () => {
  assertClose(maxPool(nine, { ...two, strides: [1, 1] }), value([1, 1, 2, 2], [5, 6, 8, 9]), exactly("stride 1"));
  assertClose(maxPool(nine, two), value([1, 1, 1, 1], [5]), exactly("size rounded down"));
  assertClose(maxPool(nine, { ...two, ceilMode: true }), value([1, 1, 2, 2], [5, 6, 8, 9]), exactly("size rounded up"));
  assertClose(maxPool(nine, { ...two, dilations: [2, 2] }), value([1, 1, 1, 1], [9]), exactly("dilations"));
});

test("maxPool never takes a pad, even where all pixels are negative", () => {
  const negative = value([1, 2, 1, 2], [-1, -2, -3, -4]);
  const pooled = maxPool(negative, { ...two, pads: [1, 1, 0, 1] });
  assertClose(pooled, value([1, 2, 1, 2], [-1, -2, -3, -4]), exactly("pads"));
});

test("averagePool counts pads only when asked", () => {
  const padded = { ...two, pads: [1, 1, 0, 0] } as const;
  assertClose(
    averagePool(nine, { ...padded, countIncludePad: false }),
    value([1, 1, 2, 2], [1, 2.5, 5.5, 7]),
    exactly("without pads"),
  );
  assertClose(
    averagePool(nine, { ...padded, countIncludePad: true }),
    value([1, 1, 2, 2], [0.25, 1.25, 2.75, 7]),
    exactly("with pads"),
  );
});

test("averagePool never counts what lies beyond the pads", () => {
  assertClose(
    averagePool(nine, { ...two, ceilMode: true, countIncludePad: true }),
    value([1, 1, 2, 2], [3, 4.5, 7.5, 9]),
    exactly("size rounded up"),
  );
});

test("globalAveragePool takes the mean of each plane", () => {
  const x = value([2, 2, 1, 2], [1, 3, 5, 7, -1, -3, 0, 1]);
  assertClose(globalAveragePool(x), value([2, 2, 1, 1], [2, 6, -2, 0.5]), exactly("four planes"));
});
