// The reference softmax against values worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { logSoftmax, softmax } from "./softmax.ts";
import { map, value } from "./value.ts";

const [one, two, three] = [0, Math.log(2), Math.log(3)];

test("softmax divides by the sum along its axis", () => {
  const x = value([2, 2], [one, three, two, two]);
  const close = (what: string) => ({ relative: 1e-15, what });
  assertClose(softmax(x, { axis: 1 }), value([2, 2], [0.25, 0.75, 0.5, 0.5]), close("rows"));
  assertClose(softmax(x, { axis: 0 }), value([2, 2], [1 / 3, 0.6, 2 / 3, 0.4]), close("columns"));
});

test("softmax of large numbers does not overflow", () => {
  const x = value([1, 2, 1, 1], [1e4 + one, 1e4 + three]);
  const expected = value([1, 2, 1, 1], [0.25, 0.75]);
  assertClose(softmax(x, { axis: 1 }), expected, { relative: 1e-11, what: "1e4" });
  assertClose(logSoftmax(x, { axis: 1 }), map(expected, Math.log), { relative: 1e-11, what: "log, 1e4" });
});
