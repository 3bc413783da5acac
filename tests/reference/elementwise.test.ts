// Reference arithmetic and broadcasting against numbers worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { add, div, mul, sub } from "./elementwise.ts";
import { value } from "./value.ts";

const exactly = (what: string) => ({ relative: 0, what });

test("add, sub, mul and div combine elements in order", () => {
  const [a, b] = [value([2], [6, 8]), value([2], [2, 4])];
  assertClose(add(a, b), value([2], [8, 12]), exactly("add"));
  assertClose(sub(a, b), value([2], [4, 4]), exactly("sub"));
  assertClose(mul(a, b), value([2], [12, 32]), exactly("mul"));
  assertClose(div(a, b), value([2], [3, 2]), exactly("div"));
});

test("dims broadcast from the end, in both directions", () => {
  const plane = value([1, 2, 1, 2], [1, 2, 3, 4]);
  assertClose(add(plane, value([], [10])), value([1, 2, 1, 2], [11, 12, 13, 14]), exactly("scalar"));
  assertClose(add(plane, value([2, 1, 1], [10, 20])), value([1, 2, 1, 2], [11, 12, 23, 24]), exactly("channels"));
  assertClose(sub(value([2], [10, 20]), plane), value([1, 2, 1, 2], [9, 18, 7, 16]), exactly("last axis, reversed"));
  assertClose(mul(value([2, 1], [1, 10]), value([1, 3], [1, 2, 3])), value([2, 3], [1, 2, 3, 10, 20, 30]), exactly("both"));
});
