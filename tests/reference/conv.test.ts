// The reference convolution against sums worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { conv } from "./conv.ts";
import { value } from "./value.ts";

const plain = { strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1], group: 1 } as const;
const nine = value([1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9]);
const exactly = (what: string) => ({ relative: 1e-15, what });

test("conv correlates, it does not flip the kernel", () => {
  const weight = value([1, 1, 2, 2], [1, 10, 100, 1000]);
  assertClose(
    conv(nine, weight, undefined, undefined, plain),
    value([1, 1, 2, 2], [1 + 20 + 400 + 5000, 2 + 30 + 500 + 6000, 4 + 50 + 700 + 8000, 5 + 60 + 800 + 9000]),
    exactly("2×2"),
  );
});

test("conv reads zeros beyond the image, and each pad is its own", () => {
  const weight = value([1, 1, 2, 2], [1, 10, 100, 1000]);
  assertClose(
    conv(nine, weight, undefined, undefined, { ...plain, pads: [1, 0, 0, 1] }),
    value([1, 1, 3, 3], [2100, 3200, 300, 5421, 6532, 603, 8754, 9865, 906]),
    exactly("one row above, one column to the right"),
  );
});

test("conv strides and dilates", () => {
  const weight = value([1, 1, 2, 2], [1, 10, 100, 1000]);
  assertClose(
    conv(nine, weight, undefined, undefined, { ...plain, dilations: [2, 2] }),
    value([1, 1, 1, 1], [1 + 30 + 700 + 9000]),
    exactly("dilations"),
  );
  assertClose(
    conv(nine, value([1, 1, 1, 1], [1]), undefined, undefined, { ...plain, strides: [2, 1] }),
    value([1, 1, 2, 3], [1, 2, 3, 7, 8, 9]),
    exactly("strides"),
  );
});

test("conv adds up channels, multiplies by the scale, then adds the bias", () => {
  const x = value([1, 2, 1, 2], [1, 2, 3, 4]);
  const weight = value([2, 2, 1, 1], [1, 10, 100, 1000]);
  assertClose(
    conv(x, weight, value([2], [0.5, -0.5]), value([2], [2, 3]), plain),
    value([1, 2, 1, 2], [62.5, 84.5, 9299.5, 12599.5]),
    exactly("two channels to two"),
  );
});

test("conv keeps groups and images apart", () => {
  const x = value([2, 4, 1, 1], [1, 2, 3, 4, 5, 6, 7, 8]);
  const weight = value([2, 2, 1, 1], [1, 10, 100, 1000]);
  assertClose(
    conv(x, weight, undefined, undefined, { ...plain, group: 2 }),
    value([2, 2, 1, 1], [21, 4300, 65, 8700]),
    exactly("two groups, two images"),
  );
});
