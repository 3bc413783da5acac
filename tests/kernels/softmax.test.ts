// Softmax and LogSoftmax against the reference, along every axis but the batch.
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

const operators = ["Softmax", "LogSoftmax"] as const;

grid(
  "softmax of classes",
  product({ operator: operators, batch: [1, 3], classes: [...oddChannels, 10, 1000, 1001], limit: [1, 10, 1000] }),
  (builder, { operator, batch, classes }) =>
    builder.node(operator, "softmax", [builder.input("input", [batch, classes])], { axis: 1 }),
  { range: ({ limit }) => [-limit, limit] },
);

grid(
  "softmax along an axis",
  product({
    operator: operators,
    dims: [
      [2, 5, 1, 1],
      [1, 8, 3, 3],
      [2, 7, 4, 5],
      [1, 1, 6, 6],
      [3, 4, 1, 9],
      [2, 6, 7],
    ] as const,
    axis: [1, 2, 3],
  }).filter(({ dims, axis }) => axis < dims.length),
  (builder, { operator, dims, axis }) => builder.node(operator, "softmax", [builder.input("input", dims)], { axis }),
  { range: () => [-5, 5] },
);

grid("softmax of a vector", product({ operator: operators, length: oddChannels }), (builder, { operator, length }) =>
  builder.node(operator, "softmax", [builder.input("input", [length])], { axis: 0 }),
);

// A constant far from zero: without taking the largest away first, exp would overflow.
grid(
  "softmax of large logits",
  product({ operator: operators, offset: [-1e4, 1e4] }),
  (builder, { operator }) => builder.node(operator, "softmax", [builder.input("input", [2, 11])], { axis: 1 }),
  { range: ({ offset }) => [offset, offset + 8] },
);
