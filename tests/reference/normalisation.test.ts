// The reference batch normalisation against numbers worked out by hand.
import { test } from "node:test";
import { assertClose } from "../compare.ts";
import { batchNormalization } from "./normalisation.ts";
import { value } from "./value.ts";

test("batchNormalization normalises each channel by its own statistics", () => {
  const x = value([2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const [scale, bias] = [value([2], [2, 10]), value([2], [0.5, -1])];
  const [mean, variance] = [value([2], [1, 4]), value([2], [3, 24])];
  assertClose(
    batchNormalization(x, scale, bias, mean, variance, { epsilon: 1 }),
    value([2, 2, 1, 2], [0.5, 1.5, -3, -1, 4.5, 5.5, 5, 7]),
    { relative: 1e-15, what: "two images, two channels" },
  );
});
