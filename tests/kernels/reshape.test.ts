// Reshape and Flatten against the reference: what lies in blocks of four channels must come out in row-major order.
import { product } from "./cases.ts";
import { grid } from "./check.ts";

grid(
  "Reshape",
  [
    [[1, 1, 1, 1], [1]],
    [
      [1, 12, 1, 1],
      [1, 12],
    ],
    [
      [3, 7, 1, 1],
      [3, 7],
    ],
    [
      [3, 7],
      [3, 7, 1, 1],
    ],
    [
      [1, 3, 5, 4],
      [1, 60],
    ],
    [
      [2, 3, 5, 4],
      [2, 60],
    ],
    [
      [2, 3, 5, 4],
      [6, 20],
    ],
    [
      [2, 3, 5, 4],
      [1, 120],
    ],
    [[2, 3, 5, 4], [120]],
    [
      [2, 3, 5, 4],
      [2, 5, 3, 4],
    ],
    [
      [2, 6, 1, 1],
      [2, 2, 3],
    ],
    [
      [2, 6, 1, 1],
      [3, 4],
    ],
    [
      [2, 6],
      [1, 3, 2, 2],
    ],
    [
      [1, 24],
      [1, 6, 2, 2],
    ],
    [
      [3, 24],
      [3, 6, 2, 2],
    ],
    [[24], [2, 3, 2, 2]],
    [
      [2, 4, 6],
      [2, 6, 4],
    ],
    [
      [2, 4, 6],
      [2, 24],
    ],
    [
      [2, 4, 6],
      [8, 6],
    ],
    [
      [1, 16, 1, 9],
      [1, 9, 16],
    ],
    [
      [1, 5, 3, 3],
      [1, 5, 1, 9],
    ],
    [
      [1, 8, 3, 3],
      [1, 2, 4, 9],
    ],
  ].map(([from, to]) => ({ from, to })),
  (builder, { from, to }) => builder.node("Reshape", "reshape", [builder.input("input", from)], { dims: to }),
);

grid(
  "Flatten",
  product({
    dims: [
      [1, 5, 1, 1],
      [2, 3, 5, 4],
      [3, 8, 1, 1],
      [2, 7],
      [2, 3, 4],
      [1, 17, 2, 2],
    ] as const,
    axis: [0, 1, 2, 3],
  }).filter(({ dims, axis }) => axis <= dims.length),
  (builder, { dims, axis }) => builder.node("Flatten", "flatten", [builder.input("input", dims)], { axis }),
);

grid(
  "Flatten between a convolution and a fully connected layer",
  product({
    batch: [1, 3],
    channels: [3, 4, 7],
    size: [
      [1, 1],
      [1, 3],
      [4, 3],
    ] as const,
  }),
  (builder, { batch, channels, size }) => {
    const x = builder.conv("conv", builder.input("input", [batch, 2, ...size]), { outChannels: channels, kernel: 3, pad: 1 });
    return builder.linear("linear", builder.flatten("flatten", builder.relu("relu", x)), 6);
  },
);

// ShuffleNet's exchange of channels between groups needs five axes; with one row, four are enough.
grid(
  "a reshaped value that is read again as it was",
  product({ batch: [1, 2], channels: [4, 6] }),
  (builder, { batch, channels }) => {
    const x = builder.relu("relu", builder.input("input", [batch, channels, 2, 3]));
    const there = builder.node("Reshape", "there", [x], { dims: [batch, 6, 1, channels] });
    const back = builder.node("Reshape", "back", [builder.activation("swish", there, { op: "Swish" })], { dims: x.dims });
    return { sum: builder.add("add", back, x), there };
  },
);
