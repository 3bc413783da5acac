// The reference operators that move elements, against results written out.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { channelShuffle, concat, flatten, pad, reshape, slice, transpose } from "./shape.ts";
import { value } from "./value.ts";

const exactly = (what: string) => ({ relative: 0, what });
const six = value([2, 3], [1, 2, 3, 4, 5, 6]);

test("concat joins along any axis", () => {
  assertClose(concat([six, value([1, 3], [7, 8, 9])], { axis: 0 }), value([3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]), exactly("rows"));
  assertClose(concat([six, value([2, 1], [7, 8])], { axis: 1 }), value([2, 4], [1, 2, 3, 7, 4, 5, 6, 8]), exactly("columns"));
});

test("slice takes every step-th element up to an exclusive end", () => {
  assertClose(slice(six, { starts: [0, 0], ends: [2, 3], steps: [1, 2] }), value([2, 2], [1, 3, 4, 6]), exactly("steps"));
  assertClose(slice(six, { starts: [1, 1], ends: [2, 3], steps: [1, 1] }), value([1, 2], [5, 6]), exactly("starts"));
});

test("pad adds a constant, or takes away", () => {
  const added = pad(six, { before: [1, 0], after: [0, 1], value: 9 });
  assertClose(added, value([3, 4], [9, 9, 9, 9, 1, 2, 3, 9, 4, 5, 6, 9]), exactly("adds"));
  assertClose(pad(six, { before: [0, -1], after: [-1, 1], value: 9 }), value([1, 3], [2, 3, 9]), exactly("takes away"));
});

test("transpose moves axes", () => {
  assertClose(transpose(six, { perm: [1, 0] }), value([3, 2], [1, 4, 2, 5, 3, 6]), exactly("matrix"));
  const cube = reshape(six, { dims: [1, 2, 3] });
  assertClose(transpose(cube, { perm: [2, 0, 1] }), value([3, 1, 2], [1, 4, 2, 5, 3, 6]), exactly("cube"));
});

test("a channel shuffle takes one channel of each group in turn", () => {
  const x = reshape(six, { dims: [1, 6, 1, 1] });
  assertClose(channelShuffle(x, { group: 2 }), value([1, 6, 1, 1], [1, 4, 2, 5, 3, 6]), exactly("two groups"));
  assertClose(channelShuffle(x, { group: 3, range: [1, 4] }), value([1, 3, 1, 1], [3, 5, 2]), exactly("part of three"));
});

test("flatten and reshape keep the order", () => {
  const x = reshape(six, { dims: [1, 2, 3, 1] });
  assertClose(x, value([1, 2, 3, 1], [1, 2, 3, 4, 5, 6]), exactly("reshape"));
  assertClose(flatten(x, { axis: 2 }), six, exactly("flatten in the middle"));
  assertClose(flatten(x, { axis: 0 }), value([1, 6], [1, 2, 3, 4, 5, 6]), exactly("flatten at 0"));
});
