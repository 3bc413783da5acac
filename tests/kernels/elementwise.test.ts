// Add, Sub, Mul and Div against the reference, with NumPy's broadcasting, and BatchNormalization by itself.
import { activations } from "./activations.ts";
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

const operators = ["Add", "Sub", "Mul", "Div"] as const;

/** Pairs of dims that broadcast to each other, of equal rank. */
const sameRank = [
  [
    [1, 1, 1, 1],
    [1, 1, 1, 1],
  ],
  [
    [1, 3, 1, 5],
    [1, 3, 1, 5],
  ],
  [
    [1, 4, 3, 3],
    [1, 4, 3, 3],
  ],
  [
    [3, 7, 5, 4],
    [3, 7, 5, 4],
  ],
  [
    [1, 13, 4, 4],
    [1, 13, 1, 1],
  ],
  [
    [3, 8, 5, 3],
    [3, 8, 1, 1],
  ],
  [
    [3, 8, 5, 3],
    [1, 8, 1, 1],
  ],
  [
    [2, 6, 4, 4],
    [2, 1, 4, 4],
  ],
  [
    [2, 6, 4, 4],
    [1, 1, 4, 4],
  ],
  [
    [1, 5, 4, 6],
    [1, 5, 4, 1],
  ],
  [
    [1, 5, 4, 6],
    [1, 5, 1, 6],
  ],
  [
    [1, 5, 4, 6],
    [1, 1, 1, 1],
  ],
  [
    [2, 5, 4, 1],
    [2, 1, 1, 6],
  ],
  [
    [1, 7, 1, 1],
    [2, 1, 3, 3],
  ],
  [
    [3, 10],
    [3, 10],
  ],
  [
    [3, 10],
    [1, 10],
  ],
  [
    [3, 10],
    [3, 1],
  ],
  [
    [2, 5, 7],
    [2, 5, 7],
  ],
  [
    [2, 5, 7],
    [2, 5, 1],
  ],
  [
    [2, 5, 7],
    [1, 1, 7],
  ],
] as const;

/** Pairs whose shorter dims are aligned with the longer ones' last axes. */
const otherRank = [
  [[1, 5, 4, 6], []],
  [[2, 5, 4, 6], [1]],
  [[2, 5, 4, 6], [6]],
  [[1, 4, 4, 4], [4]],
  [
    [2, 5, 4, 6],
    [4, 1],
  ],
  [
    [2, 5, 4, 6],
    [4, 6],
  ],
  [
    [2, 5, 4, 6],
    [5, 1, 1],
  ],
  [
    [2, 8, 4, 6],
    [8, 1, 1],
  ],
  [
    [2, 5, 4, 6],
    [5, 4, 6],
  ],
  [[2, 5, 7], [7]],
  [
    [2, 5, 7],
    [5, 1],
  ],
  [
    [2, 5, 7],
    [5, 7],
  ],
  [[3, 10], [10]],
  [[3, 10], [1]],
  [
    [2, 5, 3, 5],
    [3, 5],
  ],
] as const;

/** Divisors stay away from zero. */
const range = ({ operator }: { operator: string }) => (operator === "Div" ? ([0.5, 2] as const) : ([-2, 2] as const));

for (const [title, pairs] of [
  ["dims of one rank", sameRank],
  ["dims of different ranks", otherRank],
] as const) {
  grid(
    `Add, Sub, Mul and Div, ${title}`,
    product({ operator: operators, pair: pairs, swapped: [false, true] }),
    (builder, { operator, pair, swapped }) => {
      const [a, b] = pair.map((dims, i) => builder.input("ab"[i], dims));
      return builder.node(operator, "result", swapped ? [b, a] : [a, b], {});
    },
    { range },
  );

  grid(
    `Add, Sub, Mul and Div of a constant, ${title}`,
    product({ operator: ["Add", "Sub", "Mul"] as const, pair: pairs, swapped: [false, true] }),
    (builder, { operator, pair, swapped }) => {
      const a = builder.input("a", pair[0]);
      const b = builder.parameter("b", pair[1]);
      return builder.node(operator, "result", swapped ? [b, a] : [a, b], {});
    },
  );
}

grid(
  "all channel counts",
  product({
    operator: operators,
    batch: [1, 3],
    channels: oddChannels,
    size: [
      [1, 1],
      [1, 5],
      [3, 3],
    ] as const,
    each: [true, false],
  }),
  (builder, { operator, batch, channels, size, each }) => {
    const a = builder.input("a", [batch, channels, ...size]);
    const b = builder.input("b", each ? a.dims : [batch, channels, 1, 1]);
    return builder.node(operator, "result", [a, b], {});
  },
  { range },
);

grid(
  "a value with itself",
  product({ operator: operators, channels: [3, 8] }),
  (builder, { operator, channels }) => {
    const a = builder.relu("relu", builder.input("a", [1, channels, 3, 3]));
    return builder.node(operator, "result", [a, a], {});
  },
  { range: () => [0.5, 2] },
);

grid(
  "with an activation",
  product({ operator: operators, channels: [3, 8], activation: activations }),
  (builder, { operator, channels, activation }) => {
    const [a, b] = ["a", "b"].map((name) => builder.input(name, [2, channels, 3, 3]));
    return builder.activation("activation", builder.node(operator, "result", [a, b], {}), activation);
  },
  { range },
);

grid(
  "BatchNormalization",
  product({ batch: [1, 3], channels: oddChannels, size: [[], [5], [1, 1], [1, 5], [3, 3]] as const, epsilon: [1e-5, 0.1] }),
  (builder, { batch, channels, size, epsilon }) =>
    builder.batchNorm("norm", builder.input("input", [batch, channels, ...size]), epsilon),
);

grid(
  "BatchNormalization with an activation",
  product({ channels: [5, 8], activation: activations }),
  (builder, { channels, activation }) =>
    builder.activation("activation", builder.batchNorm("norm", builder.input("input", [2, channels, 3, 3])), activation),
);
