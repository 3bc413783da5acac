// Activations by themselves against the reference, near zero and far from it.
import { activations } from "./activations.ts";
import { product } from "./cases.ts";
import { grid } from "./check.ts";

grid(
  "activations",
  product({
    activation: activations,
    dims: [[7], [3, 5], [2, 3, 7], [1, 1, 1, 1], [1, 5, 1, 3], [3, 6, 3, 3], [1, 16, 4, 4]] as const,
    limit: [1, 8, 100],
  }),
  (builder, { activation, dims }) => builder.activation("activation", builder.input("input", dims), activation),
  { range: ({ limit }) => [-limit, limit] },
);

grid(
  "one activation after another",
  product({ first: activations, second: activations }),
  (builder, { first, second }) =>
    builder.activation("second", builder.activation("first", builder.input("input", [1, 6, 3, 3]), first), second),
  { range: () => [-4, 4] },
);
