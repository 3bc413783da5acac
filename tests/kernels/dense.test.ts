// Fully connected layers against the reference: Gemm with its weight either way round.
import { oddChannels, product } from "./cases.ts";
import { grid } from "./check.ts";

grid(
  "Gemm",
  product({
    batch: [1, 2, 3],
    inputs: [...oddChannels, 100, 256],
    outputs: [...oddChannels, 100],
    transB: [true, false],
    bias: [true, false],
  }),
  (builder, { batch, inputs, outputs, transB, bias }) =>
    builder.node(
      "Gemm",
      "gemm",
      [
        builder.input("input", [batch, inputs]),
        builder.parameter("weight", transB ? [outputs, inputs] : [inputs, outputs]),
        bias ? builder.parameter("bias", [outputs]) : undefined,
      ],
      { transB },
    ),
);

grid(
  "Gemm after Gemm",
  product({
    batch: [1, 3],
    widths: [
      [5, 7, 3],
      [8, 4, 10],
      [1, 1, 1],
      [13, 17, 1000],
    ] as const,
  }),
  (builder, { batch, widths: [inputs, hidden, outputs] }) => {
    const x = builder.input("input", [batch, inputs]);
    return builder.linear("second", builder.relu("relu", builder.linear("first", x, hidden)), outputs);
  },
);
