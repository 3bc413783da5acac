// Local response normalisation against the reference, with windows from one channel to more than there are.
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

grid(
  "LRN",
  product({
    batch: [1, 3],
    channels: [...oddChannels, 64],
    size: [1, 2, 3, 4, 5, 6, 7, 9, 12, 40],
    dims: [
      [1, 1],
      [2, 3],
      [13, 11],
    ] as const,
  }),
  (builder, { batch, channels, size, dims }) =>
    builder.node("LRN", "lrn", [builder.input("input", [batch, channels, ...dims])], { size, alpha: 1, beta: 0.75, bias: 1 }),
);

grid(
  "LRN of other powers and scales",
  product({ size: [3, 5], alpha: [0, 1e-4, 2], beta: [-0.5, 0, 0.5, 0.75, 1, 2.5], bias: [0.5, 1, 2], limit: [1, 100] }),
  (builder, { size, alpha, beta, bias }) =>
    builder.node("LRN", "lrn", [builder.input("input", [1, 10, 5, 4])], { size, alpha, beta, bias }),
  { range: ({ limit }) => [-limit, limit] },
);
