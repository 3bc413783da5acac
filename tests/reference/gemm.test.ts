// The reference matrix product against products worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { gemm } from "./gemm.ts";
import { value } from "./value.ts";

const x = value([2, 3], [1, 2, 3, 4, 5, 6]);
const weight = value([2, 3], [1, 10, 100, 1, 0, -1]);
const turned = value([3, 2], [1, 1, 10, 0, 100, -1]);

test("gemm multiplies by the weight as stored or turned", () => {
  const expected = value([2, 2], [321, -2, 654, -2]);
  assertClose(gemm(x, weight, undefined, { transB: true }), expected, { relative: 0, what: "[M,K]" });
  assertClose(gemm(x, turned, undefined, { transB: false }), expected, { relative: 0, what: "[K,M]" });
});

test("gemm adds a bias to each column", () => {
  const sums = value([2, 2], [321.5, -4, 654.5, -4]);
  assertClose(gemm(x, weight, value([2], [0.5, -2]), { transB: true }), sums, { relative: 0, what: "bias" });
});
